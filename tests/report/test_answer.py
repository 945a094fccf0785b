"""The answer in exact sentences: true when nothing helps, little was trained, or the best is no GAN."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modescope.report.front.answer import Answer, answer
from modescope.statistics import Estimate
from modescope.studies.common.against import Direction
from modescope.studies.common.entries import Entry
from modescope.studies.common.standings import Standing, Standings

NAN = math.nan
TITLES = {"gan": "GAN", "gan_sn": "Spectral norm", "r1": "R1 penalty", "r1r2": "R1 + R2 penalties",
          "wgan_gp": "WGAN-GP", "flow": "Flow matching", "ttur": "GAN, two rates", "pacgan": "PacGAN"}  # fmt: skip


def row(
    label: str, kept: float, direction: Direction | None = "same", cost: float = 1.0, n: int = 6, diverged: int = 0
) -> Standing:
    entry = Entry(label, "base", label, label, {}, TITLES.get(label, label), label)
    by_seed = {} if math.isnan(kept) else {seed: kept + seed - n // 2 for seed in range(n)}
    estimate = Estimate(kept, kept - 0.5, kept + 0.5, n)
    p = NAN if direction is None else 0.5 if direction == "same" else 0.001
    return Standing(entry, estimate, direction, p, cost, by_seed, diverged, adversary=label != "flow")


def on(dataset: str, n_modes: float, *rows: Standing, title: str = "", noun: str = "modes") -> Standings:
    return Standings("modes", dataset, title or dataset.title(), "covered", noun, n_modes, (n_modes, n_modes), [*rows])


GAN = row("gan", 14.8, None)
GRID = on("grid", 25, GAN, row("gan_sn", 24.2, "more"), row("r1", 23.3, "more", 1.5), row("r1r2", 23.6, "more", 1.99),
          row("wgan_gp", 23.9, "more", 5.8), row("flow", 19.5, "more", 0.25), row("ttur", 9.5, "fewer"))  # fmt: skip
RING = on("ring", 8, row("gan", 4.33, None), row("gan_sn", 7.5, "more"), row("r1", 7.92, "more", 1.5),
          row("r1r2", 7.33, "more", 1.99), row("wgan_gp", 7.6, "more", 5.8), row("flow", 7.0, "more", 0.25),
          title="Ring, one heavy")  # fmt: skip


def told(*standings: Standings, planar: Sequence[str] = ("grid", "ring")) -> Answer:
    found = answer(standings, planar)
    assert found is not None
    return found


def test_what_helps_and_what_it_costs() -> None:
    found = told(RING, GRID)
    assert found.problem == "A plain GAN keeps 15 of 25 modes."
    assert found.remedy == ("Spectral norm, R1 penalty and R1 + R2 penalties keep 23 to 24, at 1 to 2 times the cost.")
    assert found.more == [
        "So does WGAN-GP (24), at 5.8 times the cost.",
        "Without an adversary, Flow matching (20) does so too, at 0.25 times the cost.",
        "On “Ring, one heavy”, where a plain GAN keeps 4.3 of 8 modes, they keep 7.3 to 7.9.",
    ]
    assert found.measured == "Measured on “Grid”, a mean over 6 seeds; cost is that of a training step."
    assert found.best is not None
    assert found.best.entry.remedy == "gan_sn"
    assert found.beside == (
        "The plain GAN beside Spectral norm: the highest mean of those that help on this data and cost at most 2 times "
        "as much"
    )


def test_nothing_is_significant() -> None:
    found = told(on("grid", 25, GAN, row("r1", 17.0), row("ttur", 9.0, "fewer")))
    assert found.remedy == "No remedy keeps significantly more."
    assert (found.more, found.best, found.beside) == ([], None, "The plain GAN")


def test_nothing_is_significant_here_but_elsewhere() -> None:
    found = told(on("grid", 25, GAN, row("r1", 17.0)), RING)
    assert found.remedy == "No remedy keeps significantly more."
    assert found.more == [
        "On “Ring, one heavy”, where a plain GAN keeps 4.3 of 8 modes, R1 penalty (7.9), WGAN-GP (7.6) and Spectral "
        "norm (7.5) keep significantly more."
    ]


def test_one_remedy_alone() -> None:
    found = told(on("grid", 25, GAN, row("r1r2", 23.5, "more", 1.99), row("pacgan", 12.0)))
    assert found.remedy == "One remedy, R1 + R2 penalties, keeps 24, significantly more, at 2 times the cost."


def test_one_affordable_remedy_among_dear_ones() -> None:
    found = told(on("grid", 25, GAN, row("gan_sn", 24.2, "more"), row("wgan_gp", 23.9, "more", 5.8)))
    assert found.remedy == "An affordable remedy, Spectral norm, keeps 24, at about the same cost."
    assert found.more == ["So does WGAN-GP (24), at 5.8 times the cost."]


def test_only_dear_remedies_help() -> None:
    found = told(on("grid", 25, GAN, row("r3gan", 23.0, "more", 2.2), row("wgan_gp", 23.9, "more", 5.8)))
    assert found.remedy == "r3gan and WGAN-GP keep 23 to 24, at 2.2 to 5.8 times the cost."
    assert found.best is not None
    assert found.beside == "The plain GAN beside r3gan: the cheapest of those that help on this data"


def test_the_best_is_no_gan() -> None:
    found = told(on("grid", 25, GAN, row("flow", 24.0, "more", 0.25), row("r1", 16.0)))
    assert found.remedy == (
        "No GAN with a remedy keeps significantly more. Without an adversary, Flow matching (24) does, at 0.25 times "
        "the cost."
    )
    assert found.best is not None
    assert found.best.entry.remedy == "flow"
    beside = told(on("grid", 25, GAN, row("flow", 24.8, "more", 0.25), row("r1", 23.0, "more", 1.5)))
    assert beside.more == [
        "Without an adversary, Flow matching (24.8) does so too, at 0.25 times the cost, the highest mean of these."
    ]


def test_what_helps_on_this_data_alone_is_not_named_if_something_helps_on_most() -> None:
    found = told(on("grid", 25, GAN, row("r1", 23.3, "more", 1.5), row("pacgan", 24.5, "more")), RING)
    assert found.remedy == "An affordable remedy, R1 penalty, keeps 23, at 1.5 times the cost."
    assert found.beside == (
        "The plain GAN beside R1 penalty: the highest mean of those that help on most data and cost at most 2 times as "
        "much"
    )


def test_remedies_that_are_missing_elsewhere() -> None:
    digits = on("digits", 1000, row("gan", 214.0, None), row("r1", 220.0, "same", 1.5), noun="combinations")
    found = told(GRID, digits)
    assert found.more[-1] == (
        "On “Digits”, where a plain GAN keeps 214 of 1,000 combinations, no remedy keeps significantly more."
    )
    other = on("digits", 1000, *digits.rows, row("bigan", 366.4, "more", 2.2), noun="combinations")
    assert told(GRID, other).more[-1] == (
        "On “Digits”, where a plain GAN keeps 214 of 1,000 combinations, none of them keeps significantly more, but "
        "bigan (366) does."
    )
    some = on("digits", 1000, *digits.rows[:1], row("r1", 366.4, "more", 1.5), noun="combinations")
    assert told(GRID, RING, some).more[-1].endswith("only R1 penalty (366) of these does so.")


def test_a_name_with_a_comma_is_quoted() -> None:
    found = told(on("grid", 25, GAN, row("ttur", 20.0, "more"), row("r1", 23.3, "more", 1.5)))
    assert found.remedy == "“GAN, two rates” and R1 penalty keep 20 to 23, at 1 to 1.5 times the cost."


def test_one_seed_allows_no_comparison() -> None:
    found = told(on("grid", 25, row("gan", 15.0, None, n=1), row("r1", 24.0, None, n=1)))
    assert found.remedy == "With a single seed, no remedy can be compared with it."
    assert found.measured.startswith("Measured on “Grid”, a single seed;")


def test_remedies_without_enough_runs() -> None:
    found = told(on("grid", 25, GAN, row("r1", 24.0, None, n=1), row("wgan_gp", NAN, None, n=0, diverged=6)))
    assert found.remedy == "No remedy has enough runs to be compared with it."


def test_the_plain_gan_alone() -> None:
    assert told(on("grid", 25, GAN)).remedy == "No remedy was trained beside it."


def test_a_variant_that_diverged_everywhere_is_not_named() -> None:
    found = told(on("grid", 25, *GRID.rows, row("wgan", NAN, None, n=0, diverged=6)))
    assert "wgan" not in " ".join([found.remedy, *found.more]).replace("WGAN-GP", "")


def test_runs_that_diverged_are_told_beside_the_means_that_leave_them_out() -> None:
    some = [row("gan", 14.8, None, n=5, diverged=1), row("r1", 23.3, "more", n=4, diverged=2)]
    found = told(on("grid", 25, *some, row("wgan_gp", 23.9, "more"), row("ttur", 9.5, "fewer", n=5, diverged=1)))
    assert found.measured == (
        "Measured on “Grid”, a mean over 5 seeds; cost is that of a training step. "
        "Runs that diverged are in no mean: 1 of GAN and 2 of R1 penalty."
    )


def test_a_plain_gan_that_keeps_all() -> None:
    assert told(on("grid", 25, row("gan", 25.0, None), row("r1", 25.0))).problem == "A plain GAN keeps all 25 modes."
    assert told(on("grid", 25, row("gan", 24.96, None))).problem == "A plain GAN keeps 24.96 of 25 modes."


def test_an_unknown_cost_is_not_stated() -> None:
    found = told(on("grid", 25, GAN, row("r1", 23.3, "more", NAN), row("gan_sn", 24.2, "more", NAN)))
    assert found.remedy == "Spectral norm and R1 penalty keep 23 to 24."


def test_without_a_plain_gan_that_has_scores_there_is_no_answer() -> None:
    assert answer([], ()) is None
    assert answer([on("grid", 25, row("r1", 23.3, None))], ()) is None
    assert answer([on("grid", 25, row("gan", NAN, None, n=0, diverged=6), row("r1", 23.3, None))], ()) is None


def test_the_dataset_is_in_the_plane_if_there_is_one_and_has_most_modes() -> None:
    digits = on("digits", 1000, row("gan", 214.0, None))
    assert told(digits, RING, GRID).standings is GRID
    assert told(digits, RING, GRID, planar=["ring"]).standings is RING
    assert told(digits, RING, planar=[]).standings is digits


DIRECTIONS = st.sampled_from(["more", "fewer", "same", None])


@st.composite
def anything(draw: st.DrawFn) -> list[Standings]:
    """Standings of up to three datasets, with remedies of any standing."""

    def dataset(name: str, n_modes: int) -> Standings:
        plain = row("gan", draw(st.floats(0, n_modes)), None)
        rows = [
            row(f"remedy-{k}-", draw(st.floats(0, n_modes)), draw(DIRECTIONS), draw(st.floats(0.1, 20)))
            for k in range(draw(st.integers(0, 6)))
        ]
        return on(name, n_modes, *([plain] if draw(st.booleans()) else []), *rows)

    return [dataset(name, n) for name, n in [("a", 8), ("b", 25), ("c", 1000)][: draw(st.integers(1, 3))]]


@given(anything())
def test_no_sentence_names_what_does_not_help_or_another_number(standings: list[Standings]) -> None:
    found = answer(standings, ())
    if found is None:
        assert all(one.plain is None for one in standings)
        return
    by_title = {f"“{one.title}”": one for one in standings}
    for sentence in [found.remedy, *found.more]:
        one = next((other for title, other in by_title.items() if title in sentence), found.standings)
        for label, number in re.findall(r"(remedy-\d-)(?: \(([\d.,]+)\))?", sentence):
            named = one.row(label)
            assert named is not None
            assert named.direction == "more"
            if number:
                assert float(number.replace(",", "")) == pytest.approx(named.kept.value, abs=0.51)
    if found.best is not None:
        assert found.best.direction == "more"
