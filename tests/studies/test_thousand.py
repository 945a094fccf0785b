"""The study `thousand` on stacks of known digits: figures, tables and sentences, also where something is missing."""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic_thousand as made_up
from PIL import Image
from scipy.stats import ttest_ind
from synthetic_thousand import GAN, HEAVY_GAN, R1, R1R2, R3GAN, RECORD, made, shown

from modescope import studies
from modescope.figures import squares
from modescope.params.config import read
from modescope.store.runs import Runs, Scores
from modescope.studies import Figure, Table
from modescope.studies.common.entries import plain
from modescope.studies.thousand import counts, maps, published, remedies, stacks

ROOT = Path(__file__).resolve().parents[2]
STUDY = studies.build("thousand")
NAMES = (GAN, R1, R3GAN, HEAVY_GAN)


@pytest.fixture(scope="module")
def runs() -> dict[str, Runs]:
    return {name: made_up.runs(name) for name in NAMES}


@pytest.fixture(scope="module")
def scores(runs: dict[str, Runs]) -> Scores:
    return made_up.scored(runs, classifiers={"digits_classifier": RECORD})


@pytest.fixture(scope="module")
def figures(runs: dict[str, Runs], scores: Scores) -> dict[str, Figure]:
    return drawn(runs, scores)


def drawn(runs: Mapping[str, Runs], scores: Scores) -> dict[str, Figure]:
    found = list(itertools.chain.from_iterable(STUDY.figures(runs, scores)))
    assert len({figure.name for figure in found}) == len(found)
    return {figure.name: figure for figure in found}


def tables(scores: Scores) -> dict[str, Table]:
    return {table.key: table for table in STUDY.tables(scores)}


# Figures


def test_every_figure_has_words(figures: dict[str, Figure]) -> None:
    assert list(figures) == [
        "digits_ranking", "digits_stacks", "digits_beside", "digits_progress", "digits_missing",
        "digits_heavy_stacks", "digits_heavy_progress", "digits_heavy_missing",
        "digits_classifier_confusion",
    ]  # fmt: skip
    for figure in figures.values():
        assert Image.open(io.BytesIO(figure.still)).width <= 2_000
        assert len(figure.caption) > 60
        assert figure.alt.endswith(".")
        assert "nan" not in figure.alt + figure.title + figure.caption
    assert {name for name, figure in figures.items() if figure.animation} == {"digits_beside"}
    assert figures["digits_beside"].experiments == sorted([GAN, R3GAN])


def test_titles_are_findings(figures: dict[str, Figure]) -> None:
    titles = {name: figure.title for name, figure in figures.items()}
    assert titles["digits_ranking"].startswith("Digits: the plain GAN shows 500 of 1,000 combinations")
    assert titles["digits_stacks"].endswith("can be read with confidence (gan); of real ones 60 %")
    assert titles["digits_missing"] == (
        "Digits, combinations missing in a run on average: gan 500 of 1,000 and r3gan 0 of 1,000"
    )
    assert titles["digits_classifier_confusion"] == "The classifier reads 98 % of held-out digits right"
    assert "real stacks show 29.5" in titles["digits_progress"]


def test_the_map_counts_every_combination_run_by_run(runs: dict[str, Runs]) -> None:
    of, weights = runs[GAN], np.full(1_000, 0.001)
    seen = maps.shown(list(of.samples), made_up.classifier())
    assert seen.sum(axis=1).tolist() == [made_up.STACKS] * 2
    assert seen.reshape(2, 10, 10, 10)[:, :5].sum() == 0
    assert maps.missing(seen, weights).tolist() == [500, 500]
    share = maps.share(seen, weights)
    np.testing.assert_allclose(share.ravel(), seen.sum(axis=0) / (2 * made_up.STACKS * 0.001))
    assert share[0].max() == 0
    assert share[5:].mean() == pytest.approx(2)


def test_what_never_comes_in_half_of_the_runs_is_absent() -> None:
    weights, seen = np.full(1_000, 0.001), np.full((4, 1_000), 10)
    seen[:2, 123], seen[2:, 123] = 0, 20
    seen[0, 456] = 0
    assert np.flatnonzero(maps.absent(seen, weights)).tolist() == [123]
    assert maps.missing(seen, weights).tolist() == [2, 1, 0, 0]
    share = maps.share(seen, weights)
    assert share[1, 2, 3] == 0  # though it comes as often as it should in all runs together
    assert share[4, 5, 6] == pytest.approx(30 / 40, rel=1e-3)


def test_the_map_does_not_speak_of_combinations_that_are_too_rare() -> None:
    weights = np.append(np.full(999, 0.9995 / 999), 0.0005)
    seen = np.full((3, 1_000), 8)
    assert maps.known(seen, weights).tolist() == [True] * 999 + [False]  # 4 stacks are expected of the last
    share = maps.share(seen, weights)
    assert math.isnan(share[9, 9, 9])
    assert share[0, 0, 0] == pytest.approx(8 / (8_000 * 0.9995 / 999))
    assert not maps.known(np.zeros((0, 1_000), np.int64), weights).any()


def test_what_chance_alone_leaves_out() -> None:
    seen = np.full((2, 1_000), 6)
    assert maps.by_chance(seen, np.full(1_000, 0.001)) == pytest.approx(1_000 * 0.999**6_000)
    weights = np.append(np.full(999, 0.9995 / 999), 0.0005)  # the last one is too rare to be spoken of
    assert maps.by_chance(seen, weights) == pytest.approx(999 * (1 - 0.9995 / 999) ** 6_000)


def test_the_map_leaves_diverged_runs_out(monkeypatch: pytest.MonkeyPatch, runs: dict[str, Runs]) -> None:
    rows: list[squares.Squares] = []
    monkeypatch.setattr(maps.squares, "rows", lambda found, _: rows.extend(found) or (b"PNG", (9, 9)))
    half = runs | {GAN: made_up.runs(GAN, diverged=[0])}
    assert maps.figure(half, made_up.scored(half), "digits") is not None
    assert [row.title for row in rows] == [
        "real test stacks: 0 of 1,000 combinations never come in 10,000 stacks",
        "gan: 500 of 1,000 combinations never come in 10,000 stacks",
        "r3gan: 0 of 1,000 combinations never come in half of its 2 runs or more",
    ]


def test_the_map_leaves_out_who_has_too_few_stacks_to_miss_any(runs: dict[str, Runs]) -> None:
    few = {GAN: made_up.runs(GAN, n=400), R3GAN: runs[R3GAN]}
    figure = maps.figure(few, made_up.scored(few), "digits")
    assert figure is not None
    assert figure.title == "Digits, combinations missing in a run on average: r3gan 0 of 1,000"
    few[R3GAN] = made_up.runs(R3GAN, n=400)
    assert maps.figure(few, made_up.scored(few), "digits") is None


def test_channels_are_shown_apart_below_their_stack() -> None:
    images = made_up.stacks(np.array([[1, 2, 3], [4, 5, 6]]))[None]  # (1, 2, 3, 8, 8)
    sheet = stacks._apart(stacks.frames.Sheet("x", images))
    assert sheet.images.shape == (4, 2, 3, 8, 8)
    np.testing.assert_array_equal(sheet.images[0], images[0])
    for channel in range(3):
        for colour in range(3):
            np.testing.assert_array_equal(sheet.images[1 + channel, :, colour], images[0, :, channel])
    moving = stacks._apart(stacks.frames.Sheet("x", np.stack([images, images])))
    assert moving.images.shape == (2, 4, 2, 3, 8, 8)


def test_all_stacks_are_drawn_in_one_pass(runs: dict[str, Runs], scores: Scores) -> None:
    asked: list[str] = []

    class Counted(dict[str, Runs]):
        def __getitem__(self, name: str) -> Runs:
            asked.append(name)
            return super().__getitem__(name)

    assert stacks.every(Counted(runs), scores, "digits") is not None
    assert asked == [GAN, R1, R3GAN]


def test_figures_are_drawn_lazily(monkeypatch: pytest.MonkeyPatch, runs: dict[str, Runs], scores: Scores) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    for module, name in ((stacks.frames, "still"), (maps.squares, "rows"), (remedies.leaderboards, "ranking")):
        monkeypatch.setattr(module, name, refuse)
    assert len(STUDY.figures(runs, scores)) == 11
    with pytest.raises(AssertionError):
        drawn(runs, scores)


def test_without_a_classifier_only_stacks_and_scores_are_drawn(runs: dict[str, Runs], scores: Scores) -> None:
    blind = {name: made_up.runs(name, with_classifier=False) for name in NAMES}
    names = list(drawn(blind, made_up.scored(blind)))
    assert names == ["digits_ranking", "digits_stacks", "digits_beside", "digits_heavy_stacks"]


def test_without_scores_nothing_is_drawn_and_nothing_is_said(runs: dict[str, Runs]) -> None:
    empty = made({})
    assert drawn({}, empty) == {}
    assert STUDY.answer(empty) == []
    assert STUDY.tables(empty) == []
    assert STUDY.claims(empty) == []


def test_a_study_with_diverged_runs_only_says_so(runs: dict[str, Runs]) -> None:
    gone = {GAN: made_up.runs(GAN, diverged=[0, 1])}
    scores = made_up.scored(gone)
    assert STUDY.answer(scores) == ["Digits: all runs of gan diverged."]
    found = drawn(gone, scores)
    assert "digits_missing" not in found
    assert "digits_beside" not in found
    assert tables(scores)["leaderboard_digits"].frame["diverged"].tolist()[0] == 2
    assert "significance_digits" not in tables(scores)


def test_the_curve_says_what_untrained_networks_show(figures: dict[str, Figure], scores: Scores) -> None:
    first = scores.progress.query("experiment == @GAN and step == 0")["modes_recognised"].mean()
    assert f"Networks that have learned nothing (gan, step 0) show {first:g}." in figures["digits_progress"].caption


def test_stacks_of_which_none_can_be_read_are_called_so() -> None:
    blurred = {R1: made_up.runs(R1)}
    assert drawn(blurred, made_up.scored(blurred))["digits_stacks"].title == (
        "Digits: no generated stack can be read with confidence; of real ones 60 %"
    )


def test_runs_with_too_few_stacks_are_not_drawn() -> None:
    few = {name: made_up.runs(name, n=5) for name in (GAN, R3GAN)}
    names = list(drawn(few, made_up.scored(few)))
    assert "digits_stacks" not in names
    assert "digits_beside" not in names


def test_no_curve_without_the_floor_at_its_number_of_stacks(runs: dict[str, Runs]) -> None:
    assert "digits_progress" not in drawn(runs, made_up.scored(runs, floors=False))


# Sentences


def test_the_answer_states_both_counts_and_who_differs() -> None:
    values = (
        shown(700, 702, 698) | shown(950, 951, 949, name=R3GAN, share=0.2) | shown(700, 703, 697, name=R1, share=0.55)
    )
    answer = STUDY.answer(made(values, classifiers={"a": RECORD}))
    assert answer[0] == (
        "Digits, by the papers’ count: the plain GAN shows 700 [695, 705] of 1,000 combinations, real stacks 1,000. "
        "Significantly more: r3gan. No significant difference: r1. p-values are adjusted for 2 comparisons (Holm)."
    )
    counted = "Digits, counting only stacks that are recognised with confidence"
    assert answer[1].startswith(f"{counted}: the plain GAN shows 350")
    assert answer[2] == (
        "Digits: the share of stacks that are recognised with confidence is 0.5 for the plain GAN and 0.55 for r1, the "
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
        "Digits: the share of stacks that are recognised with confidence is 0.5 for r3gan; for real stacks it is 0.6."
    ]
    assert remedies.figure(made(shown(950, 951, name=R3GAN) | shown(1, 2, name=R1)), "digits").title == (  # type: ignore[union-attr]
        "Digits: combinations that each variant shows"
    )


# Tables


def test_the_leaderboard_has_every_entry_and_the_floor() -> None:
    scores = made(shown(700, 702) | shown(950, 951, name=R3GAN), diverged=[(R1, 0), (R1, 1)])
    frame = tables(scores)["leaderboard_digits"].frame
    assert frame["remedy"].tolist() == ["gan", "r1", "r3gan", "real against real"]
    assert frame["modes_recognised"].tolist()[0] == 701
    assert frame["modes_recognised"].tolist()[3] == 1_000
    assert math.isnan(frame["modes_recognised"].tolist()[1])
    assert frame["diverged"].tolist()[:3] == [0, 2, 0]
    assert frame["cost"].tolist()[:3] == [1, 2, 2]
    assert not frame["remedy"].str.contains("published|DCGAN").any()  # other data are never pooled with ours


def test_differences_are_those_of_welch() -> None:
    plain_gan, r3gan = [700.0, 720.0, 690.0], [800.0, 790.0, 850.0]
    frame = tables(made(shown(*plain_gan) | shown(*r3gan, name=R3GAN)))["significance_digits"].frame
    assert frame["remedy"].tolist() == ["r3gan"]
    row = frame.iloc[0]
    assert row["modes_recognised_difference"] == pytest.approx(np.mean(r3gan) - np.mean(plain_gan))
    assert row["modes_recognised_adjusted_p"] == pytest.approx(ttest_ind(r3gan, plain_gan, equal_var=False).pvalue)
    assert row["modes_recognised_verdict"] == "significantly more"
    assert row["recognised_kl_verdict"] == "significantly lower"
    assert row["confident_fraction_verdict"] == "no significant difference"


def test_published_numbers_are_marked_as_other_data() -> None:
    table = tables(made(shown(700, 702)))["published_stacked_mnist"]
    assert table.title == "Published, other data: Stacked MNIST in the papers"
    assert table.caption.startswith("Other data and another protocol, so nothing here is comparable")
    frame = pd.read_csv(Path(published.__file__).with_name("published.csv")).set_index("method")
    assert frame.loc["VEEGAN", ["modes", "kl"]].tolist() == [150, 2.95]
    assert frame.loc["R3GAN", ["modes", "kl"]].tolist() == [1_000, 0.029]
    assert frame.loc["perfect sampler", "kl"] == pytest.approx(999 / 52_000, abs=5e-5)
    assert frame["source"].notna().all()
    assert frame["modes"].between(0, 1_000).all()


def test_a_dataset_that_follows_the_published_protocol_is_of_the_same_kind_of_data() -> None:
    extras = [read(file) for file in sorted((ROOT / "extra").glob("*/params.yaml"))]
    followed = [
        params["datasets"][dataset]["kind"]
        for params in extras
        for dataset, protocol in params["studies"].get("thousand", {}).get("published", {}).items()
        if protocol == published.PROTOCOL
    ]
    assert followed == ["stacked_mnist"]


def test_published_numbers_may_be_held_against_runs_that_follow_the_protocol() -> None:
    plain_gan = made(shown(700, 702))
    followed = Scores(**{**plain_gan.__dict__, "published": {"digits": "stacked_mnist"}})
    table = tables(followed)["published_stacked_mnist"]
    assert table.title == "Published: Stacked MNIST in the papers"
    assert table.caption.startswith("Printed numbers, for runs on Digits alone, which follow this protocol")
    assert not tables(followed)["leaderboard_digits"].frame["remedy"].str.contains("DCGAN").any()


# Who is best


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


def test_unequal_weights_have_a_word_of_warning() -> None:
    values = shown(700, 702, name=HEAVY_GAN)
    assert "Showing more is no merit" in tables(made(values))["leaderboard_digits_heavy"].caption
    assert "no merit" not in tables(made(shown(700, 702)))["leaderboard_digits"].caption


def test_on_unequal_weights_the_answer_speaks_of_mode_kl_and_not_of_the_papers_count() -> None:
    values = shown(700, 702, 698, name=HEAVY_GAN) | shown(950, 951, 949, name="thousand_digits_heavy_r3gan")
    answer = STUDY.answer(made(values))
    assert answer[0].startswith(
        "Digits Heavy, combinations of unequal probability: the plain GAN’s mode KL is 0.3 [0.295, 0.305] nats, that "
        "of real stacks 0.05. Significantly lower: r3gan."
    )
    assert not any("papers’ count" in sentence for sentence in answer)
