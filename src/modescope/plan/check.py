"""The whole of params.yaml against what the code knows, before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch

from modescope import datasets, metrics, samplers, studies, variants
from modescope.datasets import Distribution
from modescope.formatting import plural
from modescope.params import registry
from modescope.params.config import ConfigError, Experiment, Params, Sampling
from modescope.params.settings import Lattice
from modescope.params.validation import shown, typed

FEWEST = 20  # points a run: the minimum of `evaluation.samples` and `n_test`


def check(content: Mapping[str, Any], project: Path = Path()) -> Params:
    """The typed parameters; `footage/` and `own/`, whose files are opened, lie in the project.

    Raises ConfigError with one line for the first thing that is wrong: the path in params.yaml, the
    value, and what is allowed.
    """
    params = typed("", lambda: Params.model_validate(dict(content)))
    for name, spec in params.datasets.items():
        _named(f"datasets.{name}.kind", spec.get("kind"), "datasets")
        dataset = typed(f"datasets.{name}", partial(datasets.build, spec))
        typed(f"datasets.{name}", partial(dataset.check_source, project))
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
    for name, sampling in params.samplers.items():
        _check_sampling(f"samplers.{name}", sampling, params, project)
    return params


def _check_entry(path: str, entry: Experiment | Sampling, params: Params) -> Distribution:
    """Checks that experiments and samplers share: the dataset exists, fits the study and has enough test points."""
    for key, known in (("dataset", params.datasets), ("study", params.studies)):
        value = getattr(entry, key)
        if value not in known:
            raise ConfigError(f"{path}.{key}: {value!r} is not one of the {key} entries: {', '.join(known) or 'none'}")
    dataset = datasets.build(params.datasets[entry.dataset])
    n = min(dataset.n_test, params.evaluation.samples)
    for name, family in metrics.build(params.metrics).items():
        if family.applies(dataset) and family.min_points > n:
            raise ConfigError(
                f"datasets.{entry.dataset}.n_test: {dataset.n_test:,} test points are too few; metrics.{name} needs "
                f"{family.min_points:,} with these settings"
            )
    shape = studies.build(entry.study).data_shape
    if shape is not None and dataset.shape != shape:
        raise ConfigError(
            f"{path}.dataset: {entry.dataset!r} has points of shape {dataset.shape}; the study "
            f"{entry.study!r} takes {shape}"
        )
    return dataset


def _check_sampling(path: str, sampling: Sampling, params: Params, project: Path) -> None:
    if path.split(".")[-1] in params.experiments:
        raise ConfigError(f"{path}: there is an experiment of that name; their runs would lie in one folder")
    dataset = _check_entry(path, sampling, params)
    _named(f"{path}.sampler", sampling.sampler, "samplers")
    sampler = typed(f"{path}.settings", lambda: samplers.build(sampling.sampler, sampling.settings))
    typed(path, lambda: sampler.check(dataset))
    # The number of points in files is known only once they are split; until then the minimum is required.
    n = FEWEST if dataset.from_files else min(dataset.n_test, params.evaluation.samples)
    typed(path, lambda: sampler.check_source(dataset, n, sampling.seeds, project))


def _check_experiment(path: str, experiment: Experiment, params: Params) -> None:
    dataset = _check_entry(path, experiment, params)
    _named(f"{path}.variant", experiment.variant, "variants")
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
            _check_field(f"{path}.snapshots.field", settings.snapshots.field, variant)
        if settings.snapshots.walk is not None and "generator" not in variant.needs:
            raise ConfigError(f"{path}.snapshots.walk: only a generator can be walked; {settings.variant} has none")


def _check_field(path: str, lattice: Lattice, variant: variants.Variant) -> None:
    """Raises ConfigError unless the discriminator's input has as many coordinates as its field."""
    with torch.device("meta"):
        network = variant.networks().get("discriminator")
    n_in, dim = getattr(network, "n_in", 0), len(lattice.low)
    if n_in != dim:
        has = f"a discriminator of {plural(n_in, 'input coordinate')}" if network is not None else "no discriminator"
        raise ConfigError(f"{path}: low gives {plural(dim, 'coordinate')}, this variant has {has}")


def _named(path: str, name: Any, package: str) -> None:
    """Raises ConfigError unless `name` is a file of the package."""
    if name not in registry.names(package):
        raise ConfigError(f"{path}: {shown(name)} is unknown; allowed: {', '.join(registry.names(package))}")
