"""The Python call `modescope.score`: scores of arrays as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from modescope.datasets import Array
from modescope.params.config import ConfigError
from modescope.scoring.asked import MOST, REPEATS, ask
from modescope.scoring.found import find

COLUMNS = ["value", "floor", "floor_low", "floor_high", "better", "range", "label", "reason"]
LARGEST = float(np.finfo(np.float32).max)  # as in files: the pipeline keeps points in single precision


def score(
    real: ArrayLike,
    fake: ArrayLike,
    *,
    centres: ArrayLike | None = None,
    std: float | None = None,
    train: ArrayLike | None = None,
    metrics: Sequence[str] | None = None,
    points: int = MOST,
    repeats: int = REPEATS,
    seed: int = 0,
) -> pd.DataFrame:
    """Metrics of generated points against real ones, each beside its floor; the numbers of `modescope score`.

    Args:
        real: real points, (n_real, *shape) or (n_real,) on the line, in data units; half of them at most are compared,
            so that the floor has as many on either side.
        fake: generated points, (n_fake, *shape).
        centres: centres of the modes, (n_modes, *shape), where they are known; modes are counted then.
        std: standard deviation of every mode along every axis, in data units; with `centres`.
        train: points that the generator was trained on, (n_train, *shape); memorisation is measured then.
        metrics: names of families, as `modescope list metrics` prints them; by default all that apply.
        points: most points a side.
        repeats: random splits of the real points for the floor.
        seed: of the subsets and of the splits; the same seed gives the same numbers.

    Returns:
        One row a metric (index `metric`) with the columns `value`; `floor`, `floor_low` and `floor_high`, the mean, the
        lowest and the highest of the same metric between real points and other real points; `better` ("higher",
        "lower" or "neither"); `range`, `label`; and `reason`, why a value is NaN, else empty. `attrs` holds `points`,
        how many were compared on each side, with `repeats` and `seed`.

    Raises:
        ValueError: one line, for points that are not finite numbers or do not fit together, for too few of them, for
            unknown families and for those that cannot be measured with what is given.
    """
    if isinstance(metrics, str):
        raise ConfigError(f"metrics: {metrics!r}; allowed: a list of names, such as [{metrics!r}]")
    asked = ask(
        _points("real", real),
        _points("fake", fake),
        train=None if train is None else _points("train", train),
        centres=None if centres is None else _points("centres", centres),
        std=std,
        chosen=metrics,
        points=points,
        repeats=repeats,
        seed=seed,
    )
    rows = [
        (name, s.value, s.floor, s.floor_low, s.floor_high, s.about.better, s.about.range, s.about.label, s.reason)
        for name, s in find(asked).scores.items()
    ]
    frame = pd.DataFrame(rows, columns=["metric", *COLUMNS]).set_index("metric")
    frame.attrs |= {"points": asked.n, "repeats": asked.repeats, "seed": asked.seed}
    return frame


def _points(name: str, given: ArrayLike) -> Array:
    """The points as float64, (n, ...); on the line (n, 1). Raises ConfigError."""
    try:
        found = np.asarray(given)
    except ValueError as error:  # rows of different lengths
        raise ConfigError(f"{name}: not an array ({error})") from None
    if found.dtype.kind not in "iuf" or found.ndim == 0 or found.size == 0:
        raise ConfigError(
            f"{name}: an array of {found.dtype} and shape {found.shape}; allowed: numbers, (n, ...), one row per point"
        )
    points = np.asarray(found[:, None] if found.ndim == 1 else found, np.float64)
    if not (fine := np.abs(points) <= LARGEST).all():
        place = tuple(int(i) for i in np.argwhere(~fine)[0])
        raise ConfigError(f"{name}: {points[place]} at {list(place)}; allowed: finite numbers")
    return points
