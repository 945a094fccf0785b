"""The figures of the study `dirac`: what is drawn, what captions say, and what is left out."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
import trained_dirac
from PIL import Image
from trained_dirac import changed

from modescope import datasets, studies
from modescope.dirac import paths
from modescope.store.runs import Runs, Scores
from modescope.studies import Figure
from modescope.studies.dirac import figures
from modescope.studies.dirac.formulas import key
from modescope.studies.dirac.remedies import Arm, arms

STUDY = studies.build("dirac")


@pytest.fixture(scope="module")
def runs() -> dict[str, Runs]:
    return trained_dirac.runs()


@pytest.fixture(scope="module")
def scores() -> Scores:
    return trained_dirac.scores()


def only(drawn: Iterator[Figure]) -> Figure:
    (figure,) = drawn
    return figure


def without(found: list[Arm], *keys: str) -> list[Arm]:
    return [arm for arm in found if key(arm) not in keys]


def test_figures_are_drawn_with_their_animation(runs: dict[str, Runs], scores: Scores) -> None:
    drawn = [figure for part in STUDY.figures(runs, scores) for figure in part]
    assert [figure.name for figure in drawn] == ["portraits", "at_once", "distances", "rates"]
    assert drawn[1].alt == (
        "GAN, saturating loss, at once: leaves; GAN, at once: leaves; R1 (γ = 1), at once: converges; GAN, saturating "
        "loss, in turn: circles; GAN, in turn: circles; R1 (γ = 1), in turn: converges."
    )
    assert [figure.finding for figure in drawn] == [
        "",  # from twelve starts
        "Stepping both sides at once leads away from the equilibrium; a penalty still holds.",
        "After 500 steps, three of 11 settings are within 0.1 of the equilibrium; the others are at least 0.165 away.",
        "Trained with the variants’ own code, remedies move as their eigenvalues say.",
    ]
    for figure in drawn:
        assert Image.open(io.BytesIO(figure.still.png)).size[0] > 500
        assert figure.caption.endswith(".")
        assert figure.alt
    assert [piece.name for piece in drawn[0].pieces[:3]] == ["r1_gamma_1", "r3gan_gamma_0_3", "r1_gamma_0_3"]
    assert {piece.variant for piece in drawn[0].pieces} == {"gan", "lsgan", "r1", "r3gan", "wgan_gp"}
    assert max(len(piece.still.svg) for piece in drawn[0].pieces) < 60_000
    assert drawn[0].animation is not None
    assert Image.open(io.BytesIO(drawn[0].animation)).n_frames > 20


def test_a_figure_of_a_disagreement_says_so(runs: dict[str, Runs], scores: Scores) -> None:
    other = changed(scores, "dirac_origin_gan_saturating", "contraction", 0.97)
    (figure,) = list(STUDY.figures(runs, other)[3])
    assert figure.finding == "Not every remedy moves as its eigenvalues say: GAN, saturating loss."


def test_a_short_training_has_no_rate(scores: Scores) -> None:
    found = arms(scores)
    short = changed(scores, "dirac_origin_gan_saturating", "contraction", 0.97)
    short = changed(short, "dirac_origin_gan_saturating", "path_steps", 15)
    assert only(figures.rates(short, found)).finding.startswith("Trained with the variants")
    assert list(figures.rates(short, [arm for arm in found if arm.label == "gan_saturating"])) == []


def test_steps_at_once_are_described_by_what_is_drawn(scores: Scores) -> None:
    found = arms(scores)
    every, plain = only(figures.at_once(found)), only(figures.at_once(without(found, "gan", "r1")))
    assert every.finding == "Stepping both sides at once leads away from the equilibrium; a penalty still holds."
    assert "non-saturating" in every.caption
    assert plain.finding == "Stepping both sides at once leads away from the equilibrium."
    assert "non-saturating" not in plain.caption


def test_distances_are_described_by_what_is_drawn(runs: dict[str, Runs], scores: Scores) -> None:
    found = arms(scores)
    assert "non-saturating" in only(figures.distances(runs, found)).caption
    caption = only(figures.distances(runs, without(found, "gan"))).caption
    assert "non-saturating" not in caption
    assert "Noise" not in caption


def test_portraits_need_paths_at_the_same_steps(runs: dict[str, Runs], scores: Scores) -> None:
    found = arms(scores)
    blind = {name: replace(run, watched={}) for name, run in runs.items()}
    assert list(figures.portrait(blind, scores, found, "")) == []
    other = runs["dirac_origin_lsgan"]
    uneven = runs | {"dirac_origin_lsgan": replace(other, snapshot_steps=2 * other.snapshot_steps)}
    drawn = only(figures.portrait(uneven, scores, without(found, "wgan_gp", "r1", "r3gan"), ""))
    assert drawn.experiments == ["dirac_origin_gan", "dirac_origin_gan_saturating"]
    assert "LSGAN" not in drawn.alt
    assert drawn.caption.endswith("Nor are settings with snapshots at other steps than GAN.")


def test_other_runs_have_no_path(runs: dict[str, Runs]) -> None:
    run = runs["dirac_origin_gan"]
    elsewhere = replace(run, dataset=datasets.build({"kind": "constant", "value": 1.0}))
    assert paths.trained(run) is not None
    assert paths.trained(elsewhere) is None
    assert paths.trained(replace(run, watched={})) is None
