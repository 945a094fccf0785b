"""Stills as SVG: the same bytes every time, no styles, an id on every mark, text that stays text."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray

from modescope.figures import curves, ranks, stills, style
from modescope.figures.canvas import Panel
from modescope.figures.curves import Column, Curve
from modescope.figures.marks import Named, mark, marked
from modescope.figures.stills import Series
from modescope.figures.style import INK, Still, new_figure, theme

NS = {"s": "http://www.w3.org/2000/svg"}
EVIL = 'a<script>alert("&amp;")</script>'
NAMES = [Named("Plain GAN", "gan"), Named("R1 penalty", "r1"), Named(EVIL, "evil"), "no remedy"]
STEPS = np.array([0, 10, 20])


def ranking() -> Still:
    runs, means = [[1.0, 2.0], [3.0, np.inf], [4.0, 4.5], [1.0]], [(1.5, 1.0, 2.0), (3.0, 2.5, 3.5)] * 2
    columns = [Column(Series(label, runs, means, (0.5, 0.7)), "higher is better") for label in ("first", "second")]
    return curves.ranking(NAMES, columns, "A heading")[0]


def parsed(still: Still) -> ElementTree.Element:
    return ElementTree.fromstring(still.svg)  # noqa: S314 -- made above


def of(root: ElementTree.Element, remedy: str) -> list[ElementTree.Element]:
    return root.findall(f".//s:g[@class='mark'][@data-remedy='{remedy}']", NS)


@pytest.fixture(scope="module")
def ranked() -> ElementTree.Element:
    return parsed(ranking())


def test_two_drawings_are_the_same_bytes() -> None:
    assert ranking() == ranking()


def test_a_page_that_allows_no_styles_and_no_scripts_can_show_it(ranked: ElementTree.Element) -> None:
    tags = {element.tag.split("}")[1] for element in ranked.iter()}
    assert tags <= {"svg", "defs", "clipPath", "g", "path", "rect", "circle", "text", "tspan", "title"}
    keys = {key for element in ranked.iter() for key in element.attrib}
    assert not {key for key in keys if key.startswith("on") or "}" in key or key == "style"}
    assert "href" not in keys


def test_every_remedy_has_a_mark_in_every_column_and_for_its_name(ranked: ElementTree.Element) -> None:
    for name in NAMES[:3]:
        found = of(ranked, name.remedy)  # type: ignore[attr-defined]
        assert len(found) == 3
        assert [text.text for text in found[2].findall("s:text", NS)] == [str(name)]
        assert [(mark.findtext("s:title", "", NS)).partition(": ")[0] for mark in found] == [str(name)] * 3
    assert len(ranked.findall(".//s:g[@class='mark']", NS)) == 9
    assert of(ranked, "r1")[0].findtext("s:title", "", NS) == "R1 penalty: 3 [2.5, 3.5]"


def test_a_row_is_one_mark_with_all_that_belongs_to_it(ranked: ElementTree.Element) -> None:
    first = of(ranked, "gan")[0]
    colours = {element.get("fill") for element in first.iter()} | {element.get("stroke") for element in first.iter()}
    assert {style.SECOND, style.GENERATED, INK} <= colours


def test_ids_are_unique_and_references_resolve(ranked: ElementTree.Element) -> None:
    ids = [element.attrib["id"] for element in ranked.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    assert any(re.fullmatch(r"m\d+", name) for name in ids)
    clips = {element.attrib["clip-path"] for element in ranked.iter() if "clip-path" in element.attrib}
    assert clips
    assert clips <= {f"url(#{name})" for name in ids}


def test_text_is_text_and_its_signs_are_escaped() -> None:
    svg = ranking().svg.decode()
    assert "<script" not in svg
    assert "a&lt;script&gt;" in svg
    assert ">Plain GAN</text>" in svg
    assert 'width="974"' in svg


def test_numbers_have_at_most_two_decimals(ranked: ElementTree.Element) -> None:
    values = [element.get(key, "") for element in ranked.iter() for key in ("d", "x", "y", "transform", "font-size")]
    assert any("." in value for value in values)
    assert not [value for value in values if re.search(r"\.\d{3}", value)]


def test_a_small_chart_is_the_mark_of_its_remedy() -> None:
    lines = [Curve(name, STEPS, STEPS / 1.0, STEPS - 1.0, STEPS + 1.0) for name in NAMES[:2]]
    root = parsed(curves.small_multiples(lines, "Heading")[0])
    for name in NAMES[:2]:
        (found,) = of(root, name.remedy)  # type: ignore[attr-defined]
        assert str(name) in [text.text for text in found.findall("s:text", NS)]
        assert style.SECOND in {element.get("stroke") for element in found.iter()}


def test_cells_are_shapes_of_their_remedy() -> None:
    root = parsed(ranks.table(NAMES[:2], [["1"], ["2"]], ["width"], np.array([[1.0, 2.0], [2.0, 1.0]]), "Places")[0])
    assert root.find(".//s:image", NS) is None
    assert [text.text for text in of(root, "r1")[0].findall("s:text", NS)] == ["R1 penalty", "2", "1"]


@pytest.mark.parametrize(("n", "pixels"), [(40, 0), (5_000, 1)])
def test_many_points_become_pixels(n: int, pixels: int) -> None:
    points: NDArray[np.float64] = np.random.default_rng(0).normal(size=(n, 2))
    still, _ = stills.scatter([Panel((-3, 3, -3, 3), points[:10], Named("R1", "r1"))], [points], "Heading")
    root = parsed(still)
    assert len(root.findall(".//s:image", NS)) == pixels
    assert len(still.svg) < 60_000
    assert len(of(root, "r1")) == 1


def test_a_figure_without_anything_is_an_empty_picture() -> None:
    with theme():
        root = parsed(style.still(new_figure(120, 40)))
    assert (root.get("width"), root.get("height")) == ("120", "40")


def test_a_name_is_its_title_and_marks_only_what_is_a_remedy() -> None:
    with theme():
        figure = new_figure(10, 10)
        one, two = figure.text(0, 0, "one"), figure.text(0, 0, "two")
    mark(Named("One", "r1"), one, detail="3")
    mark("Two", two)
    mark(Named("Two"), two)
    assert (marked(one.get_gid()), two.get_gid()) == (("r1", "One: 3"), None)
    assert marked("line2d_1") is None
    assert Named("One", "r1") == "One"


def test_a_row_without_values_says_whether_its_runs_diverged() -> None:
    nothing = (float("nan"),) * 3
    column = Column(Series("metric", [[], [float("nan")] * 3], [nothing, nothing]))
    svg = curves.ranking(["a", "b"], [column], "A heading")[0].svg.decode()
    assert svg.index(">not measured</text>") < svg.index(">diverged</text>")
