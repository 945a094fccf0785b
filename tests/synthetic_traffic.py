"""A small synthetic study `traffic`, in the form the pipeline produces: generators with known faults, and scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modescope import datasets
from modescope.datasets import Distribution
from modescope.datasets.junction import Junction
from modescope.metrics.patterns import Patterns
from modescope.params.config import Experiment
from modescope.store.runs import Runs, Scores

SEEDS, FRAMES, TEST, SNAPSHOTS, LINES, POINTS = 2, 120, 80, 3, 5, 7
SPECS: dict[str, dict[str, Any]] = {
    "junction": {"kind": "junction", "size": 16},
    "grey_950": {"kind": "junction", "size": 16, "grey": True, "empty": 0.95},
    "grey_125": {"kind": "junction", "size": 16, "grey": True, "empty": 0.125},
    "grey_500": {"kind": "junction", "size": 16, "grey": True, "empty": 0.5},
}
FORM = "hyperparameters.form="


class Clip(Distribution):
    """Images with unknown patterns, such as those of a film."""

    kind: str = "clip"

    @property
    def shape(self) -> tuple[int, ...]:
        """Colours, rows, columns."""
        return (3, 16, 16)

    def sample(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Flat colours."""
        return rng.uniform(-1, 1, (n, 3, 1, 1)) * np.ones((16, 16))


def dataset(name: str) -> Distribution:
    """A junction of SPECS, or a clip."""
    return datasets.build(SPECS[name]) if name in SPECS else Clip()


def perfect(data: Distribution, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Fresh frames."""
    return data.sample(n, rng)


def empty(data: Distribution, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Only the empty junction, which is the first pattern of the table."""
    assert isinstance(data, Junction)
    return data.frames(np.zeros(n, dtype=np.intp), rng)


def noise(data: Distribution, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """No pattern at all."""
    return rng.uniform(-1, 1, (n, *data.shape))


GENERATORS: dict[str, Callable[[Distribution, int, np.random.Generator], NDArray[np.float64]]] = {
    "gan": empty,
    "wgan": noise,
    "wgan_gp": perfect,
    "bigan": empty,
    "bigan_pgp": perfect,
}


def experiment(dataset: str, variant: str, **changes: Any) -> Experiment:
    """Settings of one experiment, with an encoder where the variant has one."""
    net, adam = {"kind": "conv", "channels": 4}, {"learning_rate": 1e-3}
    names = ["generator", "discriminator", *(["encoder"] if variant.startswith("bigan") else [])]
    given = {
        "study": "traffic",
        "dataset": dataset,
        "variant": variant,
        "steps": 100,
        "seeds": SEEDS,
        "latent_dim": 4,
        "discriminator_batch": 8,
        "generator_batch": 8,
        "networks": dict.fromkeys(names, net),
        "optimizers": {"generator": adam, "discriminator": adam},
        "snapshots": {"points": 12, "rest": SNAPSHOTS - 1},
    }
    return Experiment.model_validate(given | changes)


EXPERIMENTS: dict[str, Experiment] = {
    "traffic_junction_gan": experiment("junction", "gan"),
    "traffic_junction_wgan": experiment("junction", "wgan"),
    "traffic_junction_wgan_gp": experiment("junction", "wgan_gp"),
    "traffic_junction_bigan": experiment("junction", "bigan"),
    "traffic_junction_bigan_pgp": experiment(
        "junction", "bigan_pgp", sweep={"hyperparameters.form": ["ours", "authors"]}
    ),
} | {
    f"traffic_{name}_{variant}": experiment(name, variant)
    for name in ("grey_950", "grey_125", "grey_500")
    for variant in ("gan", "bigan_pgp")
}
GAN, WGAN, LOST = "traffic_junction_gan", "traffic_junction_wgan", "traffic_junction_wgan_gp"
BIGAN, PGP = "traffic_junction_bigan", "traffic_junction_bigan_pgp"
Values = Mapping[tuple[str, str, str], list[float]]  # (experiment, arm, metric) -> by seed


def runs(name: str, diverged: Iterable[int] = (), experiments: Mapping[str, Experiment] = EXPERIMENTS) -> Runs:
    """Runs of one experiment; the frames of rows in `diverged` are NaN."""
    settings, rng = experiments[name], np.random.default_rng(sum(name.encode()))
    data, arms = dataset(settings.dataset), settings.all_arms()
    make = GENERATORS[settings.variant] if isinstance(data, Junction) else perfect
    n = len(arms) * settings.seeds

    def made(*axes: int) -> NDArray[np.float32]:
        return make(data, n * int(np.prod(axes)), rng).reshape(n, *axes, *data.shape).astype(np.float32)

    views = {"samples": made(FRAMES)}
    if settings.networks.encoder is not None:
        codes = rng.uniform(-1, 1, (n, FRAMES, settings.latent_dim)).astype(np.float32)
        views |= {"codes": codes, "reconstructions": made(FRAMES), "between": made(LINES, POINTS)}
    snapshots, at = made(SNAPSHOTS, 12), [-1] * n
    for row in diverged:
        at[row] = 50
        snapshots[row, 1:] = np.nan
        for view in views.values():
            view[row] = np.nan
    return Runs(
        experiment=name,
        settings=settings,
        dataset=data,
        real=data.sample(TEST, np.random.default_rng(0)).astype(np.float32),
        arm=[arm for arm in arms for _ in range(settings.seeds)],
        seed=[seed for _ in arms for seed in range(settings.seeds)],
        samples=views["samples"],
        snapshot_steps=np.array(settings.snapshots.schedule(100)),
        snapshots=snapshots,
        diverged_at=at,
        data_sha256="d" * 64,
        samples_sha256="5" * 64,
        views=views,
    )


def all_runs() -> dict[str, Runs]:
    """Runs of all experiments; those of wgan_gp diverged."""
    return {name: runs(name, range(SEEDS) if name == LOST else ()) for name in EXPERIMENTS}


def scored(found: Mapping[str, Runs]) -> Scores:
    """Scores of these runs by the metric family `patterns`, and made-up scores of encoders."""
    values: dict[tuple[str, str, str], list[float]] = {}
    for name, of in found.items():
        for row, arm in enumerate(of.arm):
            if of.diverged_at[row] >= 0:
                continue
            scores: dict[str, float] = {}
            if Patterns().applies(of.dataset):
                rng = np.random.default_rng(0)
                scores = Patterns().score(of.real.astype(float), of.samples[row].astype(float), of.dataset, rng)
                if "reconstructions" in of.views:
                    scores |= {"error_empty": 0.01, "error_occupied": 0.25, "probe_codes": 0.5}
            for metric, value in (scores | {"ndb": 0.3}).items():
                values.setdefault((name, arm, metric), []).append(value)
    gone = {
        (name, of.arm[row], of.seed[row]): step
        for name, of in found.items()
        for row, step in enumerate(of.diverged_at)
        if step >= 0
    }
    return made(values, diverged=gone, experiments={name: of.trained for name, of in found.items()})


def made(
    values: Values,
    *,
    floors: bool = True,
    diverged: Mapping[tuple[str, str, int], int] | None = None,
    experiments: Mapping[str, Experiment] = EXPERIMENTS,
) -> Scores:
    """Scores of these runs only, in a plan with the experiments that they name."""
    gone = dict(diverged or {})
    named = {e for e, *_ in [*values, *gone]}
    chosen = {name: e for name, e in experiments.items() if name in named}
    rows = [
        ("traffic", name, arm, seed, metric, value)
        for (name, arm, metric), by_seed in values.items()
        for seed, value in enumerate(by_seed)
    ]
    repeats = [
        ("traffic", name, repeat, metric, value)
        for name in dict.fromkeys(e.dataset for e in chosen.values())
        for metric, by_repeat in (("minor_recall", (0.9, 0.92)), ("empty_ratio", (0.99, 1.01)))
        for repeat, value in enumerate(by_repeat)
        if floors and name in SPECS
    ]
    return Scores(
        pd.DataFrame(rows, columns=["study", "experiment", "arm", "seed", "metric", "value"]),
        pd.DataFrame(repeats, columns=["study", "dataset", "repeat", "metric", "value"]),
        gone,
        {name: e.dataset for name, e in chosen.items()},
        {name: e.model_dump() for name, e in chosen.items()},
        costs={(name, arm): 1_000 for name, e in chosen.items() if e.variant == "gan" for arm in e.all_arms()},
    )
