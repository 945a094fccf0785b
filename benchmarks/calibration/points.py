"""Points of the plane and the line between known distributions: divergences, distances, neighbours, kernels, copies."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import entr

from benchmarks.calibration import chances
from benchmarks.calibration.case import Case, Measure, Scores
from modescope import datasets, metrics
from modescope.datasets import Array, Distribution

Draw = Callable[[int, np.random.Generator], Array]
NORMAL = datasets.build({"kind": "gaussian", "dim": 2})
LINE = datasets.build({"kind": "gaussian", "dim": 1})
GRID = datasets.build({"kind": "grid", "n_side": 5, "spacing": 1.0, "std": 0.05})
NARROW, SMOOTHING, WIDTH = 0.8, 0.05, 0.3
ODDS = np.array([0.9, 0.1])
NAN = math.nan


def scored(family: str, dataset: Distribution, real: Draw, fake: Draw, **settings: object) -> Measure:
    """Scores of one family of fake against real points."""
    (built,) = metrics.build({family: dict(settings)}).values()
    return lambda n, rng: built.score(real(n, rng), fake(n, rng), dataset, rng)


def normal(mean: float = 0.0, std: float = 1.0, dim: int = 2) -> Draw:
    """Points of a normal distribution, shifted along the first axis."""
    return lambda n, rng: rng.normal(scale=std, size=(n, dim)) + np.eye(1, dim) * mean


def places(p: Array) -> Draw:
    """Far places of no width with these probabilities."""
    return lambda n, rng: 1e6 * rng.choice(len(p), n, p=p)[:, None].astype(np.float64)


def without_one(n: int, rng: np.random.Generator) -> Array:
    """The grid without one of its modes."""
    return GRID.centres[rng.integers(1, 25, n)] + rng.normal(scale=0.05, size=(n, 2))


def narrow(n: int) -> dict[str, float]:
    """N(0, 0.8² I) in the plane against N(0, I): |x|² / 2 has an exponential distribution."""
    ratio = (NARROW**2 + SMOOTHING**2) / (1 + SMOOTHING**2)
    scale = NARROW**2
    constant = math.log(2 * math.pi)
    return {
        "kl_qp": scale - 1 - math.log(scale),
        "kl_qp_smoothed": ratio - 1 - math.log(ratio),
        "nll_median": constant + scale * math.log(2),
        "nll_p90": constant + scale * math.log(10),
    }


def shifted(n: int) -> dict[str, float]:
    """N((1, 0), I / 4) against N(0, I) in the plane; MMD at the median distance of all pairs, 2 √ln 2."""
    mmd2 = 0.0
    for s2 in [(2 * 2 * math.sqrt(math.log(2)) / 2**j) ** 2 for j in range(6)]:
        kernel = [s2 / (s2 + v) * math.exp(-gap / (2 * (s2 + v))) for v, gap in ((0.5, 0), (2, 0), (1.25, 1))]
        mmd2 += (kernel[0] + kernel[1] - 2 * kernel[2]) / 6
    return {"mmd2": mmd2, "sliced_w2": math.sqrt(0.75), "w2": math.sqrt(1.5)}


def spectrum(width: float) -> Array:
    """Eigenvalues of the Gaussian kernel under N(0, 1): (1 - b) b^i (Rasmussen & Williams 2006, section 4.3.1)."""
    a, b = 1 / 4, 1 / (2 * width**2)
    ratio = b / (a + b + math.sqrt(a**2 + 2 * a * b))
    return np.asarray((1 - ratio) * ratio ** np.arange(400))


def vendi(n: int) -> dict[str, float]:
    """Of infinitely many points."""
    return {"vendi": float(np.exp(entr(spectrum(WIDTH)).sum()))}


def rke(n: int) -> dict[str, float]:
    """Of 1,000 points, whose kernels with themselves are 1; of infinitely many for the relative entropy."""
    return {"rke": 1 / (1e-3 + (1 - 1e-3) * float(np.sum(spectrum(WIDTH) ** 2))), "rrke": 0.0}


def two_places(n: int) -> dict[str, float]:
    """0.9 and 0.1 against one half each, for the given width."""
    return {"rke": 1 / float(np.sum(ODDS**2)), "rrke": -2 * math.log(float(np.sum(np.sqrt(ODDS / 2))))}


def alike(n: int) -> dict[str, float]:
    """Neighbours where real and generated points have the same distribution."""
    return {"precision": NAN, "recall": NAN, "density": 1.0, "coverage": chances.ball_holds_one(n, n, 5)}


def half(n: int) -> dict[str, float]:
    """Uniform on [0, 1] against [0, 2], for many points: where they meet, generated ones are twice as dense."""
    return {"precision": 1.0, "recall": 0.5, "density": 1.0, "coverage": chances.ball_holds_one(n, n, 5, 2.0) / 2}


def memory(share: float) -> Measure:
    """Scores of n points, the first of which are training points; five times as many of those, n held out."""
    (family,) = metrics.build({"memorisation": {}}).values()

    def draw(n: int, rng: np.random.Generator) -> Scores:
        train, held, fake = (rng.normal(size=(size, 2)) for size in (5 * n, n, n))
        fake[: round(share * n)] = train[: round(share * n)]
        return family.score_training(held, fake, train, NORMAL, rng)

    return draw


def copies(n: int) -> dict[str, float]:
    """All copies: in each of 16 cells, every distance is below every held-out one."""
    m = n / 16
    z = 1 / math.sqrt(5 / 6 / (1 / 6) * (n - n**2 / (6 * n)) / n**2 * 6 * n / (6 * n - 1))
    return {"c_t": -m * m / 2 / math.sqrt(m * m * (2 * m + 1) / 12), "copied_share": 1.0, "copied_z": z}


SAME = "the same normal distribution in the plane"
CASES = [
    Case(
        "divergence",
        "N(0, 0.8² I) against N(0, I) in the plane",
        5_000,
        scored("divergence", NORMAL, normal(), normal(std=NARROW)),
        narrow,
    ),
    Case(
        "divergence",
        "a grid of 25 without one of its modes",
        5_000,
        scored("divergence", GRID, lambda n, rng: GRID.sample(n, rng), without_one),
        lambda n: dict.fromkeys(("kl_qp", "kl_qp_smoothed"), math.log(25 / 24)),
    ),
    Case(
        "divergence",
        SAME,
        5_000,
        scored("divergence", NORMAL, normal(), normal()),
        lambda n: dict.fromkeys(("kl_qp", "kl_qp_smoothed"), 0.0),
    ),
    Case(
        "distances",
        "N((1, 0), I / 4) against N(0, I) in the plane",
        500,
        scored("distances", NORMAL, normal(), normal(1.0, 0.5)),
        shifted,
    ),
    Case(
        "distances",
        SAME,
        500,
        scored("distances", NORMAL, normal(), normal()),
        lambda n: dict.fromkeys(("mmd2", "sliced_w2", "w2"), 0.0),
    ),
    Case(
        "moments",
        "N((1, 0), I / 4) against N(0, I) in the plane",
        1_000,
        scored("moments", NORMAL, normal(), normal(1.0, 0.5)),
        lambda n: {"mean_error": 1.0, "std_ratio": 0.5},
    ),
    Case("prdc", SAME, 1_000, scored("prdc", NORMAL, normal(), normal()), alike),
    Case(
        "prdc",
        "uniform on [0, 1] against uniform on [0, 2]",
        1_000,
        scored("prdc", LINE, lambda n, rng: rng.uniform(0, 2, (n, 1)), lambda n, rng: rng.uniform(0, 1, (n, 1))),
        half,
    ),
    Case("vendi", "N(0, 1) on the line", 1_000, scored("vendi", LINE, normal(dim=1), normal(dim=1)), vendi),
    Case(
        "vendi",
        "eight far places at random",
        1_000,
        scored("vendi", LINE, normal(dim=1), places(np.full(8, 1 / 8))),
        lambda n: {"vendi": 8.0},
    ),
    Case(
        "rke", "the same normal distribution on the line", 1_000, scored("rke", LINE, normal(dim=1), normal(dim=1)), rke
    ),
    Case(
        "rke",
        "two far places, 0.9 and 0.1, against one half each",
        1_000,
        scored("rke", LINE, places(np.full(2, 1 / 2)), places(ODDS)),
        two_places,
    ),
    Case(
        "memorisation",
        "fresh points, 5,000 training points",
        1_000,
        memory(0.0),
        lambda n: {"c_t": 0.0, "copied_share": 0.0, "copied_z": 0.0},
    ),
    Case(
        "memorisation",
        "three copies in ten points, 5,000 training points",
        1_000,
        memory(0.3),
        lambda n: {"c_t": NAN, "copied_share": 0.3, "copied_z": NAN},
    ),
    Case("memorisation", "copies alone, 5,000 training points", 1_000, memory(1.0), copies),
]
