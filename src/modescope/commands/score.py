"""`python -m modescope score`: the pipeline's metrics of generated points against real ones, from two files.

Both files are cut to the same number of points. The floor is the same metric of real points against other real
points: random splits of the real file in two.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from modescope import metrics
from modescope.datasets import Array, Distribution
from modescope.datasets.common.pointfiles import Column, PointFile
from modescope.datasets.points import Points
from modescope.formatting import interval, number
from modescope.params import registry
from modescope.params.config import ConfigError
from modescope.params.validation import typed
from modescope.seeding import stream

MOST = 10_000  # points a side: the exact metrics grow with the square


def main(arguments: Sequence[str]) -> int:
    """Print a table or JSON. Raises ConfigError, one line, for files and options that cannot be used."""
    options = _parser().parse_args(list(arguments))
    if options.points < 1 or options.repeats < 1:
        raise ConfigError("--points and --repeats must be at least 1")
    columns = None if options.columns is None else [_column(name) for name in options.columns.split(",")]
    real, fake = (PointFile(path, str(path), columns, options.key).read() for path in (options.real, options.fake))
    if real.shape[1:] != fake.shape[1:]:
        raise ConfigError(f"{options.fake}: points of shape {fake.shape[1:]}; those of {options.real} {real.shape[1:]}")
    centres = None if options.centres is None else PointFile(options.centres, str(options.centres)).read()
    dataset = _dataset(real.shape[1:], centres, options.std)
    n = min(len(real) // 2, len(fake), options.points)
    families = _families(None if options.metrics is None else options.metrics.split(","), dataset, n)
    found = scores(families, dataset, real, fake, n, options.repeats, options.seed)
    if options.json:
        content = {"points": n, "repeats": options.repeats, "seed": options.seed, "metrics": found}
        print(json.dumps(_strict(content), indent=2, allow_nan=False))
    else:
        print(table(found))
        print(
            f"\n{n:,} points a side. Floor: the same number of real points against other real points, mean "
            f"[lowest, highest] of {options.repeats} random splits."
        )
    return 0


def scores(
    families: dict[str, metrics.Metric],
    dataset: Distribution,
    real: Array,
    fake: Array,
    n: int,
    repeats: int,
    seed: int,
) -> dict[str, dict[str, Any]]:
    """Metric -> value, floor, floor_low, floor_high, label, better, range; n points a side, drawn at random.

    The floor is the mean over `repeats` random splits of `real` into two sets of n, with the lowest and the highest.
    """
    rng = stream("score", seed)
    x, y = rng.permutation(real)[:n], rng.permutation(fake)[:n]
    values = metrics.score_all(families, x, y, dataset, ("score", seed))
    floors = []
    for repeat in range(repeats):
        mixed = rng.permutation(real)
        floors.append(metrics.score_all(families, mixed[:n], mixed[n : 2 * n], dataset, ("floor", seed, repeat)))
    about = {name: words for family in families.values() for name, words in family.about.items()}
    found = {}
    for name, value in values.items():
        floor = np.array([one[name] for one in floors])
        found[name] = {
            "value": value,
            "floor": float(floor.mean()),
            "floor_low": float(floor.min()),
            "floor_high": float(floor.max()),
            "label": about[name].label,
            "better": about[name].better,
            "range": about[name].range,
        }
    return found


def table(found: dict[str, dict[str, Any]]) -> str:
    """The scores as a table, one line a metric."""
    rows = [("metric", "value", "floor", "better", "")] + [
        (
            name,
            number(score["value"]),
            interval(score["floor"], score["floor_low"], score["floor_high"]),
            score["better"],
            score["label"],
        )
        for name, score in found.items()
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)


def _dataset(shape: tuple[int, ...], centres: Array | None, std: float | None) -> Distribution:
    """A dataset of this shape, with modes where they are given."""
    if (centres is None) != (std is None):
        raise ConfigError("--centres and --std belong together: the centres of the modes and their deviation")
    modes = None if centres is None else {"centres": centres.reshape(len(centres), -1).tolist(), "std": std}
    spec = {"kind": "points", "path": "real", "point_shape": list(shape), "modes": modes}
    return typed("--centres, --std", lambda: Points.model_validate(spec))


def _families(chosen: list[str] | None, dataset: Distribution, n: int) -> dict[str, metrics.Metric]:
    """The chosen families, or all that apply to points of this kind; their settings are the defaults."""
    known = registry.names("metrics")
    families = {}
    for name in known if chosen is None else chosen:
        if name not in known:
            raise ConfigError(f"--metrics: {name!r} is unknown; allowed: {', '.join(known)}")
        (family,) = metrics.build({name: {}}).values()
        if not family.applies(dataset) or type(family).score is metrics.Metric.score:
            if chosen is None:
                continue
            needs = "it needs --centres and --std" if name == "modes" else "points alone do not say what it needs"
            raise ConfigError(f"--metrics: {name} cannot be measured here: {needs}")
        if n < max(family.min_points, 2):
            raise ConfigError(
                f"{n} points a side are too few: {name} needs {max(family.min_points, 2)}; as many generated points "
                "and twice as many real ones"
            )
        families[name] = family
    if not families:
        raise ConfigError(f"no metric applies to points of shape {dataset.shape}")
    return families


def _strict(content: Any) -> Any:
    """Infinities and NaN as text, since JSON has no numbers for them."""
    if isinstance(content, dict):
        return {key: _strict(value) for key, value in content.items()}
    return str(content) if isinstance(content, float) and not math.isfinite(content) else content


def _column(name: str) -> Column:
    return int(name) if name.isdecimal() else name


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="modescope score",
        description="Metrics of generated points against real ones; files: csv, npy, npz, parquet.",
    )
    parser.add_argument("--real", type=Path, required=True, help="real points, (n, ...)")
    parser.add_argument("--fake", type=Path, required=True, help="generated points of the same shape")
    parser.add_argument("--columns", help="of both tables: names or numbers from 0, separated by commas")
    parser.add_argument("--key", help="of both npz files: the name of the array")
    parser.add_argument("--centres", type=Path, help="file with the centres of the modes, one a row")
    parser.add_argument("--std", type=float, help="deviation of every mode, in data units")
    parser.add_argument("--metrics", help="families, separated by commas; without it, all that apply")
    parser.add_argument("--points", type=int, default=MOST, help=f"most points a side; {MOST:,} if not given")
    parser.add_argument("--repeats", type=int, default=5, help="splits for the floor; 5 if not given")
    parser.add_argument("--seed", type=int, default=0, help="of the subsets and splits; 0 if not given")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    return parser
