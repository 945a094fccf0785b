"""The figures of the study `thousand`: what is drawn, under which heading, also where something is missing."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import synthetic_thousand as made_up
from PIL import Image
from synthetic_thousand import GAN, HEAVY_GAN, R1, R1R2, R3GAN, RECORD, made, shown

from modescope import studies
from modescope.store.runs import Runs, Scores
from modescope.studies import Figure
from modescope.studies.thousand import maps, progress, remedies, stacks

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


def test_every_figure_has_words(figures: dict[str, Figure]) -> None:
    assert list(figures) == [
        "digits_ranking", "digits_stacks", "digits_beside", "digits_progress", "digits_missing",
        "digits_heavy_stacks", "digits_heavy_progress", "digits_heavy_missing",
        "digits_classifier_confusion",
    ]  # fmt: skip
    for figure in figures.values():
        assert Image.open(io.BytesIO(figure.still.png)).width <= 2_000
        assert len(figure.caption) > 60
        assert figure.alt.endswith(".")
        assert "nan" not in figure.alt + figure.title + figure.caption
    assert {name for name, figure in figures.items() if figure.animation} == {"digits_beside"}
    assert figures["digits_beside"].experiments == sorted([GAN, R3GAN])


def test_findings(figures: dict[str, Figure]) -> None:
    findings = {name: figure.finding for name, figure in figures.items()}
    assert findings["digits_ranking"].startswith("Digits: the plain GAN shows 500 of 1,000 combinations; ")
    assert findings["digits_stacks"].startswith("Digits: on average at most ")
    assert findings["digits_stacks"].endswith("can be read with confidence (R3Gan); of real ones 60 %")
    assert findings["digits_missing"] == (
        "Digits: combinations that a run leaves out on average, 500 of 1,000 with the plain GAN and 0 of 1,000 with "
        "R3Gan"
    )
    assert findings["digits_classifier_confusion"] == "The classifier reads 98 % of held-out digits right"
    assert "real stacks show 29.5" in findings["digits_progress"]


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
    assert asked == [R3GAN, GAN, R1]


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


def test_the_curve_says_what_untrained_networks_show(figures: dict[str, Figure], scores: Scores) -> None:
    first = scores.progress.query("experiment == @GAN and step == 0")["modes_recognised"].mean()
    assert (
        f"Networks that have learned nothing (the plain GAN at step 0) show {first:g}."
        in figures["digits_progress"].caption
    )


def test_stacks_of_which_none_can_be_read_are_called_so() -> None:
    blurred = {R1: made_up.runs(R1)}
    assert drawn(blurred, made_up.scored(blurred))["digits_stacks"].finding == (
        "Digits: no generated stack can be read with confidence; of real ones 60 %"
    )


def test_runs_with_too_few_stacks_are_not_drawn() -> None:
    few = {name: made_up.runs(name, n=5) for name in (GAN, R3GAN)}
    names = list(drawn(few, made_up.scored(few)))
    assert "digits_stacks" not in names
    assert "digits_beside" not in names


FEW, MANY = (700, 702, 698), (950, 951, 949)


@pytest.mark.parametrize(
    ("others", "finding"),
    [
        ({R3GAN: MANY, R1: FEW}, "one of two remedies shows significantly more combinations than the plain GAN"),
        (
            {R3GAN: MANY, R1R2: MANY, R1: (500, 501, 499)},
            "two of three remedies show significantly more combinations than the plain GAN, one fewer",
        ),
        ({R1: FEW, R1R2: FEW}, "none of two remedies shows significantly more combinations than the plain GAN"),
        ({R1: FEW}, "the one remedy compared does not show significantly more combinations than the plain GAN"),
        ({R1: MANY}, "the one remedy compared shows significantly more combinations than the plain GAN"),
    ],
)
def test_the_ranking_is_headed_by_how_many_remedies_differ(others: dict[str, tuple[float, ...]], finding: str) -> None:
    values = shown(*FEW)
    for name, shows in others.items():
        values |= shown(*shows, name=name)
    figure = remedies.figure(made(values), "digits")
    assert figure is not None
    assert figure.finding == f"Digits: the plain GAN shows 700 of 1,000 combinations; {finding}"


def test_averaged_weights_are_no_remedy_in_the_heading_of_the_ranking() -> None:
    scores = made(shown(*FEW) | shown(*FEW, name=R1))
    averaged = scores.runs[scores.runs["experiment"] == GAN].assign(arm="ema=0.999")
    averaged.loc[averaged["metric"] == "modes_recognised", "value"] += 200
    figure = remedies.figure(replace(scores, runs=pd.concat([scores.runs, averaged], ignore_index=True)), "digits")
    assert figure is not None
    assert figure.finding.endswith(
        "the one remedy compared does not show significantly more combinations than the plain GAN"
    )
    assert "Significantly more: Gan with averaged weights." in figure.caption


@pytest.mark.parametrize(
    ("shows", "finding"),
    [
        (MANY, "has a significantly lower"),
        (FEW, "does not have a significantly lower"),
        ((500, 501, 499), "does not have a significantly lower"),
    ],
)
def test_where_combinations_are_unequal_the_ranking_is_headed_by_mode_kl(
    shows: tuple[float, ...], finding: str
) -> None:
    values = shown(*FEW, name=HEAVY_GAN) | shown(*shows, name="thousand_digits_heavy_r3gan")
    figure = remedies.figure(made(values), "digits_heavy")
    assert figure is not None
    assert figure.finding == (
        "Digits Heavy: the plain GAN’s mode KL is 0.3 nats; the one remedy compared "
        f"{finding} mode KL than the plain GAN"
    )
    assert "Against the plain GAN, mode KL: " in figure.caption


def test_the_curve_leaves_out_who_has_another_number_of_stacks(scores: Scores) -> None:
    more = {**scores.settings[R1], "snapshots": {**scores.settings[R1]["snapshots"], "points": 60}}
    figure = progress.figure(replace(scores, settings={**scores.settings, R1: more}), "digits")
    assert figure is not None
    assert figure.experiments == sorted([GAN, R3GAN])
    assert "have another number of stacks: R1." in figure.caption
    alone = progress.figure(scores, "digits")
    assert alone is not None
    assert R1 in alone.experiments
    assert "Left out" not in alone.caption


def test_no_curve_without_the_floor_at_its_number_of_stacks(runs: dict[str, Runs]) -> None:
    assert "digits_progress" not in drawn(runs, made_up.scored(runs, floors=False))
