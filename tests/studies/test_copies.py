"""Whether remedies that cover every mode copy their training points, in words."""

from __future__ import annotations

import pytest
from synthetic_modes import GAN, Values, made

from modescope.studies.modes import Modes, copies

RING = "modes_ring8_heavy_"
ALL, NEVER = [0.0, 1.0, 1.0], [0.0] * 3


def scored(**by_name: tuple[list[float], list[float]]) -> Values:
    """(All modes covered, z) by seed; the share of copies is a tenth of z."""
    values: dict[tuple[str, str, str], list[float]] = {}
    for name, (covered, z) in by_name.items():
        key = (f"{RING}{name}", "base")
        values |= {(*key, "all_modes_covered"): covered, (*key, "copied_z"): z}
        values[*key, "copied_share"] = [one / 10 for one in z]
    return values


def test_none_copies() -> None:
    found = made(scored(wgan=(ALL, [0.5, 1.5, -0.5]), bigan=(ALL, [-1.0, 0.0, -2.0]), unrolled=(NEVER, [9.0] * 3)))
    sentence = copies.answer(found)
    assert sentence == (
        "Of two remedies that cover every mode in some run, none shows a sign of copying its training points: the "
        "highest mean z-score of the share of copies is 0.5 (Wgan on Ring8 Heavy); a sign would be above 3."
    )
    assert sentence in Modes().answer(found)


def test_one_copies() -> None:
    found = made(scored(wgan=(ALL, [4.0, 3.0, 5.0]), bigan=(ALL, [-1.0, 0.0, -2.0]), gan=(ALL, [9.0] * 3)))
    assert copies.answer(found) == (
        "Of two remedies that cover every mode in some run, one copies training points: Wgan on Ring8 Heavy (40 % of "
        "its points)."
    )


@pytest.mark.parametrize(
    "values",
    [
        {},
        scored(wgan=(NEVER, [4.0] * 3)),  # what it lost it has not copied
        scored(gan=(ALL, [4.0] * 3)),  # no remedy
        {(GAN, "base", "all_modes_covered"): ALL, (f"{RING}wgan", "base", "all_modes_covered"): ALL},  # not measured
    ],
)
def test_nothing_is_said_without_such_remedies(values: Values) -> None:
    assert copies.answer(made(values)) == ""
