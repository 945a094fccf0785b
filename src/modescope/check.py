"""The whole of params.yaml against what the code knows, before anything is trained; and each study's plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import torch

from modescope import datasets, metrics, registry, studies, variants
from modescope.config import ConfigError, Experiment, Params, steps_at
from modescope.validation import shown, typed


def check(content: Mapping[str, Any]) -> Params:
    """The typed parameters.

    Raises ConfigError with one line for the first thing that is wrong: the path in params.yaml, the
    value, and what is allowed.
    """
    params = typed("", lambda: Params.model_validate(dict(content)))
    for name, spec in params.datasets.items():
        _named(f"datasets.{name}.kind", spec.get("kind"), "datasets")
        typed(f"datasets.{name}", partial(datasets.build, spec))
    for name, spec in params.metrics.items():
        _named(f"metrics.{name}", name, "metrics")
        (family,) = typed(f"metrics.{name}", partial(metrics.build, {name: spec})).values()
        if params.evaluation.samples < family.min_points:
            raise ConfigError(
                f"metrics.{name}: needs {family.min_points:,} points with these settings; evaluation.samples gives "
                f"{params.evaluation.samples:,}"
            )
    for name in params.studies:
        _named(f"studies.{name}", name, "studies")
    for name, experiment in params.experiments.items():
        _check_experiment(f"experiments.{name}", experiment, params)
    return params


def plans(params: Params) -> Iterator[tuple[str, dict[str, Any]]]:
    """(study, plan): all that evaluation, rendering and report have to know of a study's parameters."""
    for study, entry in params.studies.items():
        members = {name: e for name, e in params.experiments.items() if e.study == study}
        used = {e.dataset for e in members.values()}
        yield (
            study,
            {
                "study": study,
                "title": entry.title,
                "published": entry.published,
                "effort": params.effort,
                "evaluation": params.evaluation.model_dump(),
                "metrics": params.metrics,
                "experiments": {
                    name: {
                        "settings": e.model_dump(),
                        "steps": steps_at(params.effort, e.steps),
                        "arms": e.all_arms(),
                    }
                    for name, e in members.items()
                },
                "datasets": {name: spec for name, spec in params.datasets.items() if name in used},
            },
        )


def _check_experiment(path: str, experiment: Experiment, params: Params) -> None:
    for key, known in (("dataset", params.datasets), ("study", params.studies)):
        value = getattr(experiment, key)
        if value not in known:
            raise ConfigError(f"{path}.{key}: {value!r} is not one of the {key} entries: {', '.join(known) or 'none'}")
    _named(f"{path}.variant", experiment.variant, "variants")
    dataset = datasets.build(params.datasets[experiment.dataset])
    if dataset.n_test < params.evaluation.samples:
        raise ConfigError(
            f"datasets.{experiment.dataset}.n_test: {dataset.n_test:,} test points are too few; evaluation.samples "
            f"asks for {params.evaluation.samples:,}"
        )
    shape = studies.build(experiment.study).data_shape
    if shape is not None and dataset.shape != shape:
        raise ConfigError(
            f"{path}.dataset: {experiment.dataset!r} has points of shape {dataset.shape}; the study "
            f"{experiment.study!r} takes {shape}"
        )
    arms = typed(f"{path}.sweep", lambda: list(experiment.arms()))
    if min(len({arm for arm, _ in arms}), len({settings.model_dump_json() for _, settings in arms})) < len(arms):
        raise ConfigError(f"{path}.sweep: {shown(experiment.sweep)} gives the same arm twice; every arm must differ")
    in_sweep = any(key.startswith("hyperparameters") for key in experiment.sweep)
    for _, settings in arms:
        where, build = f"{path}.hyperparameters", variants.find(settings.variant)
        where = f"{path}.sweep.hyperparameters" if in_sweep else where
        typed(where, partial(build.Hyperparameters.model_validate, settings.hyperparameters))
        variant = typed(path, partial(build, settings, dataset.shape))
        if settings.snapshots.field is not None:
            _check_field(f"{path}.snapshots.field", variant)


def _check_field(path: str, variant: variants.Variant) -> None:
    """Raises ConfigError unless the discriminator's input has the two coordinates of a field."""
    with torch.device("meta"):
        network = variant.networks().get("discriminator")
    n_in = getattr(network, "n_in", 0)
    if n_in != 2:
        has = f"a discriminator of {n_in} input coordinates" if network is not None else "no discriminator"
        raise ConfigError(f"{path}: a field needs a discriminator of 2 input coordinates; this variant has {has}")


def _named(path: str, name: Any, package: str) -> None:
    """Raises ConfigError unless `name` is a file of the package."""
    if name not in registry.names(package):
        raise ConfigError(f"{path}: {shown(name)} is unknown; allowed: {', '.join(registry.names(package))}")
