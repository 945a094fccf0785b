"""Which snapshots and entries the explorer shows, and that its rings are those that the scores count."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import synthetic_modes
from hypothesis import given
from hypothesis import strategies as st

from modescope import datasets
from modescope.explorer import index
from modescope.explorer.frames import FEWEST, MOST, chosen
from modescope.explorer.kept import rule
from modescope.metrics.modes import Modes
from modescope.store.runs import Scores
from modescope.studies.common.entries import Entry


def floors(name: str) -> Scores:
    """Scores of real points alone."""
    values = synthetic_modes.floor_values(name)
    rows = [("modes", name, 0, metric, repeats[0]) for metric, repeats in values.items()]
    columns = ["study", "dataset", "repeat", "metric", "value"]
    return Scores(pd.DataFrame(columns=["experiment", "arm", "seed"]), pd.DataFrame(rows, columns=columns), {}, {})


@given(st.sets(st.integers(0, 10_000), min_size=1, max_size=150))
def test_few_snapshots_are_chosen_with_the_first_and_the_last(taken: set[int]) -> None:
    steps = np.array(sorted(taken))
    found = chosen(steps)
    assert found == sorted(set(found))
    assert (found[0], found[-1]) == (0, len(steps) - 1)
    assert len(found) == len(steps) if len(steps) <= MOST else len(found) <= MOST


def test_even_snapshots_stay_even() -> None:
    assert chosen(np.arange(0, 8_401, 210)) == list(range(0, 41, 2))
    assert FEWEST <= 21 <= MOST


def test_of_uneven_snapshots_the_nearest_are_taken() -> None:
    steps = np.array([*range(0, 600, 10), *range(600, 1_051, 50)])
    wanted = np.linspace(0, 1_050, MOST)
    found = steps[chosen(steps)]
    assert np.abs(found[None] - wanted[:, None]).min(axis=1).max() <= 25


def test_keys_are_remedies_or_labels_and_unique() -> None:
    def entry(label: str, remedy: str) -> Entry:
        return Entry("e", "base", "gan", label, {}, "", remedy)

    found = [entry("gan", "gan"), entry("r1 gamma=0.1", "r1"), entry("r1 gamma=1", "r1"), entry("r1 gamma 1", "r1")]
    assert index.keys(found) == ["gan", "r1_gamma_0.1", "r1_gamma_1", "r1_gamma_1_3"]


def test_only_trainings_with_snapshots_on_data_in_the_plane_are_shown() -> None:
    plan, scores = synthetic_modes.plan(), synthetic_modes.everything()
    planar = index.planar(plan)
    assert "line5" not in planar
    assert {"ring8_heavy", "swiss_roll"} <= set(planar)
    keys = [key for key, _ in index.shown(scores, "ring8_heavy")]
    assert keys[:2] == ["gan", "gan_ema"]
    assert "unrolled" in keys  # all its runs diverged


@pytest.mark.parametrize("name", ["ring8", "ring8_sharp"])
def test_kept_modes_are_as_many_as_the_scores_count(name: str) -> None:
    dataset, family = datasets.build(synthetic_modes.KINDS[name]), Modes()
    counted = rule(floors(name), name, dataset, {"modes": family})
    assert counted is not None
    rng = np.random.default_rng(0)
    real = np.stack([dataset.sample(300, rng) for _ in range(4)])
    sets = real * [[[1.0]], [[0.97]], [[0.5]], [[1.0]]]  # the second lies near the modes, the third far from them
    sets[3, 7] = np.nan
    found = counted.kept(sets).sum(axis=1)
    rescored = [family.score(x, x, dataset, rng)[counted.metric] for x in sets[:3]]
    assert found.tolist() == [*rescored, 0]
    assert found[0] == 8
    assert found[2] == 0
    assert counted.near == (name == "ring8_sharp") == (counted.radius > 3 * (dataset.mode_std or 0))
    assert ("distance between modes" in counted.words) == counted.near


def test_every_ring_lies_in_the_picture() -> None:
    dataset = datasets.build(synthetic_modes.KINDS["ring8_sharp"])
    counted = rule(floors("ring8_sharp"), "ring8_sharp", dataset, {"modes": Modes()})
    where = index.geometry(dataset, counted)
    centres, (x_min, x_max, y_min, y_max) = np.array(where["centres"]), where["extent"]
    assert (centres - where["radius"] > [x_min, y_min]).all()
    assert (centres + where["radius"] < [x_max, y_max]).all()
    assert x_min < dataset.extent[0]
