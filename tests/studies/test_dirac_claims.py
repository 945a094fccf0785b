"""The claims of the study `dirac`: verdicts of shares, and none for trainings that were cut short."""

from __future__ import annotations

import pandas as pd
import pytest
import trained_dirac
from stated import says_its_range
from trained_dirac import ENTRIES, changed

from modescope import studies
from modescope.dirac import paths
from modescope.params.config import Experiment
from modescope.store.runs import Scores
from modescope.studies.dirac import claims
from modescope.studies.dirac.remedies import arms

STUDY = studies.build("dirac")


@pytest.fixture(scope="module")
def scores() -> Scores:
    return trained_dirac.scores()


def test_claims_have_the_verdicts_of_their_shares(scores: Scores) -> None:
    found = {claim.key: claim for claim in STUDY.claims(scores)}
    assert set(found) == {
        "saturating", "non-saturating", "wgan-gp", "wgan-gp-5", "r1", "r1-critical", "circle", "critical", "at-once"
    }  # fmt: skip
    assert found["circle"].verdict == "supported"
    assert found["circle"].effect.value == pytest.approx(1, abs=0.02)
    # twelve starts are too few for a share of 0.95
    assert {found[key].verdict for key in ("r1", "saturating")} == {"inconclusive"}
    assert found["r1"].effect.value == 1
    assert found["saturating"].effect.value == 0
    assert found["wgan-gp"].statement == found["wgan-gp-5"].statement
    assert [found[key].where for key in ("wgan-gp", "wgan-gp-5")] == ["WGAN-GP (n = 1)", "WGAN-GP (n = 5)"]
    assert found["at-once"].where == "GAN, saturating loss, steps at once"
    assert all(says_its_range(claim) for claim in found.values())
    assert {key: claim.remedies for key, claim in found.items()} == {
        **dict.fromkeys(("saturating", "non-saturating", "circle", "at-once"), ("gan",)),
        **dict.fromkeys(("wgan-gp", "wgan-gp-5"), ("wgan_gp",)),
        **dict.fromkeys(("r1", "r1-critical", "critical"), ("r1",)),
    }


@pytest.mark.parametrize(("n", "verdict"), [(0, "supported"), (200, "contradicted"), (10, "inconclusive")])
def test_a_share_of_converged_starts_decides(n: int, verdict: str) -> None:
    name = "dirac_origin_gan_saturating"
    values = [float(seed < n) for seed in range(200)]
    table = pd.DataFrame(
        [("dirac", name, "base", seed, "converged", value) for seed, value in enumerate(values)],
        columns=["study", "experiment", "arm", "seed", "metric", "value"],
    )
    empty = pd.DataFrame(columns=["study", "dataset", "repeat", "metric", "value"])
    only = Scores(table, empty, {}, {name: "origin"}, {name: ENTRIES[name].model_dump()})
    judged = {claim.key: claim for claim in claims.claims(only, arms(only))}
    assert judged["saturating"].verdict == verdict
    assert judged["circle"].reason == "nothing measured"


@pytest.mark.parametrize("order", [1, -1])
def test_each_claim_is_about_its_own_arm_of_the_plan(order: int) -> None:
    plan = {
        name: Experiment.model_validate(entry | {"sweep": {k: v[::order] for k, v in entry.get("sweep", {}).items()}})
        for name, entry in trained_dirac.PARAMS["experiments"].items()
        if entry["study"] == "dirac"
    }
    rows = [("dirac", name, arm, 0, "turns", 1.0) for name, entry in plan.items() for arm in paths.arms(entry)]
    table = pd.DataFrame(rows, columns=["study", "experiment", "arm", "seed", "metric", "value"])
    empty = pd.DataFrame(columns=["study", "dataset", "repeat", "metric", "value"])
    settings, titles = {name: e.model_dump() for name, e in plan.items()}, {name: name[13:] for name in plan}
    all_of_it = Scores(table, empty, {}, dict.fromkeys(plan, "origin"), settings, experiment_titles=titles)
    assert {claim.key: claim.where for claim in STUDY.claims(all_of_it)} == {
        "saturating": "gan_saturating",
        "non-saturating": "gan",
        "wgan": "wgan (c = 1, n = 1)",
        "wgan-5": "wgan (c = 1, n = 5)",
        "wgan-gp": "wgan_gp (n = 1)",
        "wgan-gp-5": "wgan_gp (n = 5)",
        "instance-noise": "gan_instance_noise",
        "r1": "r1 (γ = 0.3)",
        "r1-critical": "r1 (γ = 1)",
        "circle": "gan_saturating",
        "critical": "r1 (γ = 1)",
        "at-once": "gan_saturating, steps at once",
    }


def test_short_trainings_are_not_judged(scores: Scores) -> None:
    short = scores
    for name in ENTRIES:
        short = changed(short, name, "path_steps", 15)
    found = {claim.key: claim for claim in STUDY.claims(short)}
    # that at once every step leads away is computed, not trained
    judged = {key for key, claim in found.items() if claim.reason != "too short"}
    assert judged == {"at-once"}
    assert {claim.verdict for key, claim in found.items() if key != "at-once"} == {"inconclusive"}
    assert "unless all steps" in found["r1"].rule


def test_the_claim_on_the_non_saturating_loss_is_about_so_many_steps(scores: Scores) -> None:
    found = {claim.key: claim for claim in STUDY.claims(scores)}
    assert "after as many steps" in found["non-saturating"].text
    assert [key for key, claim in found.items() if "With unlimited steps" in claim.rule] == ["non-saturating"]
