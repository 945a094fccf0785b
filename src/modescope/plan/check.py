"""The whole of params.yaml against what the code knows, before anything is trained."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch

from modescope import datasets, metrics, samplers, studies, variants
from modescope.datasets import Distribution
from modescope.datasets.common.stacks import Stacks
from modescope.formatting import plural
from modescope.networks.dense import Network
from modescope.params import registry
from modescope.params.config import Classifying, ConfigError, Experiment, Params, Sampling
from modescope.params.settings import Lattice
from modescope.params.validation import shown, typed
from modescope.plan import sizes

FEWEST = 20  # points a run: the minimum of `evaluation.samples` and `n_test`


def check(
    content: Mapping[str, Any],
    project: Path = Path(),
    say: Callable[[str], object] = lambda line: None,
    root: Path | None = None,
) -> Params:
    """The typed parameters; `footage/` and `own/`, whose files are opened, lie in the project.

    `root` is the folder of the results, the project if it is not given; an extra has its own.
    `say` is called with a line for each file of which something had to be decided, such as its separator.

    Raises ConfigError with one line for the first thing that is wrong: the path in params.yaml, the
    value, and what is allowed.
    """
    params = typed("", lambda: Params.model_validate(dict(content)))
    for name, spec in params.datasets.items():
        _named(f"datasets.{name}.kind", spec.get("kind"), "datasets")
        dataset = typed(f"datasets.{name}", partial(datasets.build, spec))
        _check_title(f"datasets.{name}", dataset.title)
        for line in typed(f"datasets.{name}", partial(dataset.check_source, project)):
            say(f"datasets.{name}: {line}")
    for name, spec in params.metrics.items():
        _named(f"metrics.{name}", name, "metrics")
        (family,) = typed(f"metrics.{name}", partial(metrics.build, {name: spec})).values()
        if params.evaluation.samples < family.min_points:
            raise ConfigError(
                f"metrics.{name}: needs {family.min_points:,} points with these settings; evaluation.samples gives "
                f"{params.evaluation.samples:,}"
            )
    for name, study in params.studies.items():
        _named(f"studies.{name}", name, "studies")
        _check_title(f"studies.{name}", study.title)
    for name, classifying in params.classifiers.items():
        _check_classifier(name, classifying, params)
    weights = {
        name: _check_experiment(f"experiments.{name}", experiment, params)
        for name, experiment in params.experiments.items()
    }
    for name, sampling in params.samplers.items():
        for line in _check_sampling(f"samplers.{name}", sampling, params, project):
            say(f"samplers.{name}: {line}")
    sizes.check(params, weights, project if root is None else root)
    return params


def _check_entry(path: str, entry: Experiment | Sampling, params: Params) -> Distribution:
    """Checks that experiments and samplers share: the dataset exists, fits the study and has enough test points."""
    _check_title(path, entry.title or "")
    for key, known in (("dataset", params.datasets), ("study", params.studies)):
        _one_of(f"{path}.{key}", key, getattr(entry, key), known)
    dataset = datasets.build(params.datasets[entry.dataset])
    n = min(dataset.n_test, params.samples(entry.study))
    for name, family in metrics.build(params.metrics).items():
        if family.applies(dataset) and family.min_points > n:
            too_few = f"datasets.{entry.dataset}.n_test: {n:,} test points"
            if n < dataset.n_test:
                too_few = f"studies.{entry.study}.samples: {n:,} points"
            raise ConfigError(f"{too_few} are too few; metrics.{name} needs {family.min_points:,} with these settings")
    shape = studies.build(entry.study).data_shape
    if shape is not None and dataset.shape != shape:
        raise ConfigError(
            f"{path}.dataset: {entry.dataset!r} has points of shape {dataset.shape}; the study "
            f"{entry.study!r} takes {shape}"
        )
    if isinstance(dataset, Stacks):
        _check_stacks(f"{path}.dataset", entry, dataset, params)
    return dataset


def _check_title(path: str, title: str) -> None:
    """Raises ConfigError for a character that neither a page nor a drawing can hold, such as a control character."""
    for character in title:
        if not character.isprintable() and unicodedata.category(character) != "Zs":  # kinds of spaces
            raise ConfigError(f"{path}.title: the character U+{ord(character):04X} cannot be shown; leave it out")


def _check_stacks(path: str, entry: Experiment | Sampling, dataset: Stacks, params: Params) -> None:
    """Raises ConfigError unless a classifier of the study has learnt the train pictures that these are stacked from."""
    trained_on = [c.dataset for c in params.classifiers.values() if c.study == entry.study]
    found = next((name for name in trained_on if datasets.build(params.datasets[name]).shape == dataset.shape), None)
    if found is None:
        raise ConfigError(
            f"{path}: the modes of {entry.dataset!r} are counted by a classifier; classifiers has none of the study "
            f"{entry.study!r} for pictures of shape {dataset.shape}; add `NAME: {{study: {entry.study}, dataset: "
            f"{entry.dataset}}}` under classifiers"
        )
    how = {"n_train", "n_test", "digit_weights", "title"}  # how many are stacked, and with which weights; and a name
    if datasets.build(params.datasets[found]).model_dump(exclude=how) != dataset.model_dump(exclude=how):
        raise ConfigError(
            f"{path}: the classifier of these pictures learns those of {found!r}; {entry.dataset!r} must have the same "
            f"settings but for n_train, n_test and digit_weights, so that no test picture was learnt"
        )


def _check_classifier(name: str, classifying: Classifying, params: Params) -> None:
    path = f"classifiers.{name}"
    for key, known in (("dataset", params.datasets), ("study", params.studies)):
        _one_of(f"{path}.{key}", key, getattr(classifying, key), known)
    if name in params.experiments or name in params.samplers:
        kind = "an experiment" if name in params.experiments else "a sampler"
        raise ConfigError(f"{path}: there is {kind} of that name; their outputs would lie in one folder")
    dataset = datasets.build(params.datasets[classifying.dataset])
    if not isinstance(dataset, Stacks):
        raise ConfigError(
            f"{path}.dataset: {classifying.dataset!r} is of kind {dataset.kind}; a classifier needs stacked digits"
        )
    same = [
        other
        for other, c in params.classifiers.items()
        if c.study == classifying.study and datasets.build(params.datasets[c.dataset]).shape == dataset.shape
    ]
    if same[0] != name:
        raise ConfigError(
            f"{path}: the study {classifying.study!r} already has {same[0]} for pictures of shape {dataset.shape}; one "
            f"classifier reads all datasets of that shape"
        )


def _check_sampling(path: str, sampling: Sampling, params: Params, project: Path) -> list[str]:
    """How the files that it reads were understood."""
    if path.split(".")[-1] in params.experiments:
        raise ConfigError(f"{path}: there is an experiment of that name; their runs would lie in one folder")
    dataset = _check_entry(path, sampling, params)
    _named(f"{path}.sampler", sampling.sampler, "samplers")
    sampler = typed(f"{path}.settings", lambda: samplers.build(sampling.sampler, sampling.settings))
    typed(path, lambda: sampler.check(dataset))
    # The number of points in files is known only once they are split; until then the minimum is required.
    n = FEWEST if dataset.from_files else min(dataset.n_test, params.evaluation.samples)
    return typed(path, lambda: sampler.check_source(dataset, n, sampling.seeds, project))


def _check_experiment(path: str, experiment: Experiment, params: Params) -> list[int]:
    """The parameters of a replica's networks, in each arm."""
    weights = []
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
        with torch.device("meta"):
            networks = typed(f"{path}.networks", variant.networks)
        weights.append(sum(value.numel() for network in networks.values() for value in network.parameters()))
        if settings.snapshots.field is not None:
            _check_field(f"{path}.snapshots.field", settings.snapshots.field, networks.get("discriminator"))
        if settings.snapshots.walk is not None and "generator" not in variant.needs:
            raise ConfigError(f"{path}.snapshots.walk: only a generator can be walked; {settings.variant} has none")
    return weights


def _check_field(path: str, lattice: Lattice, network: Network | None) -> None:
    """Raises ConfigError unless the discriminator's input has as many coordinates as its field."""
    n_in, dim = getattr(network, "n_in", 0), len(lattice.low)
    if n_in != dim:
        has = f"a discriminator of {plural(n_in, 'input coordinate')}" if network is not None else "no discriminator"
        raise ConfigError(f"{path}: low gives {plural(dim, 'coordinate')}, this variant has {has}")


def _one_of(path: str, key: str, value: str, known: Mapping[str, Any]) -> None:
    """Raises ConfigError unless there is an entry of this name."""
    if value not in known:
        raise ConfigError(f"{path}: {value!r} is not one of the {key} entries: {', '.join(known) or 'none'}")


def _named(path: str, name: Any, package: str) -> None:
    """Raises ConfigError unless `name` is a file of the package."""
    if name not in registry.names(package):
        raise ConfigError(f"{path}: {shown(name)} is unknown; allowed: {', '.join(registry.names(package))}")
