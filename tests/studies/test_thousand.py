"""The answer of the study `thousand`: both counts, who differs, who is best, also where something is missing."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import synthetic_thousand as made_up
from synthetic_thousand import GAN, HEAVY_GAN, R1, R1R2, R3GAN, RECORD, made, shown

from modescope import studies
from modescope.store.runs import Runs, Scores
from modescope.studies import Table
from modescope.studies.common.entries import plain
from modescope.studies.thousand import counts, remedies

STUDY = studies.build("thousand")


def tables(scores: Scores) -> dict[str, Table]:
    return {table.key: table for table in STUDY.tables(scores)}


def drawn(runs: Mapping[str, Runs], scores: Scores) -> set[str]:
    return {figure.name for part in STUDY.figures(runs, scores) for figure in part}


def test_the_answer_states_both_counts_and_who_differs() -> None:
    values = (
        shown(700, 702, 698) | shown(950, 951, 949, name=R3GAN, share=0.2) | shown(700, 703, 697, name=R1, share=0.55)
    )
    answer = STUDY.answer(made(values, classifiers={"a": RECORD}))
    assert answer[0] == (
        "Digits, by the papers’ count: the plain GAN shows 700 [695, 705] of 1,000 combinations, real stacks 1,000. "
        "Significantly more: R3Gan. R1 does not differ significantly. p-values are adjusted for 2 comparisons (Holm)."
    )
    counted = "Digits, counting only stacks that are recognised with confidence"
    assert answer[1].startswith(f"{counted}: the plain GAN shows 350")
    assert answer[2] == (
        "Digits: the share of stacks that are recognised with confidence is 0.5 for the plain GAN and 0.55 for R1, the "
        "highest mean; for real stacks it is 0.6."
    )
    assert answer[3] == (
        "The classifier that counts reads 98 % of 100 held-out digits right. A digit is recognised with confidence if "
        "its probability is at least 0.8, which holds for 90 % of the held-out ones."
    )


def test_one_seed_has_no_interval_and_no_comparison() -> None:
    answer = STUDY.answer(made(shown(700) | shown(950, name=R3GAN)))
    assert answer[0].endswith("count: the plain GAN shows 700 of 1,000 combinations, real stacks 1,000.")
    assert "significant" not in " ".join(answer)
    assert "significance_digits" not in tables(made(shown(700) | shown(950, name=R3GAN)))


def test_without_floors_nothing_is_said_of_real_stacks() -> None:
    answer = STUDY.answer(made(shown(700, 701), floors=False))
    assert "real" not in " ".join(answer)


def test_without_a_plain_gan_only_shares_are_told() -> None:
    answer = STUDY.answer(made(shown(950, 951, name=R3GAN)))
    assert answer == [
        "Digits: the share of stacks that are recognised with confidence is 0.5 for R3Gan; for real stacks it is 0.6."
    ]
    figure = remedies.figure(made(shown(950, 951, name=R3GAN) | shown(1, 2, name=R1)), "digits")
    assert figure is not None
    assert figure.finding == ""


def test_on_unequal_weights_the_answer_speaks_of_mode_kl_and_not_of_the_papers_count() -> None:
    values = shown(700, 702, 698, name=HEAVY_GAN) | shown(950, 951, 949, name="thousand_digits_heavy_r3gan")
    answer = STUDY.answer(made(values))
    assert answer[0].startswith(
        "Digits Heavy: the plain GAN’s mode KL is 0.3 [0.295, 0.305] nats, that "
        "of real stacks 0.05. Significantly lower: R3Gan."
    )
    assert not any("papers’ count" in sentence for sentence in answer)


def test_the_best_remedy_has_the_highest_strict_count_and_then_the_lowest_kl() -> None:
    values = shown(999, 1_000) | shown(900, 902, name=R1) | shown(900, 902, name=R1R2) | shown(950, 952, name=R3GAN)
    values[R3GAN, "modes_confident"] = [100, 102]
    values[R1R2, "recognised_kl"] = [0.01, 0.01]
    scores = made(values)
    best, base = counts.best(scores, "digits"), plain(scores, "digits")
    assert best is not None
    assert base is not None
    assert (best.label, base.label) == ("r1r2", "gan")
    assert counts.best(made(shown(700)), "digits") is None
    assert counts.best(made(shown(700), diverged=[(R1, 0)]), "digits") is None


def test_averaged_weights_are_ranked_but_not_followed() -> None:
    experiments = {R3GAN: made_up.experiment("digits", "r3gan", ema={"decay": 0.999})}
    scores = made(shown(800, 801, name=R3GAN), experiments=experiments)
    averaged = scores.runs.assign(arm="ema=0.999")
    averaged.loc[averaged["metric"] == "modes_confident", "value"] = 990
    both = Scores(**{**scores.__dict__, "runs": pd.concat([scores.runs, averaged], ignore_index=True)})
    assert [e.label for e in counts.compared(both, "digits")] == ["r3gan", "r3gan ema=0.999"]
    best = counts.best(both, "digits")
    assert best is not None
    assert best.label == "r3gan"


def test_without_scores_nothing_is_drawn_and_nothing_is_said() -> None:
    empty = made({})
    assert drawn({}, empty) == set()
    assert STUDY.answer(empty) == []
    assert STUDY.tables(empty) == []
    assert STUDY.claims(empty) == []


def test_a_study_with_diverged_runs_only_says_so() -> None:
    gone = {GAN: made_up.runs(GAN, diverged=[0, 1])}
    scores = made_up.scored(gone)
    assert STUDY.answer(scores) == ["Digits: all runs of the plain GAN diverged."]
    found = drawn(gone, scores)
    assert "digits_missing" not in found
    assert "digits_beside" not in found
    assert tables(scores)["leaderboard_digits"].frame["diverged"].tolist()[0] == 2
    assert "significance_digits" not in tables(scores)
