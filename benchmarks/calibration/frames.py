"""Pictures: frames of a simulated junction, lanes of a clip, and stacks of digits, each from a perfect sampler."""

from __future__ import annotations

import math

import numpy as np

from benchmarks.calibration import chances
from benchmarks.calibration.case import Case, Measure, Scores
from modescope import datasets, metrics
from modescope.classifiers import Classifier
from modescope.datasets import Array

JUNCTION = datasets.build({"kind": "junction", "size": 16, "grey": True, "empty": 0.5})
LANES = {"left": [0, 0, 8, 16], "right": [8, 0, 8, 16]}
CLIP = datasets.build({"kind": "video", "path": "clip.mp4", "size": 16, "cells": LANES})  # named, never read
STACKS = datasets.build({"kind": "stacked_digits", "digit_weights": [0.37, *[0.07] * 9]})
SHARES = np.array([0.7, 0.1, 0.15, 0.05])  # of no car, one in the left lane, in the right, in both
NOISE, SIDE, CONFIDENT = 0.1, 8, 0.6
NAN = math.nan
KINDS = ("precision", "recall", "density", "coverage")
_PICTURES = np.full((10, SIDE, SIDE), -1.0)
_PICTURES.reshape(10, -1)[np.arange(10), np.arange(10)] = 1.0


def patterns(n: int, rng: np.random.Generator) -> Scores:
    """Fresh frames; as reconstructions, frames with noise, and for the similarity the frames themselves."""
    (family,) = metrics.build({"patterns": {}}).values()
    real, fake = JUNCTION.sample(n, rng), JUNCTION.sample(n, rng)
    noisy = family.score_views(real, {"reconstructions": real + rng.normal(scale=NOISE, size=real.shape)}, JUNCTION)
    same = family.score_views(real, {"reconstructions": real}, JUNCTION)
    kept = {name: same[name] for name in ("ssim_empty", "ssim_occupied", "pattern_kept")}
    return family.score(real, fake, JUNCTION, rng) | noisy | kept


def of_patterns(n: int) -> dict[str, float]:
    """If the decoder makes no mistake."""
    p = np.asarray(JUNCTION.pattern_weights)
    cars = p[JUNCTION.occupancy.any(axis=1)]
    return {
        "patterns_covered": chances.covered(n, p, p / 2),
        "patterns_hit": chances.hit(n, p),
        "invalid_frames": 0.0,
        "pattern_kl": chances.kl_of_counts(n, p),
        "pattern_tv": chances.deviation(n, p),
        "empty_ratio": 1.0,
        "minor_recall": chances.overlap(n, cars) / float(cars.sum()),
        "decoder_accuracy": 1.0,
        "error_empty": NOISE,
        "error_occupied": NOISE,
        "ssim_empty": 1.0,
        "ssim_occupied": 1.0,
        "pattern_kept": 1.0,
    }


def strata(n: int, rng: np.random.Generator) -> Scores:
    """Fresh frames against others."""
    (family,) = metrics.build({"strata": {}}).values()
    return family.score(JUNCTION.sample(n, rng), JUNCTION.sample(n, rng), JUNCTION, rng)


def of_strata(n: int) -> dict[str, float]:
    """A half of the frames is empty; the other has as many frames of cars."""
    known = {"density": 1.0, "coverage": chances.ball_holds_one(n // 2, n // 2, 5)}
    return {f"{kind}_{part}": known.get(kind, NAN) for part in ("empty", "occupied") for kind in KINDS}


def probe(n: int, rng: np.random.Generator) -> Scores:
    """Codes that name the pattern."""
    (family,) = metrics.build({"probe": {}}).values()
    real, label = JUNCTION.sample_labelled(n, rng)
    return family.score_views(real, {"codes": np.eye(len(JUNCTION.pattern_weights))[label]}, JUNCTION)


def ndb(n: int, rng: np.random.Generator) -> Scores:
    """Frames of a clip that has no known modes."""
    (family,) = metrics.build({"ndb": {}}).values()
    return family.score(JUNCTION.sample(n, rng), JUNCTION.sample(n, rng), CLIP, rng)


def lanes(n: int, rng: np.random.Generator) -> Scores:
    """Bright cars in two lanes before a slope."""

    def made() -> Array:
        x = np.linspace(-0.8, 0, 16) + rng.normal(0, 0.01, (n, 3, 16, 16))
        which = rng.choice(4, n, p=SHARES)
        for lane in (0, 1):
            x[(which >> lane & 1) == 1, :, 4:12, 8 * lane + 1 : 8 * lane + 7] = 0.9
        return np.asarray(x)

    (family,) = metrics.build({"cells": {}}).values()
    return family.score(made(), made(), CLIP, rng)


def of_lanes(n: int) -> dict[str, float]:
    """Both histograms are counted, so both vary; the mean of a ratio is above the ratio of the means by 3 / 7n."""
    apart, _ = chances.two_samples(n, SHARES)
    _, common = chances.two_samples(n, SHARES[1:])
    empty, rest = SHARES[0], 1 - SHARES[0]
    return {
        "cells_covered": 1.0,
        "cells_tv": apart,
        "cells_empty_ratio": 1 + rest / empty / n,
        "cells_recall": common / rest,
    }


def digits(share: float) -> Measure:
    """Stacks of digits of one white pixel; all but a share are too faint to be recognised with confidence."""
    (family,) = metrics.build({"digits": {"points": 200}}).values()

    def draw(n: int, rng: np.random.Generator) -> Scores:
        drawn = rng.choice(10, (2, n, 3), p=STACKS.weights)
        real, fake = _PICTURES[drawn] + rng.normal(scale=0.01, size=(2, n, 3, SIDE, SIDE))
        fake[rng.random(n) >= share] *= 1e-2
        return family.score_classes(real, fake, STACKS, _classifier(rng), rng)

    return draw


def _classifier(rng: np.random.Generator) -> Classifier:
    """By pixel; its pictures are as noisy as the generated ones, half of them for training."""
    pick, weigh = np.eye(SIDE**2, 10, dtype=np.float32), 20 * np.eye(10, dtype=np.float32)
    zeros = np.zeros(10, np.float32)
    pictures = _PICTURES[rng.integers(10, size=400)] + rng.normal(scale=0.01, size=(400, SIDE, SIDE))
    held_out, train = pictures.astype(np.float32).reshape(2, 200, SIDE, SIDE)
    return Classifier(((pick, zeros), (weigh, zeros)), 0.8, held_out, train)


def of_digits(n: int) -> dict[str, float]:
    """Combinations with their probabilities; of those that are recognised with confidence there are fewer."""
    p = STACKS.mode_weights
    return {
        "modes_recognised": chances.hit(n, p),
        "modes_confident": chances.hit(n, CONFIDENT * p),
        "confident_fraction": CONFIDENT,
        "recognised_kl": chances.kl_of_counts(n, p),
        "confident_kl": chances.kl_of_counts(round(CONFIDENT * n), p),
        "rare_ratio": 1.0,
    }


def of_features(n: int) -> dict[str, float]:
    """Of 200 stacks a side; a fresh digit lies nearer to as many training pictures as to held-out ones."""
    known = {"density": 1.0, "coverage": chances.ball_holds_one(200, 200, 5)}
    return {f"feature_{kind}": known.get(kind, NAN) for kind in KINDS} | {"nearer_train": 0.5}


SAMPLER = "a perfect sampler of the junction, half of it empty"
CASES = [
    Case("patterns", SAMPLER, 500, patterns, of_patterns, slow=True),
    Case("strata", SAMPLER, 500, strata, of_strata, slow=True),
    Case(
        "probe",
        "codes that name the pattern of a frame",
        500,
        probe,
        lambda n: {"probe_codes": 1.0, "probe_pca": NAN, "probe_pixels": NAN},
        repeats=8,
        slow=True,
    ),
    Case("ndb", "fresh frames against others", 500, ndb, lambda n: {"ndb": 0.05}, slow=True),
    Case("cells", "two lanes, two samples of the same frames", 400, lanes, of_lanes, slow=True),
    Case("digits", "stacks of unequal digits, four in ten too faint", 2_000, digits(CONFIDENT), of_digits, slow=True),
    Case("digits", "clear stacks of unequal digits", 200, digits(1.0), of_features, slow=True),
]
