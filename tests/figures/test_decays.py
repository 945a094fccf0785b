"""Lines on a logarithmic axis with labels that do not overlap, and what is refused."""

import html
import io
import re

import numpy as np
import pytest
from PIL import Image

from modescope.figures import decays
from modescope.figures.decays import OVER, Decay, apart

STEPS = np.arange(0, 100, 10)
COLOURS = {"in": "#00593a", "out": "#d1242f"}


def decay(name="a", factor=0.9, group="in", **changes):
    line = factor**STEPS
    return Decay(name, **({"measured": line, "exact": line, "group": group} | changes))


def test_a_still_has_the_size_it_says():
    shown = [decay(), decay("b", 1.01, "out"), decay("c", exact=np.full(10, np.nan))]
    drawn, size = decays.still(shown, STEPS, COLOURS, "Heading", "distance", (1e-5, 10))
    assert Image.open(io.BytesIO(drawn.png)).size == (2 * size[0], 2 * size[1])


def test_names_are_drawn_as_they_are_and_the_axis_has_powers_of_ten():
    name = r"$\no$ mathematics <b>"
    drawn, _ = decays.still([decay(name)], STEPS, COLOURS, name, "distance", (1e-5, 10))
    words = [html.unescape(word) for word in re.findall(r">([^<>]*)</text>", drawn.svg.decode())]
    assert words.count(name) == 2
    assert {"10⁻⁵", "10⁻³", "10⁰", "10¹"} <= set(words)


@pytest.mark.parametrize("places", [[0.5, 0.5, 0.5], [0.0, 0.01, 1.0], [0.99, 1.0, 0.0], [0.2, 0.8]])
def test_labels_keep_apart_and_in_order(places):
    found = apart(places, 0.1)
    assert sorted(range(len(places)), key=lambda i: found[i]) == sorted(range(len(places)), key=lambda i: places[i])
    assert np.diff(sorted(found)).min() > 0.1 - 1e-6
    assert min(found) > -0.06
    assert max(found) < OVER + 0.06


def test_labels_that_are_apart_stay():
    assert apart([0.1, 0.9, 0.5], 0.1) == [0.1, 0.9, 0.5]


@pytest.mark.parametrize("shown", [[], [decay(measured=np.ones(3))], [decay(exact=np.ones(3))]])
def test_what_cannot_be_drawn_is_refused(shown):
    with pytest.raises(ValueError, match="entries"):
        decays.still(shown, STEPS, COLOURS, "Heading", "distance", (1e-5, 10))
