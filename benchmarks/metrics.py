"""Points a second of every family of metrics, on a comparison as `evaluate` makes hundreds of.

A family is measured on the first of these that it applies to: 10,000 points of the plane, the frames of a simulated
junction, the same frames as those of a clip with lanes, stacks of digits, points on the line, and a single point.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks import timing
from benchmarks.row import ROOT, Row, Scale
from modescope import datasets, executors, metrics
from modescope.classifiers import Classifier
from modescope.datasets import Distribution
from modescope.datasets.common.stacks import Stacks
from modescope.params import config, reading
from modescope.seeding import stream

# Where its points come from, a name of params.yaml or an entry, and what they are taken for.
LANES = {"left": [0, 0, 16, 32], "right": [16, 0, 16, 32]}
CLIP = {"kind": "video", "path": "clip.mp4", "size": 32, "cells": LANES}  # named, never read
SETS = {
    "the plane": ("grid25", None),
    "frames": ("grey_800", None),
    "frames of a clip": ({"kind": "junction"}, CLIP),
    "stacks": ("digits", None),
    "the line": ("normal", None),
    "a point": ("one", None),
}
REPEATS = 3
LATENT, LINES, PLACES = 2, 32, 101
UNITS = (256, 128, 10)  # of a classifier; its weights do not change what it costs


def rows(scale: Scale) -> Iterator[Row]:
    """One row a family: its points a second against those of all families of its set, and its share of their time."""
    params = config.Params.model_validate(reading.read(ROOT / "params.yaml"))
    left = dict(params.metrics)
    with executors.process_pool(1, timing.PRELOAD) as pool:
        for where, (origin, taken_for) in SETS.items():
            source = params.datasets[origin] if isinstance(origin, str) else origin
            dataset = datasets.build(taken_for or source)
            here = {name for name, family in metrics.build(left).items() if family.applies(dataset)}
            specs = {name: left.pop(name) for name in sorted(here)}
            most = scale.pick(params.evaluation.samples, 200)
            n = min(most, datasets.build(source).n_test)
            seconds = {
                family: pool.submit(_seconds, source, taken_for, family, spec, n, scale.pick(REPEATS, 1)).result()
                for family, spec in tqdm(specs.items(), desc=f"metrics of {where}", leave=False)
            }
            together = sum(seconds.values())
            for family, took in seconds.items():
                label = f"{family}, {n:,} points of {where}, share of a comparison"
                yield Row(label, n / took, n / together, took / together, "points/s of a core")
    if left:
        raise ValueError(f"no set of points for {', '.join(left)}; benchmarks/metrics.py must name one")


def _seconds(
    source: dict[str, Any], taken_for: dict[str, Any] | None, name: str, spec: dict[str, Any], n: int, repeats: int
) -> float:
    """The least processor time of some repeats of one family on fresh points."""
    real, fake, train = (datasets.build(source).sample(n, stream("bench", side)) for side in ("real", "fake", "train"))
    dataset = datasets.build(taken_for or source)
    families, views, classifier = metrics.build({name: spec}), _views(fake, dataset), _classifier(dataset)
    times = []
    for _ in range(repeats):
        start = time.process_time()
        scores = metrics.score_all(families, real, fake, dataset, ("bench",), views, classifier, train)
        times.append(time.process_time() - start)
    if not scores:
        raise ValueError(f"{name} scores nothing of these points; benchmarks/metrics.py must show it more")
    return max(min(times), 1e-6)  # the clock's step


def _views(fake: metrics.Array, dataset: Distribution) -> dict[str, metrics.Array]:
    """What runs show beside samples: an encoder's and a sampler's views, a walk, and D along the line."""
    rng, n = stream("bench", "views"), len(fake)
    if dataset.degenerate:
        steps = np.arange(251.0)
        spiral = 0.97 ** steps[:, None] * np.stack([np.cos(steps / 10), np.sin(steps / 10)], -1)
        return {"line": np.array([1.0, 0.0]), "path": spiral, "steps": steps, "at": steps, "exact": spiral}
    if dataset.shape == (1,):
        places = np.linspace(-3, 3, PLACES)
        return {"accepted": rng.random(n), "chain": fake, "logits": np.sin(places), "places": places}
    walk = fake[rng.integers(n, size=(LINES, PLACES))]
    codes = {name: rng.standard_normal((n, LATENT)) for name in ("codes", "z", "recodes")}
    return codes | {"reconstructions": fake, "walk": walk, "sums": fake[:LINES]}


def _classifier(dataset: Distribution) -> Classifier | None:
    """An untrained classifier of the digits in stacks; none for other data."""
    if not isinstance(dataset, Stacks):
        return None
    rng, side = stream("bench", "classifier"), dataset.shape[-1]
    layers = tuple(
        (rng.standard_normal(ends).astype(np.float32), np.zeros(ends[1], np.float32))
        for ends in pairwise((side**2, *UNITS))
    )
    train, held_out = rng.uniform(-1, 1, (2, 450, side, side)).astype(np.float32)
    return Classifier(layers, 0.8, train, held_out)
