"""How long the study `modes` trains, by the rule and the learning curves of extra/learning_curves."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from modescope.comparisons import welch
from modescope.params.config import Experiment, Params
from modescope.params.reading import read
from modescope.plan.check import check

ROOT = Path(__file__).resolve().parents[2]
CURVES = ROOT / "extra" / "learning_curves"
LENGTHS, REMEDIES = (4_200, 8_400, 16_800, 33_600), ("r1", "wgan_gp")
N_MODES = {"ring8_heavy": 8, "grid25": 25}
FEWEST, MOST, ON_MODES, MATERIAL = 0.3, 0.8, 0.5, 0.5


@cache
def params(folder: Path) -> Params:
    return check(read(folder / "params.yaml"))


@cache
def progress() -> pd.DataFrame:
    return pd.read_csv(CURVES / "scores" / "progress" / "modes.csv")


def after(dataset: str, variant: str, steps: int) -> pd.DataFrame:
    """The scores of all seeds of a curve at a step."""
    frame = progress()
    found = frame[(frame["experiment"] == f"curve_{dataset}_{variant}") & (frame["step"] == steps)]
    assert len(found) == params(CURVES).experiments[f"curve_{dataset}_{variant}"].seeds
    return found


def decided(dataset: str, steps: int, *, weaker: bool = False) -> bool:
    """Whether the three conditions of the rule hold after so many steps; `weaker`: of means instead of intervals."""
    gan = after(dataset, "gan", steps)["modes_covered"]
    remedies = [after(dataset, variant, steps) for variant in REMEDIES]
    differences = [welch(found["modes_covered"], gan)[0] for found in remedies]
    return (
        FEWEST <= gan.mean() / N_MODES[dataset] <= MOST
        and all(found["high_quality_fraction"].mean() >= ON_MODES for found in remedies)
        and all((one.value if weaker else one.low) > MATERIAL for one in differences)
    )


def chosen(dataset: str, *, weaker: bool = False) -> int:
    return next(steps for steps in LENGTHS if decided(dataset, steps, weaker=weaker))


@pytest.mark.parametrize("dataset", N_MODES)
def test_lengths_are_those_that_the_rule_chooses(dataset: str) -> None:
    used = params(ROOT).experiments
    assert used[f"modes_{dataset}_gan"].steps == chosen(dataset)


def test_a_weaker_rule_would_choose_what_is_written() -> None:
    text = (CURVES / "params.yaml").read_text(encoding="utf-8").replace("\n# ", " ")
    ring, grid = (f"{chosen(dataset, weaker=True):,}" for dataset in N_MODES)
    assert f"{ring} steps for the ring and, like the rule, {grid} for the grid." in text


@pytest.mark.parametrize("dataset", N_MODES)
def test_the_longest_runs_are_longer_than_what_was_chosen(dataset: str) -> None:
    steps = {e.steps for name, e in params(CURVES).experiments.items() if e.dataset == dataset}
    assert steps == {2 * chosen(dataset)}


@pytest.mark.parametrize("variant", ["gan", *REMEDIES])
@pytest.mark.parametrize("dataset", N_MODES)
def test_settings_are_those_of_the_default_run(dataset: str, variant: str) -> None:
    def alike(experiment: Experiment) -> dict[str, object]:
        return experiment.model_dump(exclude={"steps", "article_steps", "seeds", "snapshots", "ema"})

    curve, used = (
        params(folder).experiments[f"{prefix}_{dataset}_{variant}"]
        for folder, prefix in ((CURVES, "curve"), (ROOT, "modes"))
    )
    assert alike(curve) == alike(used)
    assert params(CURVES).datasets[dataset] == params(ROOT).datasets[dataset]


def test_no_curve_diverged() -> None:
    """A run has a row of scores for each snapshot until it diverges."""
    counts = progress().groupby("experiment").size().to_dict()
    curves = params(CURVES).experiments
    assert counts == {name: e.seeds * len(e.snapshots.schedule(e.steps)) for name, e in curves.items()}
