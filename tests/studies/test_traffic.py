"""The study `traffic` on synthetic generators with known faults: shares, figures, the sweep, tables and claims."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import synthetic_traffic as made_up
from PIL import Image
from stated import says_its_range
from synthetic_traffic import BIGAN, FORM, GAN, LOST, PGP, WGAN, Values, experiment, made

from modescope import studies
from modescope.datasets.junction import Junction
from modescope.figures.frames import Sheet
from modescope.statistics import Verdict
from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure
from modescope.studies.common.entries import entries
from modescope.studies.traffic import frames, patterns

STUDY = studies.build("traffic")
OURS = f"{FORM}ours"
BETWEEN = "from one encoded frame to another"


@pytest.fixture(scope="module")
def runs() -> dict[str, Runs]:
    return made_up.all_runs()


@pytest.fixture(scope="module")
def scores(runs: dict[str, Runs]) -> Scores:
    return made_up.scored(runs)


@pytest.fixture(scope="module")
def figures(runs: dict[str, Runs], scores: Scores) -> dict[str, Figure]:
    return drawn(runs, scores)


def drawn(runs: Mapping[str, Runs], scores: Scores) -> dict[str, Figure]:
    found = list(itertools.chain.from_iterable(STUDY.figures(runs, scores)))
    assert len({figure.name for figure in found}) == len(found)
    return {figure.name: figure for figure in found}


class Painter:
    """Records the sheets to draw, by heading, and draws nothing."""

    gif = b"GIF"

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stills: dict[str, list[Sheet]] = {}
        self.moving: dict[str, tuple[list[Sheet], list[int]]] = {}
        monkeypatch.setattr(frames.frames, "still", self.still)
        monkeypatch.setattr(frames.frames, "animate", self.animate)
        monkeypatch.setattr(patterns.charts, "compare", lambda *_, **__: (b"PNG", (9, 9)))

    def still(self, sheets: list[Sheet], heading: str, *_: int, **__: int) -> bytes:
        self.stills[heading] = sheets
        return b"PNG"

    def animate(self, sheets: list[Sheet], steps: list[int], heading: str, *_: int) -> Painter:
        self.moving[heading] = sheets, steps
        return self


@pytest.fixture
def painter(monkeypatch: pytest.MonkeyPatch) -> Painter:
    return Painter(monkeypatch)


# Claims

LITTLE, MUCH, MIXED = [0.0, 0.01, 0.02], [0.8, 0.9, 0.85], [0.0, 0.9, 0.4]


def recalls(found: Mapping[tuple[str, str], list[float]], invalid: float = 0.1) -> Values:
    """Recall by (experiment, arm), with this share of invalid frames in every run."""
    return {(e, arm, "minor_recall"): by_seed for (e, arm), by_seed in found.items()} | {
        (e, arm, "invalid_frames"): [invalid] * len(by_seed) for (e, arm), by_seed in found.items()
    }


def claims(values: Values, floors: bool = True) -> dict[str, Claim]:
    found = STUDY.claims(made(values, floors=floors))
    assert len({claim.key for claim in found}) == len(found)
    return {claim.key: claim for claim in found}


CASES: list[tuple[str, Verdict, dict[tuple[str, str], list[float]]]] = [
    ("gan-empty-junction", "supported", {(GAN, "base"): LITTLE}),
    ("gan-empty-junction", "contradicted", {(GAN, "base"): MUCH}),
    ("gan-empty-junction", "inconclusive", {(GAN, "base"): MIXED}),
    ("wgan-empty-junction", "supported", {(WGAN, "base"): LITTLE}),
    ("wgan-empty-junction", "contradicted", {(WGAN, "base"): MUCH}),
    ("wgan-empty-junction", "inconclusive", {(WGAN, "base"): MIXED}),
    ("bigan-pgp-form-ours-learns-junction", "supported", {(PGP, OURS): MUCH}),
    ("bigan-pgp-form-ours-learns-junction", "contradicted", {(PGP, OURS): LITTLE}),
    ("bigan-pgp-form-ours-learns-junction", "inconclusive", {(PGP, OURS): MIXED}),
    ("bigan-pgp-form-ours-beats-gan-junction", "supported", {(GAN, "base"): LITTLE, (PGP, OURS): MUCH}),
    ("bigan-pgp-form-ours-beats-gan-junction", "contradicted", {(GAN, "base"): MUCH, (PGP, OURS): LITTLE}),
    ("bigan-pgp-form-ours-beats-gan-junction", "inconclusive", {(GAN, "base"): MIXED, (PGP, OURS): [0.9, 0.0, 0.4]}),
]


@pytest.mark.parametrize(("key", "verdict", "values"), CASES)
def test_every_claim_can_be_judged_in_every_way(
    key: str, verdict: Verdict, values: dict[tuple[str, str], list[float]]
) -> None:
    claim = claims(recalls(values))[key]
    assert claim.verdict == verdict
    assert says_its_range(claim)
    assert {*claim.remedies} == {made_up.EXPERIMENTS[experiment].variant for experiment, _ in values}


def test_the_penalty_is_paired_with_the_gan_by_seed() -> None:
    values = recalls({(GAN, "base"): [0.1, 0.5, 0.3], (PGP, OURS): [0.2, 0.61, 0.42, 0.0]})
    effect = claims(values)["bigan-pgp-form-ours-beats-gan-junction"].effect
    assert effect.n == 3
    assert effect.value == pytest.approx(0.11)


@pytest.mark.parametrize(("key", "verdict", "values"), [case for case in CASES if case[1] != "inconclusive"])
def test_claims_are_not_judged_while_most_frames_show_no_pattern(
    key: str, verdict: Verdict, values: dict[tuple[str, str], list[float]]
) -> None:
    assert claims(recalls(values, invalid=0.5))[key].verdict == verdict
    claim = claims(recalls(values, invalid=0.51))[key]
    assert claim.verdict == "inconclusive"
    assert claim.rule.endswith("here the share is 0.49.")


def test_the_worse_of_two_variants_decides_whether_frames_can_be_read() -> None:
    values = {(GAN, "base"): LITTLE, (PGP, OURS): MUCH}
    blurred = recalls(values) | {(PGP, OURS, "invalid_frames"): [0.9] * 3}
    found = claims(blurred)
    assert found["gan-empty-junction"].verdict == "supported"
    assert found["bigan-pgp-form-ours-beats-gan-junction"].verdict == "inconclusive"
    assert claims({(GAN, "base", "minor_recall"): LITTLE})["gan-empty-junction"].verdict == "inconclusive"


MLP = {name: {"hidden": [8]} for name in ("generator", "discriminator")}
BOTH = {
    "traffic_junction_gan": experiment("junction", "gan", networks=MLP),
    "traffic_junction_wgan": experiment("junction", "wgan", networks=MLP),
    "traffic_junction_conv_gan": experiment("junction", "gan"),
    "traffic_junction_conv_bigan_pgp": experiment(
        "junction", "bigan_pgp", sweep={"hyperparameters.form": ["article", "authors"]}
    ),
}
CONV_GAN, CONV_PGP = "traffic_junction_conv_gan", "traffic_junction_conv_bigan_pgp"


def test_each_kind_of_network_and_form_of_the_penalty_has_its_claims() -> None:
    values = {(GAN, "base"): MUCH, (WGAN, "base"): LITTLE, (CONV_GAN, "base"): LITTLE}
    values |= {(CONV_PGP, f"{FORM}article"): MUCH, (CONV_PGP, f"{FORM}authors"): [0.02, 0.01, 0.0]}
    found = {claim.key: claim for claim in STUDY.claims(made(recalls(values), experiments=BOTH))}
    assert {key: claim.verdict for key, claim in found.items()} == {
        "gan-empty-junction": "contradicted",
        "wgan-empty-junction": "supported",
        "conv-gan-empty-junction": "supported",
        "bigan-pgp-form-article-learns-junction": "supported",
        "bigan-pgp-form-article-beats-gan-junction": "supported",  # than the convolutional one
        "bigan-pgp-form-authors-learns-junction": "contradicted",
        "bigan-pgp-form-authors-beats-gan-junction": "contradicted",
    }
    beats = found["bigan-pgp-form-authors-beats-gan-junction"]
    assert beats.reason == "no material effect"
    assert "minus that of “Gan”, paired by seed, is at least 0.05" in beats.rule
    assert found["gan-empty-junction"].text == (
        "Junction, fully connected networks: A GAN converges to the empty junction."
    )
    assert found["bigan-pgp-form-article-learns-junction"].text == (
        "Junction, convolutional networks, penalty as the article prints it: With the pairwise gradient penalty, the "
        "minor modes are learned."
    )
    assert beats.where == "Junction, convolutional networks, penalty as in the authors’ code"
    assert beats.remedies == ("bigan_pgp", "gan")


def test_the_penalty_is_not_compared_with_a_gan_of_other_networks() -> None:
    values = recalls({(GAN, "base"): LITTLE, (CONV_PGP, f"{FORM}article"): MUCH})
    keys = [claim.key for claim in STUDY.claims(made(values, experiments=BOTH))]
    assert keys == ["gan-empty-junction", "bigan-pgp-form-article-learns-junction"]


def test_the_answer_has_a_sentence_for_each_kind_of_network() -> None:
    values = {(GAN, "base", "minor_recall"): [0.25, 0.35], (CONV_GAN, "base", "minor_recall"): [0.1, 0.0]}
    share = "share of the frames with cars that is recovered"
    assert STUDY.answer(made(values, experiments=BOTH)) == [
        "The plain GAN recovers 30 % of the frames with cars, and no remedy more.",
        f"Junction, fully connected networks: {share}: Gan 30 %.",
        f"Junction, convolutional networks: {share}: Gan 5 %.",
    ]


@pytest.mark.parametrize(
    ("gan", "wgan", "answer"),
    [
        (LITTLE, MUCH, "Hardly: the plain GAN recovers 1 % of the frames with cars, the best remedy, Wgan, 85 %."),
        ([0.0], [0.3], "The plain GAN recovers none of the frames with cars, the best remedy, Wgan, 30 %."),  # one seed
        (MUCH, LITTLE, "Yes: the plain GAN recovers 85 % of the frames with cars, and no remedy more."),
        ([0.0, 0.0], [0.0, 0.0], "Hardly: no network recovers any of the frames with cars."),
        ([], [0.2, 0.3], "Wgan recovers most of the frames with cars, 25 %."),
    ],
)
def test_the_first_sentence_answers_the_question(gan: list[float], wgan: list[float], answer: str) -> None:
    values = {(GAN, "base", "minor_recall"): gan, (WGAN, "base", "minor_recall"): wgan}
    assert STUDY.answer(made({key: v for key, v in values.items() if v}))[0] == answer


def test_only_variants_trained_on_known_patterns_have_claims() -> None:
    assert list(claims(recalls({(GAN, "base"): LITTLE}))) == ["gan-empty-junction"]
    assert list(claims(recalls({(PGP, OURS): MUCH}))) == ["bigan-pgp-form-ours-learns-junction"]
    assert claims(recalls({(BIGAN, "base"): MUCH})) == {}
    assert claims({}) == {}
    assert STUDY.claims(made({}, diverged={(GAN, "base", 0): 5}))[0].verdict == "inconclusive"
    assert list(claims(recalls({(GAN, "base"): LITTLE}), floors=False)) == ["gan-empty-junction"]
    film = {"traffic_film_gan": experiment("film", "gan")}
    assert STUDY.claims(made({("traffic_film_gan", "base", "ndb"): [0.1, 0.2]}, experiments=film)) == []


def test_parts_of_a_sweep_have_no_claims(scores: Scores) -> None:
    keys = {claim.key for claim in STUDY.claims(scores)}
    assert keys == {
        "gan-empty-junction",
        "wgan-empty-junction",
        *(f"bigan-pgp-form-{form}-{what}-junction" for form in ("ours", "authors") for what in ("learns", "beats-gan")),
    }
    alone = claims(recalls({("traffic_grey_950_gan", "base"): LITTLE}))
    assert list(alone) == ["gan-empty-grey-950"]


# Which datasets make a sweep


def test_the_part_of_a_sweep_with_the_most_entries_is_looked_at_closely() -> None:
    data = ["grey_125", "grey_800", "grey_950"]
    plan = {f"traffic_{name}_gan": experiment(name, "gan") for name in data}
    plan["traffic_grey_800_wgan"] = experiment("grey_800", "wgan")
    found = made(recalls({(name, "base"): LITTLE for name in plan}), experiments=plan)
    assert [claim.key for claim in STUDY.claims(found)] == ["gan-empty-grey-800", "wgan-empty-grey-800"]
    assert patterns.sweeps(found) == {"grey": data}


def test_a_sweep_has_several_datasets_with_one_stem() -> None:
    data = ["junction", "grey_950", "a_1", "grey_125", "a_x", "b_2", "b_c_1", "b_c_2"]
    plan = {f"t_{name}_gan": experiment(name, "gan") for name in data}
    found = made({(name, "base", "minor_recall"): [0.5] for name in plan}, experiments=plan)
    assert patterns.sweeps(found) == {"grey": ["grey_950", "grey_125"], "b_c": ["b_c_1", "b_c_2"]}
    assert [claim.key for claim in STUDY.claims(found)] == [f"gan-empty-{d}" for d in ("junction", "a-1", "a-x", "b-2")]
    films = made({(name, "base", "ndb"): [0.5] for name in plan}, floors=False, experiments=plan)
    assert patterns.sweeps(films) == {}


def test_a_sweep_alone_is_drawn_part_by_part(runs: dict[str, Runs], painter: Painter) -> None:
    greys = {name: of for name, of in runs.items() if "grey" in name and name.endswith("_gan")}
    names = list(drawn(greys, made_up.scored(greys)))
    assert names == [
        *(f"grey_{part}_{what}" for part in ("950", "125", "500") for what in ("frames", "shares")),
        "grey_sweep",
    ]


def test_the_sweep_is_in_ascending_order(figures: dict[str, Figure]) -> None:
    assert figures["grey_sweep"].alt.startswith(
        "Recall of the frames with cars, by how often the junction is empty, on average, at empty shares of 0.125, 0.5 "
        "and 0.95: Gan 0, 0, 0 and "
    )
    assert figures["grey_sweep"].experiments == sorted(
        f"traffic_grey_{part}_{variant}" for part in ("125", "500", "950") for variant in ("gan", "bigan_pgp")
    )


def test_no_sweep_of_one_share(runs: dict[str, Runs], painter: Painter) -> None:
    names = ["traffic_junction_gan", "traffic_grey_950_gan"]
    few = {name: runs[name] for name in names}
    assert not any("sweep" in name for name in drawn(few, made_up.scored(few)))
    names = ["traffic_grey_125_gan", "traffic_grey_950_gan"]
    same = {name: replace(runs[name], dataset=runs[names[0]].dataset) for name in names}
    assert patterns.sweep(same, made_up.scored(same), "grey", ["grey_125", "grey_950"]) is None


def test_variants_of_several_parts_are_drawn_and_those_of_one_part_are_not(runs: dict[str, Runs]) -> None:
    parts = ["grey_950", "grey_125", "grey_500"]
    kept = ["traffic_grey_125_gan", "traffic_grey_950_gan", "traffic_grey_500_gan", "traffic_grey_125_bigan_pgp"]
    plan = {f"traffic_{part}_wgan": experiment(part, "wgan") for part in ("grey_125", "grey_950")}
    chosen = {name: runs[name] for name in kept} | {name: made_up.runs(name, experiments=plan) for name in plan}
    figure = patterns.sweep(chosen, made_up.scored(chosen), "grey", parts)
    assert figure is not None
    assert figure.alt.endswith("Gan 0, 0, 0 and Wgan 0, –, 0.")
    assert "traffic_grey_125_bigan_pgp" not in figure.experiments
    alone = {name: runs[name] for name in ("traffic_grey_125_gan", "traffic_grey_950_bigan_pgp")}
    assert patterns.sweep(alone, made_up.scored(alone), "grey", parts) is None


# Figures


def test_every_figure_has_words(figures: dict[str, Figure]) -> None:
    of_junction = ["junction_frames", "junction_shares", "junction_reconstructions", "junction_between"]
    assert list(figures) == [*of_junction, "grey_sweep"]
    for figure in figures.values():
        assert Image.open(io.BytesIO(figure.still.png)).width <= 2_000
        assert len(figure.caption) > 60
        assert figure.alt.endswith(".")
        assert "nan" not in figure.alt
    assert {name for name, figure in figures.items() if figure.animation} == {"junction_frames", "junction_between"}
    assert figures["junction_frames"].experiments == sorted([GAN, WGAN, LOST, BIGAN, PGP])
    assert figures["junction_between"].experiments == sorted([BIGAN, PGP])


def test_alt_texts_state_the_results(figures: dict[str, Figure]) -> None:
    assert (
        "Bigan Pgp with form ours 0.85, Bigan Pgp with form authors 0.758, Gan 0, Wgan 0, Bigan 0 and Wgan Gp –."
        in figures["junction_frames"].alt
    )
    assert "Gan 1 empty, 0 invalid, Wgan 0 empty, 1 invalid, Bigan 1 empty" in figures["junction_shares"].alt
    assert figures["junction_shares"].alt.endswith("true: 0.8 empty.")
    assert "Bigan 0.25 with cars, 0.01 without" in figures["junction_reconstructions"].alt
    assert "Bigan Pgp with form ours 1, Bigan Pgp with form authors 1 and Bigan 1." in figures["junction_between"].alt


def test_headings_of_figures_are_findings(figures: dict[str, Figure]) -> None:
    assert {name: figure.finding for name, figure in figures.items()} == {
        "junction_frames": "The plain GAN recovers none of the frames with cars, the best remedy, Bigan Pgp with form "
        "ours, 85 %.",
        "junction_shares": "From 0 % (Bigan) to 100 % (Wgan) of the generated frames show no pattern that can be read.",
        "junction_reconstructions": "On frames with cars, the error of reconstructions is 25 times that on empty ones.",
        "junction_between": "Between two frames, a pattern can be read in 100 % of the generated ones.",
        "grey_sweep": "Where 12.5 % of the frames are empty, Bigan Pgp recovers 92 % of those with cars; where 95 % "
        "are, Bigan Pgp recovers 58 %.",
    }


def test_figures_are_drawn_lazily(monkeypatch: pytest.MonkeyPatch, runs: dict[str, Runs], scores: Scores) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    for name in ("still", "animate"):
        monkeypatch.setattr(frames.frames, name, refuse)
    monkeypatch.setattr(patterns.charts, "compare", refuse)
    monkeypatch.setattr(patterns.stills, "against", refuse)
    for part in STUDY.figures(runs, scores):
        with pytest.raises(AssertionError):
            next(part)


@pytest.mark.parametrize("name", ["junction", "grey_125"])
def test_shares_of_known_generators(name: str) -> None:
    plan = {f"traffic_{name}_{v}": experiment(name, v) for v in ("gan", "wgan", "bigan_pgp")}
    found = {v: made_up.runs(f"traffic_{name}_{v}", [1], plan) for v in ("gan", "wgan", "bigan_pgp")}
    junction = found["gan"].dataset
    assert isinstance(junction, Junction)
    shares = {v: patterns._of_runs(of, "base", junction) for v, of in found.items()}
    n_patterns = len(junction.pattern_names)
    for share in shares.values():
        assert share.shape == (2, n_patterns + 1)
        assert np.isnan(share[1]).all()
    np.testing.assert_array_equal(shares["gan"][0], [1, *[0] * n_patterns])
    np.testing.assert_array_equal(shares["wgan"][0], [*[0] * n_patterns, 1])
    true = np.append(junction.pattern_weights, 0)
    spread = np.sqrt(true * (1 - true) / made_up.FRAMES)  # standard error of a share of this many frames
    assert (np.abs(shares["bigan_pgp"][0] - true) <= 4 * spread + 1e-12).all()


def test_the_empty_junction_may_stand_anywhere_in_the_table(runs: dict[str, Runs], painter: Painter) -> None:
    turned = Junction(size=16, patterns={"n": 0.25, "empty": 0.75})
    found = {GAN: replace(runs[GAN], dataset=turned)}
    alt = drawn(found, made_up.scored(found))["junction_shares"].alt
    assert alt.endswith("Mean shares: Gan 1 empty, 0 invalid; true: 0.75 empty.")


def test_one_test_frame_of_every_pattern(runs: dict[str, Runs]) -> None:
    found = runs[PGP]
    chosen = frames.one_of_each(found)
    _, label = made_up.dataset("junction").sample_labelled(made_up.TEST, np.random.default_rng(0))  # type: ignore[attr-defined]
    assert len(chosen) > 4
    assert sorted(label[chosen]) == sorted(set(label))
    assert all(row == np.flatnonzero(label == label[row])[0] for row in chosen)


def test_the_first_seed_that_did_not_diverge_is_shown(painter: Painter) -> None:
    found = {name: made_up.runs(name, [0] if name == BIGAN else []) for name in (GAN, BIGAN)}
    drawn(found, made_up.scored(found))
    bigan, shape, heading = found[BIGAN], (2, 5, 3, 16, 16), "Frames generated for Junction"
    real, *made_frames = painter.stills[heading]
    assert [sheet.title for sheet in made_frames] == ["Gan", "Bigan"]
    np.testing.assert_array_equal(real.images, bigan.real[:10].reshape(shape))
    for sheet, expected in zip(made_frames, (found[GAN].samples[0], bigan.samples[1]), strict=True):
        np.testing.assert_array_equal(sheet.images, expected[:10].reshape(shape))
    moving, steps = painter.moving[heading]
    assert steps == [0, 50, 100]
    np.testing.assert_array_equal(moving[-1].images, bigan.snapshots[1][:, :10].reshape(3, 2, 5, 3, 16, 16))
    (sheet,) = painter.stills["Junction: originals over their reconstructions"]
    assert list(sheet.rows) == ["original", "G(E(x))"]
    assert sheet.title.startswith("test frames with cars in these lanes: empty, ")
    chosen = frames.one_of_each(bigan)
    np.testing.assert_array_equal(sheet.images, [bigan.real[chosen], bigan.views["reconstructions"][1, chosen]])


def test_lines_lie_between_the_frames_that_differ_most(runs: dict[str, Runs], painter: Painter) -> None:
    of, n = made_up.runs(BIGAN), made_up.LINES
    of.real[n : 2 * n] = of.real[:n]
    of.real[n + 3] += 0.5  # only the ends of the fourth line differ
    drawn({BIGAN: of}, made_up.scored({BIGAN: of}))
    heading = f"Junction: {BETWEEN}"
    (sheet,) = painter.stills[heading]
    assert sheet.images.shape == (2, 11, 3, 16, 16)
    assert any(
        (row[0] == of.real[3]).all()
        and (row[-1] == of.real[n + 3]).all()
        and (row[1] == of.views["between"][0, 3, 0]).all()
        for row in sheet.images
    )
    (moving,), steps = painter.moving[heading]
    assert (moving.images.shape, steps[0], steps[-1]) == ((25, 1, 2, 3, 16, 16), 0, 100)
    np.testing.assert_array_equal(moving.images[0, 0], sheet.images[:, 1])
    np.testing.assert_array_equal(moving.images[-1, 0], sheet.images[:, -2])


def test_diverged_runs_are_drawn_and_named() -> None:
    found = {name: made_up.runs(name, [0, 1]) for name in (LOST, BIGAN)}
    figures = drawn(found, made_up.scored(found))
    assert list(figures) == ["junction_frames", "junction_shares", "junction_reconstructions", "junction_between"]
    assert "Bigan 0." in figures["junction_between"].alt
    assert "Wgan Gp all runs diverged and Bigan all runs diverged; true" in figures["junction_shares"].alt


def test_titles_name_diverged_runs(painter: Painter) -> None:
    found = {LOST: made_up.runs(LOST, [0, 1])}
    drawn(found, made_up.scored(found))
    titles = [sheet.title for sheet in painter.stills["Frames generated for Junction"]]
    assert titles == ["real", "Wgan Gp, diverged at step 50"]


def test_few_test_frames_repeat(runs: dict[str, Runs], scores: Scores, painter: Painter) -> None:
    few = {name: replace(runs[name], real=runs[name].real[:6]) for name in (BIGAN, PGP)}
    found = [e for e in entries(scores, "junction") if e.experiment in few]
    for draw in (frames.generated, frames.reconstructed, frames.between):
        assert draw(few, scores, "junction", found) is not None
    real = painter.stills["Frames generated for Junction"][0].images.reshape(10, *few[PGP].dataset.shape)
    np.testing.assert_array_equal(real, few[PGP].real[np.arange(10) % 6])
    ends = [sheet.images[:, -1] for sheet in painter.stills[f"Junction: {BETWEEN}"]]
    assert all((image == few[PGP].real).all((1, 2, 3)).any() for sheet in ends for image in sheet)


def test_frames_of_one_snapshot_or_too_few_points_are_not_animated(runs: dict[str, Runs], painter: Painter) -> None:
    one = replace(runs[GAN], snapshot_steps=np.array([100]), snapshots=runs[GAN].snapshots[:, -1:])
    small = replace(runs[GAN], snapshots=runs[GAN].snapshots[:, :, :4])
    for of in (one, small):
        assert drawn({GAN: of}, made_up.scored({GAN: of}))["junction_frames"].animation is None
    both = {WGAN: runs[WGAN], GAN: small}
    assert drawn(both, made_up.scored(both))["junction_frames"].animation is not None


def test_images_with_unknown_patterns_only_have_figures(painter: Painter) -> None:
    plan = {f"traffic_film_{v}": experiment("film", v) for v in ("gan", "bigan_pgp")}
    found = {name: made_up.runs(name, experiments=plan) for name in plan}
    scores = made_up.scored(found)
    figures = drawn(found, scores)
    assert list(figures) == ["film_frames", "film_reconstructions", "film_between"]
    (sheet,) = painter.stills["Film: originals over their reconstructions"]
    of = found["traffic_film_bigan_pgp"]
    spread = np.linspace(0, made_up.TEST - 1, 8).round().astype(int)
    np.testing.assert_array_equal(sheet.images, [of.real[spread], of.views["reconstructions"][0, spread]])
    assert sheet.title == "test frames"
    assert figures["film_frames"].alt == "Frames generated for Film."
    assert figures["film_between"].alt == "Film: from one encoded frame to another; Bigan Pgp."
    assert (STUDY.claims(scores), STUDY.answer(scores)) == ([], [])
    (table,) = STUDY.tables(scores)
    assert list(table.frame.columns) == ["variant", "ndb", "ndb_low", "ndb_high", "cost", "seeds", "diverged"]
    assert len(table.frame) == 2  # no floor


def test_a_clip_with_lanes_is_answered_from_them(painter: Painter) -> None:
    plan = {"traffic_film_gan": experiment("film", "gan")}
    found = {name: made_up.runs(name, experiments=plan) for name in plan}
    scores = made({("traffic_film_gan", "base", "cells_recall"): [0.25, 0.75]}, experiments=plan)
    assert STUDY.answer(scores)[1].endswith("share of the frames with cars that is recovered: Gan 50 %.")
    assert drawn(found, scores)["film_frames"].alt.endswith("Mean recall of the frames with cars: Gan 0.5.")


def test_without_runs_there_is_nothing() -> None:
    assert drawn({}, made({})) == {}
    assert (STUDY.answer(made({})), STUDY.tables(made({}))) == ([], [])


# Tables and answer


def test_the_answer_names_the_main_data_alone(scores: Scores) -> None:
    first, told = STUDY.answer(scores)
    assert first == (
        "Hardly: the plain GAN recovers none of the frames with cars, the best remedy, Bigan Pgp with form ours, 85 %."
    )
    assert told == (
        "Junction, convolutional networks: share of the frames with cars that is recovered: Bigan Pgp with form ours "
        "85 % and Bigan Pgp with form authors 76 %; none by Gan, Wgan and Bigan."
    )


def test_tables_by_dataset_have_the_floor_and_diverged_runs(scores: Scores) -> None:
    tables = {table.key: table for table in STUDY.tables(scores)}
    assert list(tables) == [
        f"{key}_{d}" for d in ("junction", "grey_950", "grey_125", "grey_500") for key in ("patterns", "encoded")
    ]
    frame = tables["patterns_junction"].frame.set_index("variant")
    assert frame.index.tolist() == [
        "bigan_pgp form=ours", "bigan_pgp form=authors", "gan", "wgan", "bigan", "wgan_gp", "real against real",
    ]  # fmt: skip
    whose = [None if entry is None else entry.label for entry in tables["patterns_junction"].entries]
    assert whose == [*frame.index[:-1], None]
    assert frame.loc["gan", "empty_ratio"] == pytest.approx(1 / 0.8)
    assert frame.loc["real against real", "minor_recall"] == pytest.approx(0.91)
    assert frame.loc["wgan_gp", ["seeds", "diverged"]].tolist() == [0, 2]
    assert np.isnan(frame.loc["wgan_gp", "minor_recall"])
    assert tables["encoded_junction"].frame["variant"].tolist() == [
        "bigan_pgp form=ours", "bigan_pgp form=authors", "bigan",
    ]  # fmt: skip
    bare = made({(GAN, "base", "minor_recall"): [0.5, 0.6]}, floors=False)
    assert STUDY.tables(bare)[0].frame["variant"].tolist() == ["gan"]


def test_averaged_weights_are_judged_apart_from_live_ones(scores: Scores) -> None:
    live = {claim.key: claim for claim in STUDY.claims(scores)}
    both = scores.runs[scores.runs["arm"] == "base"].assign(arm="ema=0.999")
    more = replace(scores, runs=pd.concat([scores.runs, both]))
    found = {claim.key: claim for claim in STUDY.claims(more)}
    averaged = {key: claim for key, claim in found.items() if "ema" in key}
    assert averaged
    assert live == {key: claim for key, claim in found.items() if key not in averaged}
    for key, claim in averaged.items():
        same = live[key.replace("-ema-0-999", "")]
        assert (claim.effect.value, claim.verdict) == (same.effect.value, same.verdict)
        assert claim.text == same.text.replace(" networks", " networks, averaged weights", 1)
    told = STUDY.answer(more)
    assert [s for s in told if "averaged" not in s] == STUDY.answer(scores)
    assert any("networks, averaged weights: share of" in s for s in told)
