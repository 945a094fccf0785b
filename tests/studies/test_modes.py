"""The study `modes` on synthetic scores with known truth: labels, claims, the answer and the figures."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import synthetic_modes as made_up
from stated import says_its_range
from synthetic_modes import BIGAN, ENCODER, GAN, LAMBDA, LINE, PGP, RECONSTRUCTION, WEIGHT, Values, made

from modescope import studies
from modescope.statistics import Verdict
from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure
from modescope.studies.common import courses, grids
from modescope.studies.common.entries import datasets, entries, find, label_of
from modescope.studies.modes import latent_planes, progress

STUDY = studies.build("modes")
PENALTY, WGAN, FORMS = "modes_ring8_heavy_bigan_pgp", "modes_ring8_heavy_wgan", "modes_line5_bigan_pgp_forms"


def claims(values: Values, share: float = 0.9, **options: Any) -> dict[str, Claim]:
    """The claims by key; every entry has this share of its points on modes."""
    on_modes = {
        (e, arm, metric): [share] * len(found)
        for (e, arm, _), found in values.items()
        for metric in ("high_quality_fraction", "coverage")
    }
    return {claim.key: claim for claim in STUDY.claims(made(on_modes | values, **options))}


# Labels


@pytest.mark.parametrize(
    ("experiment", "dataset", "variant", "arm", "swept", "label"),
    [
        ("modes_grid25_gan", "grid25", "gan", "base", [], "gan"),
        ("modes_grid25_gan_saturating", "grid25", "gan", "base", [], "gan_saturating"),
        ("modes_grid25_gan", "grid25", "gan", "ema=0.999", [], "gan ema=0.999"),
        ("modes_line5_bigan_pgp", "line5", "bigan_pgp", f"{LAMBDA}1.0", [LAMBDA[:-1]], "bigan_pgp gp_weight=1.0"),
        ("modes_line5_bigan_pgp_forms", "line5", "bigan_pgp", "hyperparameters.form=authors", ["hyperparameters.form"],
         "bigan_pgp form=authors"),
        ("t_grid25_gan", "grid25", "gan",
         "optimizers.generator.learning_rate=0.001,optimizers.discriminator.learning_rate=0.003",
         ["optimizers.generator.learning_rate", "optimizers.discriminator.learning_rate"],
         "gan generator.lr=0.001 discriminator.lr=0.003"),
        ("a_ring8_pacgan_pacgan", "ring8_pacgan", "pacgan", "base", [], "pacgan"),
        ("something_else", "grid25", "gan", "base", [], "something_else"),
    ],
)  # fmt: skip
def test_labels(experiment: str, dataset: str, variant: str, arm: str, swept: list[str], label: str) -> None:
    assert label_of(experiment, dataset, variant, arm, swept) == label


def test_entries_are_in_the_order_of_the_plan_with_their_settings() -> None:
    scores = made_up.everything()
    assert datasets(scores) == ["ring8_heavy", "line5", "swiss_roll", "ring8"]
    found = {d: [e.label for e in entries(scores, d)] for d in datasets(scores)}
    assert found["ring8_heavy"] == [
        "gan", "gan ema=0.999", "gan_saturating", "wgan", "bigan", "bigan_pgp", "unrolled",
    ]  # fmt: skip
    assert found["line5"] == [
        "bigan",
        *(f"bigan_reconstruction reconstruction_weight={w}" for w in made_up.WEIGHTS),
        *(f"bigan_pgp gp_weight={w}" for w in made_up.WEIGHTS),
        "bigan_pgp form=article",
        "bigan_pgp form=authors",
    ]
    assert (found["swiss_roll"], found["ring8"]) == (["bigan"], ["encoder"])
    by_label = {e.label: e for e in entries(scores, "ring8_heavy")}
    assert by_label["gan_saturating"].hyperparameters == {"saturating": "True"}
    assert by_label["bigan_pgp"].hyperparameters == {"gp_weight": "0.1"}
    assert (by_label["gan ema=0.999"].variant, by_label["gan ema=0.999"].experiment) == ("gan", GAN)


def test_find_takes_the_first_match_and_skips_averaged_weights() -> None:
    scores = made_up.everything()
    found = find(scores, "line5", "bigan_pgp", gp_weight="10.0")
    assert found is not None
    assert (found.experiment, found.arm, found.hyperparameters) == (PGP, f"{LAMBDA}10.0", {"gp_weight": "10.0"})
    assert find(scores, "line5", "bigan_pgp", gp_weight="10") is None
    assert find(scores, "ring8", "bigan") is None
    saturating = find(scores, "ring8_heavy", "gan", saturating="True")
    assert saturating is not None
    assert saturating.label == "gan_saturating"
    averaged = made({(GAN, "ema=0.999", "coverage"): [0.5]})
    assert [e.arm for e in entries(averaged, "ring8_heavy")] == ["ema=0.999"]
    assert find(averaged, "ring8_heavy", "gan") is None


# Claims


def one(experiment: str, metric: str, *by_seed: float) -> Values:
    return {(experiment, "base", metric): list(by_seed)}


def bought(bigan: list[float], penalty: list[float]) -> Values:
    return {(BIGAN, "base", "modes_covered"): bigan, (PENALTY, "base", "modes_covered"): penalty}


def weights(experiment: str, weaker: tuple[str, list[float]], stronger: tuple[str, list[float]]) -> Values:
    key = LAMBDA if experiment == PGP else WEIGHT
    return {(experiment, f"{key}{w}", "modes_covered"): v for w, v in (weaker, stronger)}


def formed(form: str, penalty: list[float], bigan: list[float] | None = None) -> Values:
    values: Values = {(FORMS, f"hyperparameters.form={form}", "modes_covered"): penalty}
    return values if bigan is None else values | {(LINE, "base", "modes_covered"): bigan}


FEW, MANY, MIXED, OTHER = [1.0, 2.0, 1.0], [5.0, 5.0, 4.0], [1.0, 5.0, 3.0], [5.0, 1.0, 4.0]
ALL = [8.0] * 6
CASES: list[tuple[str, Verdict, Values]] = [
    ("bigan-loses-ring8-heavy", "supported", one(BIGAN, "modes_covered", 5, 6, 5)),
    ("bigan-loses-ring8-heavy", "contradicted", one(BIGAN, "modes_covered", *ALL)),
    ("bigan-loses-ring8-heavy", "inconclusive", one(BIGAN, "modes_covered", 8, 7, 6)),
    *(
        case
        for metric in ("modes_covered", "modes_hit")
        for case in (
            (f"penalty-{metric}-ring8-heavy".replace("_", "-"), "supported", one(PENALTY, metric, *ALL)),
            (f"penalty-{metric}-ring8-heavy".replace("_", "-"), "contradicted", one(PENALTY, metric, 5, 6, 5)),
            (f"penalty-{metric}-ring8-heavy".replace("_", "-"), "inconclusive", one(PENALTY, metric, 8, 7, 6)),
        )
    ),
    ("penalty-buys-ring8-heavy", "supported", bought([4, 5, 4], [8, 8, 8])),
    ("penalty-buys-ring8-heavy", "contradicted", bought([8, 8, 8], [4, 5, 4])),
    ("penalty-buys-ring8-heavy", "inconclusive", bought([4, 8, 6], [8, 4, 6])),
    *(
        case
        for form in ("article", "authors")
        for case in (
            (f"penalty-{form}-line5", "supported", formed(form, [5.0] * 6)),
            (f"penalty-{form}-line5", "contradicted", formed(form, [2.0, 3.0, 2.0])),
            (f"penalty-{form}-line5", "inconclusive", formed(form, [5.0, 4.0, 3.0])),
            (f"penalty-buys-{form}-line5", "supported", formed(form, [5.0] * 3, [2.0, 3.0, 2.0])),
            (f"penalty-buys-{form}-line5", "contradicted", formed(form, [2.0, 3.0, 2.0], [5.0] * 3)),
            (f"penalty-buys-{form}-line5", "inconclusive", formed(form, [5.0, 2.0, 4.0], [2.0, 5.0, 3.0])),
        )
    ),
    ("lambda-line5-0.1-1.0", "supported", weights(PGP, ("0.1", FEW), ("1.0", MANY))),
    ("lambda-line5-0.1-1.0", "contradicted", weights(PGP, ("0.1", MANY), ("1.0", FEW))),
    ("lambda-line5-0.1-1.0", "inconclusive", weights(PGP, ("0.1", MIXED), ("1.0", OTHER))),
    ("lambda-line5-1.0-10.0", "supported", weights(PGP, ("1.0", MANY), ("10.0", FEW))),
    ("lambda-line5-1.0-10.0", "contradicted", weights(PGP, ("1.0", FEW), ("10.0", MANY))),
    ("lambda-line5-1.0-10.0", "inconclusive", weights(PGP, ("1.0", MIXED), ("10.0", OTHER))),
    ("balance-line5-0.1-1.0", "supported", weights(RECONSTRUCTION, ("0.1", FEW), ("1.0", MANY))),
    ("balance-line5-0.1-1.0", "supported", weights(RECONSTRUCTION, ("0.1", MANY), ("1.0", FEW))),
    ("balance-line5-0.1-1.0", "contradicted", weights(RECONSTRUCTION, ("0.1", [5.0] * 6), ("1.0", [5.0] * 6))),
    ("balance-line5-0.1-1.0", "inconclusive", weights(RECONSTRUCTION, ("0.1", MIXED), ("1.0", OTHER))),
    ("balance-line5-1.0-10.0", "supported", weights(RECONSTRUCTION, ("1.0", FEW), ("10.0", MANY))),
    ("balance-line5-1.0-10.0", "supported", weights(RECONSTRUCTION, ("1.0", MANY), ("10.0", FEW))),
    ("reconstruction-error-line5", "supported", one(LINE, "reconstruction_error", 0.01, 0.02, 0.03)),
    ("reconstruction-error-line5", "contradicted", one(LINE, "reconstruction_error", 0.5, 0.6, 0.55)),
    ("reconstruction-error-line5", "inconclusive", one(LINE, "reconstruction_error", 0.01, 0.5, 0.2)),
    ("recode-error-line5", "supported",
     one(LINE, "reconstruction_error", 1, 1, 1) | one(LINE, "recode_error", 0.01, 0.02, 0.03)),
    ("recode-error-line5", "contradicted",
     one(LINE, "reconstruction_error", 0, 0, 0) | one(LINE, "recode_error", 0.5, 0.6, 0.55)),
    ("recode-error-line5", "inconclusive",
     one(LINE, "reconstruction_error", 0, 0, 0) | one(LINE, "recode_error", 0.01, 0.5, 0.2)),
    ("encoder-keeps-ring8", "supported", one(ENCODER, "modes_kept", *ALL)),
    ("encoder-keeps-ring8", "contradicted", one(ENCODER, "modes_kept", 3, 4, 3)),
    ("encoder-keeps-ring8", "inconclusive", one(ENCODER, "modes_kept", 8, 6, 7)),
    ("encoder-fills-ring8", "supported", one(ENCODER, "code_coverage", 0.95, 0.96, 0.95)),
    ("encoder-fills-ring8", "contradicted", one(ENCODER, "code_coverage", 0.3, 0.35, 0.3)),
    ("encoder-fills-ring8", "inconclusive", one(ENCODER, "code_coverage", 0.6, 0.95, 0.9)),
]  # fmt: skip


@pytest.mark.parametrize(("key", "verdict", "values"), CASES)
def test_the_verdict_follows_from_the_scores(key: str, verdict: Verdict, values: Values) -> None:
    claim = claims(values)[key]
    assert claim.verdict == verdict
    assert says_its_range(claim)
    assert {*claim.remedies} == {made_up.EXPERIMENTS[experiment].variant for experiment, *_ in values}
    assert claim.effect.n == len(next(iter(values.values())))
    assert claim == claims(values)[key]  # the bootstrap is seeded by the claim alone


@pytest.mark.parametrize(
    ("key", "values"),
    [(key, values) for key, verdict, values in CASES if verdict != "inconclusive" and "encoder" not in key],
)
def test_claims_are_not_judged_while_few_points_lie_on_modes(key: str, values: Values) -> None:
    young, grown = claims(values, share=0.49)[key], claims(values, share=0.5)[key]
    assert (young.verdict, young.effect) == ("inconclusive", grown.effect)
    assert "too little has been learned; here the share is 0.49 (" in young.rule
    assert grown.verdict != "inconclusive"


@pytest.mark.parametrize(("key", "values"), [(key, values) for key, verdict, values in CASES if verdict == "supported"])
def test_one_seed_decides_nothing(key: str, values: Values) -> None:
    assert claims({k: v[:1] for k, v in values.items()})[key].verdict == "inconclusive"


def test_every_kind_of_claim_has_cases() -> None:
    kinds = {key.split("-ring8")[0].split("-line5")[0].split("-swiss")[0] for key in claims_of_all()}
    assert kinds == {key.split("-ring8")[0].split("-line5")[0] for key, *_ in CASES}


def claims_of_all() -> list[str]:
    return [claim.key for claim in STUDY.claims(made_up.everything())]


def test_claims_are_in_the_order_of_the_plan_and_the_encoder_is_last() -> None:
    about = ["bigan-loses", "penalty-modes-covered", "penalty-modes-hit", "penalty-buys"]
    errors = ["reconstruction-error", "recode-error"]
    tenfold = ["0.1-1.0", "1.0-10.0"]
    assert claims_of_all() == [
        *(f"{key}-ring8-heavy" for key in (*about, *errors)),
        *(f"{key}-line5" for key in about),
        *(f"{key}-{form}-line5" for form in ("article", "authors") for key in ("penalty", "penalty-buys")),
        *(f"{key}-line5-{pair}" for key in ("lambda", "balance") for pair in tenfold),
        *(f"{key}-line5" for key in errors),
        *(f"{key}-swiss-roll" for key in errors),
        "encoder-keeps-ring8",
        "encoder-fills-ring8",
    ]


def test_effects_are_what_the_rules_say() -> None:
    lost = claims(one(BIGAN, "modes_covered", 5, 6, 4))["bigan-loses-ring8-heavy"]
    assert lost.effect.value == pytest.approx(3)
    assert "of 8" in lost.rule
    assert claims(bought([4, 5, 4], [8, 7, 8]))["penalty-buys-ring8-heavy"].effect.value == pytest.approx(10 / 3)
    low, high = ("1.0", [5.0, 4.0, 5.0]), ("10.0", [2.0, 2.0, 3.0])
    assert claims(weights(PGP, low, high))["lambda-line5-1.0-10.0"].effect.value == pytest.approx(-7 / 3)
    low, high = ("0.1", [5.0, 4.0, 5.0]), ("1.0", [2.0, 2.0, 3.0])
    assert claims(weights(PGP, low, high))["lambda-line5-0.1-1.0"].effect.value == pytest.approx(7 / 3)
    for pair in ((low, high), (("0.1", high[1]), ("1.0", low[1]))):
        assert claims(weights(RECONSTRUCTION, *pair))["balance-line5-0.1-1.0"].effect.value == pytest.approx(7 / 3)


def test_two_readings_of_captured_can_differ() -> None:
    both = claims(one(PENALTY, "modes_covered", 3, 4, 3) | one(PENALTY, "modes_hit", *ALL))
    assert both["penalty-modes-covered-ring8-heavy"].verdict == "contradicted"
    assert both["penalty-modes-hit-ring8-heavy"].verdict == "supported"
    assert both["penalty-modes-hit-ring8-heavy"].rule.startswith("Bigan Pgp: ")


def test_the_penalty_of_the_article_is_preferred() -> None:
    values = {(PGP, f"{LAMBDA}{w}", "modes_covered"): [float(i)] * 6 for i, w in enumerate(("0.1", "1.0", "10.0"))}
    captured = claims(values)["penalty-modes-covered-line5"]
    assert captured.effect.value == 5 - 1
    assert captured.rule.startswith("Bigan Pgp with gp_weight 1.0: ")


def test_differences_are_paired_by_seed_without_diverged_runs() -> None:
    scores = made(bought([1, 4, 5], [8, 8, 7]))
    kept = scores.runs[~((scores.runs["experiment"] == PENALTY) & (scores.runs["seed"] == 0))]
    (claim,) = [c for c in STUDY.claims(replace(scores, runs=kept)) if c.key == "penalty-buys-ring8-heavy"]
    assert (claim.effect.n, claim.effect.value) == (2, pytest.approx(3))


def test_claims_without_their_experiments_are_left_out() -> None:
    assert claims({}) == {}
    assert claims(one(GAN, "modes_covered", 8, 8, 8)) == {}
    assert set(claims(one(BIGAN, "modes_covered", 8, 7, 8))) == {"bigan-loses-ring8-heavy"}
    assert set(claims(one(PENALTY, "modes_covered", 8, 7, 8))) == {
        "penalty-modes-covered-ring8-heavy",
        "penalty-modes-hit-ring8-heavy",
    }
    keys = set(claims(weights(PGP, ("1.0", FEW), ("10.0", MANY))))
    assert [key for key in sorted(keys) if key.startswith(("lambda", "balance"))] == ["lambda-line5-1.0-10.0"]
    no_modes = claims(
        one("modes_swiss_roll_bigan", "reconstruction_error", 1, 2) | one("modes_swiss_roll_bigan", "coverage", 1, 1)
    )
    assert set(no_modes) == {"reconstruction-error-swiss-roll", "recode-error-swiss-roll"}


def test_modes_are_not_judged_where_their_number_is_not_measured() -> None:
    values = bought(FEW, MANY) | one(BIGAN, "reconstruction_error", 1, 1) | one(ENCODER, "modes_kept", 8, 8)
    assert set(claims(values, floors=False)) == {"reconstruction-error-ring8-heavy", "recode-error-ring8-heavy"}


def test_a_claim_whose_runs_all_diverged_is_inconclusive() -> None:
    gone = {(BIGAN, "base", seed): 7 for seed in range(3)}
    found = claims(one(GAN, "modes_covered", 8, 8, 8), diverged=gone)
    assert {key: (c.effect.n, c.verdict) for key, c in found.items()} == {
        "bigan-loses-ring8-heavy": (0, "inconclusive")
    }


# The answer


def test_the_answer_lists_significant_differences_and_the_rest() -> None:
    values = {
        (GAN, "base", "modes_covered"): [4.0, 4.0, 5.0] * 2,
        (GAN, "ema=0.999", "modes_covered"): [4.0, 5.0, 4.0] * 2,
        (WGAN, "base", "modes_covered"): [8.0, 8.0, 8.0] * 2,
        (BIGAN, "base", "modes_covered"): [1.0, 1.0, 1.0] * 2,
        (PENALTY, "base", "modes_covered"): [5.0, 4.0, 4.0] * 2,
    }
    gone = {("modes_ring8_heavy_unrolled", "base", 0): 3}
    assert STUDY.answer(made(values, diverged=gone)) == [
        "Ring8 Heavy: the plain GAN covers 4.33 [3.79, 4.88] of 8 modes. Significantly more: Wgan. "
        "Significantly fewer: Bigan. The other two do not differ significantly. "
        "p-values are adjusted for 4 comparisons (Holm)."
    ]


def test_there_is_no_answer_without_a_plain_gan_or_anything_beside_it() -> None:
    gan, wgan = one(GAN, "modes_covered", 4, 5, 4), one(WGAN, "modes_covered", 8, 7, 8)
    assert STUDY.answer(made(gan)) == []
    assert STUDY.answer(made(wgan | one(BIGAN, "modes_covered", 3, 4, 3))) == []
    assert STUDY.answer(made(gan | wgan, floors=False)) == []
    assert STUDY.answer(made({})) == []
    assert len(STUDY.answer(made(gan | wgan))) == 1


# Figures


@pytest.fixture(scope="module")
def scores() -> Scores:
    return made_up.everything()


@pytest.fixture(scope="module")
def runs() -> dict[str, Runs]:
    return made_up.all_runs()


@pytest.fixture(scope="module")
def figures(runs: dict[str, Runs], scores: Scores) -> dict[str, Figure]:
    scores = replace(scores, progress=made_up.during(list(runs.values())))
    drawn = list(itertools.chain.from_iterable(STUDY.figures(runs, scores)))
    assert len({figure.name for figure in drawn}) == len(drawn)
    return {figure.name: figure for figure in drawn}


def test_every_possible_figure_is_drawn(figures: dict[str, Figure]) -> None:
    assert list(figures) == [
        "ring8_heavy_ranking",
        "ring8_heavy_samples",
        "ring8_heavy_progress",
        "line5_ranking",  # its points have one coordinate, so its samples are not drawn in a plane
        "line5_progress",
        "swiss_roll_samples",  # one entry and no modes: neither ranking nor progress
        "line5_joint_plane",
        "ring8_encoder",  # of ring8, where no entry generates samples
    ]
    moving = {"ring8_heavy_samples", "swiss_roll_samples", "line5_joint_plane", "ring8_encoder"}
    assert {name for name, figure in figures.items() if figure.animation} == moving


def test_figures_have_pictures_captions_and_alt_texts(figures: dict[str, Figure]) -> None:
    for figure in figures.values():
        assert figure.still.png.startswith(b"\x89PNG\r\n\x1a\n")
        assert figure.animation is None or figure.animation.startswith(b"GIF89a")
        assert len(figure.caption) > 60
        assert figure.alt.startswith(figure.title)
        assert any(c.isdigit() for c in figure.alt.removeprefix(figure.title))
        assert figure.experiments == sorted(set(figure.experiments))
        assert set(figure.experiments) <= set(made_up.EXPERIMENTS)


def test_alt_texts_state_the_results(figures: dict[str, Figure]) -> None:
    heavy = figures["ring8_heavy_ranking"]
    assert heavy.alt.endswith(
        "mean of modes covered: Gan 8, Gan (saturating) 8, Wgan 8, Bigan Pgp 8, Gan with averaged weights 7, Bigan 7 "
        "and Unrolled –."
    )
    assert "modes_ring8_heavy_unrolled" in heavy.experiments
    assert (
        "coverage of the real points: Gan 0.897, Gan (saturating) 0.897, Wgan 0.9" in figures["ring8_heavy_samples"].alt
    )
    assert "Unrolled" not in figures["ring8_heavy_samples"].alt
    assert figures["ring8_encoder"].alt.endswith("8 of 8 modes are kept apart and 0.902 of the square is covered.")
    assert "Bigan Pgp (forms) with form authors 0." in figures["line5_joint_plane"].alt


class Recorder:
    """Replaces a drawing function and records its arguments."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, result: Any) -> None:
        self.calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        self.result = result
        monkeypatch.setattr(module, name, self)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        self.calls.append((arguments, options))
        return self.result


class Moving:
    gif = b"GIF89a"


def test_the_first_panel_is_the_data_alone(
    monkeypatch: pytest.MonkeyPatch, runs: dict[str, Runs], scores: Scores
) -> None:
    still = Recorder(monkeypatch, grids.stills, "scatter", (b"\x89PNG", (9, 9)))
    moving = Recorder(monkeypatch, grids.animation, "animate", Moving)
    grids.figure(runs, scores, "ring8_heavy")
    (panels, points, _, step), _ = still.calls[0]
    titles = [panel.title for panel in panels]
    order = ["Gan", "Gan (saturating)", "Wgan", "Bigan Pgp", "Gan with averaged weights", "Bigan", "Unrolled"]
    assert titles == ["the data", *order]  # the most modes first
    np.testing.assert_array_equal(panels[0].real, runs[GAN].real)
    assert [len(p) for p in points] == [0, *[made_up.POINTS] * 7]
    assert step == made_up.STEPS
    assert [panel.note for panel in panels] == [*[""] * 7, "diverged at step 40"]
    np.testing.assert_array_equal(points[5], runs[GAN].samples[made_up.SEEDS])  # the first seed of the averaged weights
    (_, frames, steps, _), _ = moving.calls[0]
    assert (len(frames), frames[0].shape, steps[-1]) == (8, (len(steps), 0, 2), made_up.STEPS)
    np.testing.assert_array_equal(frames[1], runs[GAN].snapshots[0])


def test_a_diverged_first_seed_is_not_shown(monkeypatch: pytest.MonkeyPatch, scores: Scores) -> None:
    still = Recorder(monkeypatch, grids.stills, "scatter", (b"\x89PNG", (9, 9)))
    Recorder(monkeypatch, grids.animation, "animate", Moving)
    mine = made_up.runs("modes_swiss_roll_bigan", diverged=[0])
    grids.figure({"modes_swiss_roll_bigan": mine}, scores, "swiss_roll")
    (_, points, *_), _ = still.calls[0]
    np.testing.assert_array_equal(points[1], mine.samples[1])


def test_the_joint_plane_shows_the_article_s_four(
    monkeypatch: pytest.MonkeyPatch, runs: dict[str, Runs], scores: Scores
) -> None:
    still = Recorder(monkeypatch, latent_planes.layers, "still", (b"\x89PNG", (9, 9)))
    Recorder(monkeypatch, latent_planes.layers, "animate", Moving)
    assert next(STUDY.figures(runs, scores)[-1]).name == "line5_joint_plane"
    (planes, *_), _ = still.calls[0]
    assert [plane.title for plane in planes] == [
        "Bigan",
        "Bigan Reconstruction with reconstruction_weight 1.0",
        "Bigan Pgp with gp_weight 1.0",
        "Bigan Pgp (forms) with form authors",
    ]
    mine, plane = runs[LINE], planes[0]
    assert plane.extent == (-0.75, 0.75, -1.25, 1.25)
    assert ((plane.field > 0) & (plane.field < 1)).all()
    encoded, generated = plane.layers
    np.testing.assert_array_equal(encoded.points[..., 0], mine.watched["x"][0, ..., 0])
    np.testing.assert_array_equal(encoded.points[..., 1], mine.watched["codes"][0, ..., 0])
    np.testing.assert_array_equal(generated.points[..., 0], mine.snapshots[0, ..., 0])
    np.testing.assert_array_equal(generated.points[..., 1], mine.watched["z"][0, ..., 0])


def test_the_encoder_s_map_colours_by_mode(monkeypatch: pytest.MonkeyPatch, runs: dict[str, Runs]) -> None:
    scores = made(one(ENCODER, "modes_kept", 8, 7) | one(ENCODER, "code_coverage", 0.5, 0.75))
    still = Recorder(monkeypatch, latent_planes.layers, "still", (b"\x89PNG", (9, 9)))
    Recorder(monkeypatch, latent_planes.layers, "animate", Moving)
    entry = find(scores, "ring8", "encoder")
    assert entry is not None
    figure = latent_planes.encoded(runs[ENCODER], scores, entry)
    assert figure is not None
    assert figure.alt.endswith("7.5 of 8 modes are kept apart and 0.625 of the square is covered.")
    (planes, *_), _ = still.calls[0]
    data, codes = planes
    centres = runs[ENCODER].dataset.centres
    assert centres is not None
    x = runs[ENCODER].watched["x"][0, 0]
    nearest = np.linalg.norm(x[:, None] - centres, axis=-1).argmin(axis=1)
    np.testing.assert_array_equal(data.layers[0].colour, nearest)
    np.testing.assert_array_equal(codes.layers[0].colour, nearest)
    np.testing.assert_allclose(codes.extent, (-1.3, 1.3, -1.3, 1.3))
    np.testing.assert_array_equal(codes.layers[0].points, runs[ENCODER].watched["codes"][0])


def names_of(chosen: list[str], **changes: Any) -> list[str]:
    found = {name: replace(made_up.runs(name), **changes) for name in chosen}
    values: Values = {
        (name, arm, "coverage"): [0.5, 0.6] for name in chosen for arm in made_up.EXPERIMENTS[name].all_arms()
    }
    parts = STUDY.figures(found, made(values))
    return [figure.name for figure in itertools.chain.from_iterable(parts)]


def test_nothing_is_drawn_without_data() -> None:
    assert list(itertools.chain.from_iterable(STUDY.figures({}, made({})))) == []
    assert names_of([ENCODER], watched={}) == []
    assert names_of([LINE], watched={}) == []  # one entry in one dimension, and no field
    assert names_of([BIGAN], watched={}) == ["ring8_heavy_samples"]


# Modes during training


def placed(counts: list[list[int]], far: float = 10.0) -> np.ndarray:
    """Snapshots with these counts of points on the first centres, all others far away, (snapshots, points, 2)."""
    centres = made_up.runs(GAN).dataset.centres
    assert centres is not None
    frames = np.full((len(counts), made_up.POINTS, 2), far, np.float32)
    for frame, on in zip(frames, counts, strict=True):
        mode = np.repeat(np.arange(len(on)), on)
        frame[: len(mode)] = centres[mode]
    return frames


# Of 60 points the heavy mode should have 39 and each other mode 3; half of that covers a mode: 20 points, or 2.
FIVE = [[], [60], [40, 20], [53, *[1] * 7], [46, *[2] * 7]]
FIVE_COVER = [0, 1, 2, 1, 8]


def test_coverage_of_known_snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    gan, wgan = made_up.runs(GAN), made_up.runs(WGAN)
    gan.snapshots[:] = placed([[], [], [], [], [60]])
    gan.snapshots[0] = placed(FIVE)
    wgan.snapshots[:] = np.nan
    wgan.snapshots[:2] = placed(FIVE)
    wgan.snapshots[1, 3:] = np.nan
    scores = made(one(GAN, "modes_covered", 8, 8, 8) | one(WGAN, "modes_covered", 8, 8))
    drawn = Recorder(monkeypatch, courses.curves, "small_multiples", (b"\x89PNG", (9, 9)))
    figure = progress.figure(replace(scores, progress=made_up.during([gan, wgan])), "ring8_heavy")
    (curves, _), options = drawn.calls[0]
    plain, wasserstein = curves
    assert (plain.name, wasserstein.name) == ("Gan", "Wgan")
    np.testing.assert_array_equal(plain.steps, [0, 20, 40, 60, 80])
    np.testing.assert_allclose(plain.mean, [0, 1 / 3, 2 / 3, 1 / 3, 10 / 3])
    np.testing.assert_array_equal(plain.low, [0, 0, 0, 0, 1])
    np.testing.assert_array_equal(plain.high, FIVE_COVER)
    np.testing.assert_array_equal(wasserstein.mean, FIVE_COVER)  # the mean over runs that have not diverged
    np.testing.assert_array_equal(options["reference"].mean, plain.mean)
    assert options["maximum"] == ("all modes", 8.0)
    assert figure is not None
    assert figure.alt.endswith("at the end on average Gan 3.33 and Wgan 8 of 8.")
    assert f"{made_up.POINTS} generated points" in figure.caption


def test_after_divergence_nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    wgan = made_up.runs(WGAN, diverged=[0, 1, 2])
    wgan.snapshots[:, :2] = placed(FIVE[:2])
    scores = made(one(BIGAN, "modes_covered", 8), diverged={(WGAN, "base", seed): 40 for seed in range(3)})
    drawn = Recorder(monkeypatch, courses.curves, "small_multiples", (b"\x89PNG", (9, 9)))
    figure = progress.figure(replace(scores, progress=made_up.during([made_up.runs(BIGAN), wgan])), "ring8_heavy")
    (curves, _), options = drawn.calls[0]
    assert [c.name for c in curves] == ["Bigan", "Wgan"]
    assert len(curves[0].steps) == 5
    assert np.isfinite(curves[0].mean).all()
    np.testing.assert_array_equal(curves[1].steps, [0, 20])
    np.testing.assert_array_equal(curves[1].mean, [0, 1])
    assert options["reference"] is None  # no plain GAN
    assert figure is not None
    assert " and Wgan – of 8." in figure.alt


def test_no_progress_without_two_entries_or_three_snapshots() -> None:
    alone = made(one(GAN, "modes_covered", 8))
    assert progress.figure(replace(alone, progress=made_up.during([made_up.runs(GAN)])), "ring8_heavy") is None
    both = made(one(GAN, "modes_covered", 8) | one(WGAN, "modes_covered", 8))
    short = [
        replace(made_up.runs(name), snapshot_steps=np.array([0, 80]), snapshots=made_up.runs(name).snapshots[:, ::4])
        for name in (GAN, WGAN)
    ]
    assert progress.figure(replace(both, progress=made_up.during(short)), "ring8_heavy") is None
    assert progress.figure(both, "ring8_heavy") is None
