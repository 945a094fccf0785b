"""What is asked: the points to compare, what is known of their modes, the metrics, and how many points a side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modescope import metrics
from modescope.datasets import Array, Distribution
from modescope.datasets.points import Points
from modescope.params import registry
from modescope.params.config import ConfigError
from modescope.params.validation import typed

MOST = 10_000  # points a side: the exact metrics grow with the square
REPEATS = 5  # splits for the floor
NAMES = {"real": "real", "fake": "fake", "train": "train"}
TRAINED, GIVEN = "the training points (train)", "the modes (centres and std)"  # what a family may lack


@dataclass(frozen=True)
class Asked:
    """Points, what is known of them, and how they are compared."""

    real: Array  # (n_real, *shape)
    fake: Array  # (n_fake, *shape)
    train: Array | None  # (n_train, *shape), what the generator was trained on, where that is known
    dataset: Distribution
    families: dict[str, metrics.Metric]
    n: int  # points a side
    repeats: int
    seed: int


def ask(
    real: Array,
    fake: Array,
    *,
    train: Array | None = None,
    centres: Array | None = None,
    std: float | None = None,
    dataset: Distribution | None = None,
    chosen: Sequence[str] | None = None,
    points: int = MOST,
    repeats: int = REPEATS,
    seed: int = 0,
    called: Mapping[str, str] = NAMES,
) -> Asked:
    """Check that all of it fits together.

    `chosen` names metric families; without it, all that apply are measured, with their default settings. `dataset` is
    known where the points follow an entry of params.yaml; else the modes may be given as centres (k, ...) and std.
    `called` says what messages call the point sets, such as the files that they are from.
    Raises ConfigError, one line.
    """
    if points < 1 or repeats < 1:
        raise ConfigError("points and repeats must be at least 1")
    shape = real.shape[1:]
    for name, one in (("fake", fake), ("train", train)):
        if one is not None and one.shape[1:] != shape:
            several = f"; it may hold {len(one):,} sets of points: give one of them" if one.shape[2:] == shape else ""
            found = f"{called[name]}: points of shape {one.shape[1:]}"
            raise ConfigError(f"{found}; those of {called['real']} have {shape}{several}")
    if dataset is None:
        dataset = _points(shape, centres, std)
    elif centres is not None or std is not None:
        raise ConfigError("dataset says where the modes are; leave centres and std out")
    elif dataset.shape != shape:
        raise ConfigError(f"dataset: {dataset.kind} has points of shape {dataset.shape}; those of real have {shape}")
    n = min(len(real) // 2, len(fake), points)
    families = _families(chosen, dataset, n, train is not None)
    return Asked(real, fake, train, dataset, families, n, repeats, seed)


def _points(shape: tuple[int, ...], centres: Array | None, std: float | None) -> Distribution:
    """A dataset of this shape, with modes where they are given."""
    if (centres is None) != (std is None):
        raise ConfigError("centres and std belong together: the centres of the modes and their deviation")
    modes = None if centres is None else {"centres": centres.reshape(len(centres), -1).tolist(), "std": std}
    spec = {"kind": "points", "path": "real", "point_shape": list(shape), "modes": modes}
    return typed("centres, std", lambda: Points.model_validate(spec))


def _families(chosen: Sequence[str] | None, dataset: Distribution, n: int, trained: bool) -> dict[str, metrics.Metric]:
    """The chosen families, or all that apply to points of this kind; their settings are the defaults."""
    known = registry.names("metrics")
    families = {}
    for name in known if chosen is None else chosen:
        if name not in known:
            raise ConfigError(f"metrics: {name!r} is unknown; allowed: {', '.join(known)}")
        (family,) = metrics.build({name: {}}).values()
        if lacking := _lacking(name, family, dataset, trained):
            if chosen is None:
                continue
            raise ConfigError(f"metrics: {name} cannot be measured here: {lacking}")
        if n < max(family.min_points, 2):
            raise ConfigError(
                f"{n} points a side are too few: {name} needs {max(family.min_points, 2)}; as many generated points "
                "and twice as many real ones"
            )
        families[name] = family
    if not families:
        raise ConfigError(f"no metric applies to points of shape {dataset.shape}")
    return families


def _lacking(name: str, family: metrics.Metric, dataset: Distribution, trained: bool) -> str:
    """Why the family cannot be measured, in words; empty if it can."""
    if family.needs_training_points and not trained:
        return f"it needs {TRAINED}"
    if not family.applies(dataset):
        return f"it needs {GIVEN}" if name == "modes" else "points alone do not say what it needs"
    if type(family).score is metrics.Metric.score and not family.needs_training_points:
        return "points alone do not say what it needs"
    return ""
