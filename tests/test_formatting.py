"""Numbers for readers: shares in per cent, ranges, and small numbers in letters."""

from __future__ import annotations

import math

import pytest

from modescope.formatting import counted, numbers, percent, percents, sentence


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (0.0021, "0.21 %"),
        (0.109, "11 %"),
        (0.9949, "99 %"),
        (0.9999, "99.9 %"),  # not all
        (1.0, "100 %"),
        (math.nan, "–"),
    ],
)
def test_a_share_has_two_digits_and_is_never_rounded_to_all(share: float, text: str) -> None:
    assert percent(share) == text


def test_a_range_whose_ends_read_alike_is_one_number() -> None:
    assert percents([0.109, 0.0318]) == "3.2 to 11 %"
    assert percents([0.1091, 0.1092]) == "11 %"
    assert percents([0.1, math.nan]) == "–"
    assert numbers([3.019, 1.6511, 2.0]) == "1.65 to 3.02"


def test_small_numbers_are_words() -> None:
    assert counted(1, "mode") == "one mode"
    assert counted(10, "mode") == "ten modes"
    assert counted(1000, "mode") == "1,000 modes"
    assert sentence(counted(2, "mode")) == "Two modes"
    assert sentence("") == ""
