"""The runs of extra/modes_long train remedies as the default study does, but for data, steps and seeds."""

from __future__ import annotations

from pathlib import Path

import pytest

from modescope.params.reading import read
from modescope.plan.check import check

ROOT = Path(__file__).resolve().parents[2]
LONG, USED = (check(read(path / "params.yaml")) for path in (ROOT / "extra" / "modes_long", ROOT))
PREFIXES = {"long_ring8_": "modes_ring8_heavy_", "long_grid25_": "modes_grid25_"}
ADDED = ["gan_long", "gan_ttur", "ragan", "gan_sn", "r1r2", "minibatch_stddev", "topk"]  # to the default run only
REMEDIES = [name.removeprefix("long_grid25_") for name in LONG.experiments if name.startswith("long_grid25_")]


@pytest.mark.parametrize(("mine", "theirs"), PREFIXES.items())
def test_both_datasets_have_all_remedies_of_the_default_run_but_those_added_since(mine: str, theirs: str) -> None:
    assert {f"{mine}{r}" for r in REMEDIES} == {name for name in LONG.experiments if name.startswith(mine)}
    dataset = theirs.removeprefix("modes_").removesuffix("_")
    used = {name for name, e in USED.experiments.items() if (e.study, e.dataset) == ("modes", dataset)}
    assert {f"{theirs}{r}" for r in [*REMEDIES, *ADDED]} == used


@pytest.mark.parametrize("remedy", REMEDIES)
@pytest.mark.parametrize(("mine", "theirs"), PREFIXES.items())
def test_settings_are_those_of_the_default_run(mine: str, theirs: str, remedy: str) -> None:
    long, used = LONG.experiments[f"{mine}{remedy}"], USED.experiments[f"{theirs}{remedy}"]
    other = {"dataset", "steps", "article_steps", "seeds", "snapshots"}
    assert long.model_dump(exclude=other) == used.model_dump(exclude=other)
    if mine == "long_grid25_":
        assert LONG.effort * long.steps >= USED.effort * used.steps
