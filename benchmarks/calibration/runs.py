"""What runs show beside samples: paths of a Dirac-GAN, a line, walks through the latent space, codes."""

from __future__ import annotations

import math

import numpy as np

from benchmarks.calibration import chances
from benchmarks.calibration.case import Case, Measure, Scores
from modescope import datasets, metrics
from modescope.metrics import dirac

ORIGIN = datasets.build({"kind": "constant", "value": 0.0})
PLANE = datasets.build({"kind": "gaussian", "dim": 2})
RING = datasets.build({"kind": "ring", "n_modes": 8, "radius": 1.0, "std": 0.05})
FACTOR, TURN, STEPS, OFF = 0.95, 0.1, 250, 0.02
SPREAD, LINES, PLACES, NOISE = 0.1, 200, 101, 0.1


def spiral(n: int, rng: np.random.Generator) -> Scores:
    """A path that shrinks by 0.95 and turns by 0.1 in a step, of which the exact one is two hundredths smaller."""
    at = np.arange(STEPS + 1.0)
    path = FACTOR ** at[:, None] * np.stack([np.cos(TURN * at), np.sin(TURN * at)], -1)
    (family,) = metrics.build({"dirac": {}}).values()
    return family.score_views(path[:, :1], {"path": path, "steps": at, "at": at, "exact": path / (1 + OFF)}, ORIGIN)


def of_spiral(n: int) -> dict[str, float]:
    """Geometric series over the last tenth of the snapshots: |r e^ia|^2 = (1 + cos 2a) / 2 along the first axis."""
    count = round(dirac.LAST * (STEPS + 1))
    first, squares = STEPS + 1 - count, FACTOR**2

    def series(ratio: complex) -> complex:
        return ratio**first * (1 - ratio**count) / (1 - ratio) / count

    turning = series(squares * np.exp(2j * TURN)).real
    before = math.ceil(math.log(100) / -math.log(FACTOR)) - 1  # the last snapshot above a hundredth
    return {
        "path_steps": STEPS,
        "start_distance": 1.0,
        "final_distance": math.sqrt(series(squares).real),
        "final_error": math.sqrt((series(squares).real + turning) / 2),
        "converged": 1.0,
        "at_rest": 1.0,
        "turns": before * TURN / (2 * math.pi),
        "contraction": FACTOR,
        "turning": TURN,
        "deviation": OFF,
    }


def point(n: int, rng: np.random.Generator) -> Scores:
    """The share of n generators y = w z + b, with errors from N(0, 0.1²), that succeed; the means of w and b."""
    (family,) = metrics.build({"point": {}}).values()
    lines = rng.normal([0.0, 1.0], SPREAD, (n, 2))
    found = [family.score_views(np.ones((4, 1)), {"line": line}, ORIGIN) for line in lines]
    return {name: float(np.mean([one[name] for one in found])) for name in found[0]}


def walk(straight: bool) -> Measure:
    """A generator that is the identity, or one whose outputs know nothing of each other."""
    (family,) = metrics.build({"walk": {}}).values()

    def draw(n: int, rng: np.random.Generator) -> Scores:
        real, samples = rng.normal(size=(2, n, 2))
        a, b = rng.normal(size=(2, LINES, 1, 2))
        along = a + np.linspace(0, 1, PLACES)[:, None] * (b - a)
        way = along if straight else rng.normal(size=(LINES, PLACES, 2))
        return family.score_views(real, {"walk": way, "sums": rng.normal(size=(LINES, 2)), "samples": samples}, PLANE)

    return draw


def codes(n: int, rng: np.random.Generator) -> Scores:
    """Codes that are distributed like z, reconstructions with noise, and recodes that know nothing of z."""
    (family,) = metrics.build({"encoding": {}}).values()
    real, z = RING.sample(n, rng), rng.normal(size=(n, 2))
    views = {
        "z": z,
        "codes": rng.normal(size=(n, 2)),
        "recodes": rng.normal(size=(n, 2)),
        "reconstructions": real + rng.normal(scale=NOISE, size=(n, 2)),
    }
    found = family.score_views(real, views, RING)
    return found | {"modes_kept": family.score_views(real, views | {"codes": 7 * real}, RING)["modes_kept"]}


def of_codes(n: int) -> dict[str, float]:
    """Modes are kept by codes that are a multiple of the points."""
    deviation = math.sqrt(1 / 2 + 0.05**2)  # of a ring of radius 1, per axis
    return {
        "code_coverage": chances.ball_holds_one(n, n, 5),
        "modes_kept": 8.0,
        "reconstruction_error": NOISE / deviation,
        "recode_error": math.sqrt(2),
    }


SUCCESS = (2 * 0.8413447460685429 - 1) ** 2  # within one deviation, twice
UNRELATED = ("walk_length", "walk_jump", "midpoint_offset", "midpoint_distance", "sum_distance")
CASES = [
    Case("dirac", "a path that shrinks by 0.95 and turns by 0.1 in a step", 251, spiral, of_spiral, repeats=2),
    Case(
        "point",
        "lines with errors from N(0, 0.1²)",
        500,
        point,
        lambda n: {"success": SUCCESS, "final_weight": 0.0, "final_bias": 1.0},
    ),
    Case("walk", "outputs that are unrelated", 2_020, walk(False), lambda n: dict.fromkeys(UNRELATED, 1.0)),
    Case(
        "walk", "straight lines", 2_020, walk(True), lambda n: {"walk_length": 1 / (PLACES - 1), "midpoint_offset": 0.0}
    ),
    Case("encoding", "codes distributed like z; reconstructions with noise of 0.1", 1_000, codes, of_codes),
]
