"""The runs of extra/robustness train remedies as the default study does, at other settings; the page shows them."""

from __future__ import annotations

import itertools
from pathlib import Path

import pandas as pd
import pytest

from modescope.params.reading import read
from modescope.plan.check import check
from modescope.studies.common import ranks
from modescope.studies.modes import robustness

ROOT = Path(__file__).resolve().parents[2]
ROBUST, USED = (check(read(path / "params.yaml")) for path in (ROOT / "extra" / "robustness", ROOT))
SCORES = ROOT / "extra" / "robustness" / "scores" / "robustness.csv"
SHOWN = ROOT / "src" / "modescope" / "studies" / "modes" / "robustness.csv"
WIDTHS, BATCHES, RATES, REMEDIES = (32, 64, 96), (32, 64), (1e-3, 3e-3), 8
VARIED = {"networks", "discriminator_batch", "generator_batch", "optimizers"}
OTHER = {"study", "steps", "article_steps", "seeds", "snapshots", "ema", "sweep"}


@pytest.mark.parametrize("name", ROBUST.experiments)
def test_everything_else_is_as_in_the_default_run(name: str) -> None:
    parts = ranks.NAME.fullmatch(name)
    assert parts is not None
    width, batch, remedy = int(parts[1]), int(parts[2]), parts[3]
    mine, theirs = ROBUST.experiments[name], USED.experiments[f"modes_grid25_{remedy}"]
    assert mine.model_dump(exclude=VARIED | OTHER) == theirs.model_dump(exclude=VARIED | OTHER)
    assert mine.discriminator_batch == mine.generator_batch == batch
    assert mine.sweep == {ranks.RATE: list(RATES)}
    for side in ("generator", "discriminator"):
        net, default = getattr(mine.networks, side), getattr(theirs.networks, side)
        assert net == default.model_copy(update={"hidden": [width, width]})
        adam, used = getattr(mine.optimizers, side), getattr(theirs.optimizers, side)
        assert adam.model_dump(exclude={"learning_rate"}) == used.model_dump(exclude={"learning_rate"})
    assert mine.optimizers.generator == theirs.optimizers.generator
    assert 2 * mine.steps == theirs.steps


def test_the_page_states_the_length() -> None:
    assert {e.steps for e in ROBUST.experiments.values()} == {robustness.LENGTH}
    assert USED.experiments[robustness.BESIDE].steps == 2 * robustness.LENGTH


def test_every_remedy_is_trained_at_every_setting() -> None:
    found = ranks.measured(pd.read_csv(SCORES))
    assert found is not None
    assert found.settings == [ranks.Setting(*levels) for levels in itertools.product(WIDTHS, BATCHES, RATES)]
    names = {f"robustness_{s.width}_{s.batch}_{remedy}" for s in found.settings for remedy in found.remedies}
    assert names == set(ROBUST.experiments)
    assert found.values.shape == (REMEDIES, len(found.settings), ROBUST.experiments["robustness_64_64_gan"].seeds)


def test_the_default_page_shows_these_scores() -> None:
    head, *lines = SCORES.read_text(encoding="utf-8").splitlines()
    assert SHOWN.read_text(encoding="utf-8").splitlines() == [head, *(row for row in lines if ",modes_covered," in row)]
