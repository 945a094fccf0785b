"""A small synthetic study `thousand`: stacks of one-pixel digits, a classifier that reads them, and their scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modescope import datasets
from modescope.classifiers import Classifier
from modescope.metrics import digits as counting
from modescope.params.config import Experiment
from modescope.plan.studies import title_of
from modescope.store.runs import Runs, Scores

SEEDS, STACKS, SNAPSHOTS, POINTS, SIDE = 2, 10_000, 4, 30, 8
HEAVY = [0.3, 0.2, 0.14, 0.1, 0.08, 0.06, 0.045, 0.035, 0.025, 0.015]
KINDS: dict[str, dict[str, Any]] = {
    "digits": {"kind": "stacked_digits"},
    "digits_heavy": {"kind": "stacked_digits", "digit_weights": HEAVY},
}
NETS = {name: {"hidden": [8]} for name in ("generator", "discriminator")}
PAIR = {name: {"learning_rate": 1e-3} for name in ("generator", "discriminator")}
RECORD: dict[str, Any] = {
    "accuracy": 0.98,
    "confusion": (np.diag([9, *[10] * 9]) + np.eye(10, k=7, dtype=int) * ([[1]] + [[0]] * 9)).tolist(),
    "n": 100,
    "confident": 0.9,
    "confidence": 0.8,
    "data_sha256": "d" * 64,
}


def experiment(dataset: str, variant: str, **changes: Any) -> Experiment:
    """Settings of one experiment."""
    return Experiment.model_validate(
        {
            "study": "thousand",
            "dataset": dataset,
            "variant": variant,
            "steps": 60,
            "seeds": SEEDS,
            "latent_dim": 4,
            "latent": {"kind": "normal"},
            "discriminator_batch": 8,
            "generator_batch": 8,
            "networks": NETS,
            "optimizers": PAIR,
            "snapshots": {"points": POINTS, "rest": SNAPSHOTS - 1},
        }
        | changes
    )


VARIANTS = ("gan", "r1", "r1r2", "r3gan", "pacgan", "wgan_gp", "unrolled", "veegan")
EXPERIMENTS = {f"thousand_digits_{v}": experiment("digits", v) for v in VARIANTS} | {
    f"thousand_digits_heavy_{v}": experiment("digits_heavy", v) for v in ("gan", "r3gan")
}
GAN, R1, R1R2, R3GAN = (f"thousand_digits_{v}" for v in VARIANTS[:4])
HEAVY_GAN = "thousand_digits_heavy_gan"
REAL = {"modes_recognised": 1_000.0, "modes_confident": 990.0, "confident_fraction": 0.6, "recognised_kl": 0.05}
Values = Mapping[tuple[str, str], list[float]]  # (experiment, metric) -> by seed


def made(
    values: Values,
    *,
    diverged: Iterable[tuple[str, int]] = (),
    floors: bool = True,
    classifiers: Mapping[str, Mapping[str, Any]] | None = None,
    experiments: Mapping[str, Experiment] = EXPERIMENTS,
) -> Scores:
    """Scores of these runs only, in a plan with the experiments that they name."""
    gone = {(name, "base", seed): 5 for name, seed in diverged}
    named = {name for name, _ in values} | {name for name, *_ in gone}
    chosen = {name: e for name, e in experiments.items() if name in named}
    rows = [
        ("thousand", name, "base", seed, metric, value)
        for (name, metric), by_seed in values.items()
        for seed, value in enumerate(by_seed)
    ]
    floor = [
        ("thousand", dataset, repeat, metric, value)
        for dataset in dict.fromkeys(e.dataset for e in chosen.values() if floors)
        for metric, value in floor_of(dataset).items()
        for repeat in range(3)
    ]
    return Scores(
        pd.DataFrame(rows, columns=["study", "experiment", "arm", "seed", "metric", "value"]),
        pd.DataFrame(floor, columns=["study", "dataset", "repeat", "metric", "value"]),
        gone,
        {name: e.dataset for name, e in chosen.items()},
        {name: e.model_dump() for name, e in chosen.items()},
        costs={(name, "base"): 1_000 * (1 + ("r" in e.variant)) for name, e in chosen.items()},
        classifiers={} if classifiers is None else classifiers,
        experiment_titles={name: title_of(name, e, {}) for name, e in chosen.items()},
    )


def floor_of(dataset: str) -> dict[str, float]:
    """What real stacks score."""
    found = REAL | {f"modes_recognised_{POINTS}": 29.5}
    if dataset == "digits_heavy":
        found |= {"modes_recognised": 950.0, "modes_confident": 900.0, "rare_ratio": 1.0}
    return found


def shown(*counts: float, name: str = GAN, share: float = 0.5) -> dict[tuple[str, str], list[float]]:
    """Scores of an experiment that shows so many combinations, one count a seed."""
    return {
        (name, "modes_recognised"): list(counts),
        (name, "modes_confident"): [count / 2 for count in counts],
        (name, "confident_fraction"): [share] * len(counts),
        (name, "recognised_kl"): [1 - count / 1_000 for count in counts],
    }


def stacks(digits: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
    """Stacks (n, 3, 8, 8) of digits (n, 3): the d-th pixel is 1 and all others are -1."""
    found = np.full((*digits.shape, SIDE * SIDE), -1, np.float32)
    np.put_along_axis(found, digits[..., None], 1, axis=-1)
    return found.reshape(*digits.shape, SIDE, SIDE)


def classifier() -> Classifier:
    """Reads the stacks of `stacks`; everything else, such as a blend, is no digit with confidence."""
    first = np.eye(SIDE * SIDE, 10, dtype=np.float32), np.zeros(10, np.float32)
    last = 9 * np.eye(10, dtype=np.float32), np.zeros(10, np.float32)
    single = stacks(np.arange(10)[:, None])[:, 0]
    return Classifier(layers=(first, last), confidence=0.8, held_out=single, train=single)


def drawn(name: str, n: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """What a generator makes: the plain GAN no first digit below 5, R1 blurs; the others what is real."""
    weights = HEAVY if "heavy" in name else [0.1] * 10
    if name == R1:
        return np.zeros((n, 3, SIDE, SIDE), np.float32)
    digits = rng.choice(10, (n, 3), p=weights)
    if name.endswith("_gan"):
        digits[:, 0] = 5 + digits[:, 0] % 5
    return stacks(digits)


def runs(name: str, *, with_classifier: bool = True, diverged: Iterable[int] = (), n: int = STACKS) -> Runs:
    """Runs of an experiment; rows in `diverged` are NaN."""
    settings, rng = EXPERIMENTS[name], np.random.default_rng(len(name))
    at = [20 if row in set(diverged) else -1 for row in range(SEEDS)]
    samples = np.array([drawn(name, n, rng) for _ in range(SEEDS)])
    snapshots = np.array([[drawn(name, POINTS, rng) for _ in range(SNAPSHOTS)] for _ in range(SEEDS)])
    for row in diverged:
        samples[row] = np.nan
        snapshots[row, 2:] = np.nan
    return Runs(
        experiment=name,
        settings=settings,
        dataset=datasets.build(KINDS[settings.dataset]),
        real=drawn("heavy" if "heavy" in name else "", STACKS, rng),
        arm=["base"] * SEEDS,
        seed=list(range(SEEDS)),
        samples=samples,
        snapshot_steps=np.linspace(0, 60, SNAPSHOTS).astype(np.int64),
        snapshots=snapshots,
        diverged_at=at,
        data_sha256="d" * 64,
        samples_sha256="5" * 64,
        classifier=classifier() if with_classifier else None,
    )


def scored(found: Mapping[str, Runs], **rest: Any) -> Scores:
    """The scores of runs as `evaluate` writes them, also during training."""
    values: dict[tuple[str, str], list[float]] = {}
    rows, gone = [], []
    for name, of in found.items():
        for row, seed in enumerate(of.seed):
            steps = zip(of.snapshot_steps.tolist(), of.snapshots[row], strict=True)
            for step, points in steps if of.classifier else ():
                if np.isfinite(points).all():
                    seen = counting.counts(classifier().recognise(points), of.dataset)
                    rows.append((name, "base", seed, step, *(seen[m] for m in PROGRESS)))
            if of.diverged_at[row] >= 0:
                gone.append((name, seed))
            else:
                for metric, value in counting.counts(classifier().recognise(of.samples[row]), of.dataset).items():
                    values.setdefault((name, metric), []).append(value)
    scores = made(values, diverged=gone, **rest)
    frame = pd.DataFrame(rows, columns=["experiment", "arm", "seed", "step", *PROGRESS])
    return Scores(**{**scores.__dict__, "progress": frame})


PROGRESS = ("modes_recognised", "modes_confident", "confident_fraction")
