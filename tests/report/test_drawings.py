"""Charts in the page: ids of their own, references that resolve, an alt text, and nothing that could do more."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from modescope.figures import curves, stills
from modescope.figures.canvas import Panel
from modescope.figures.curves import Curve
from modescope.figures.marks import Named
from modescope.report import drawings

STEPS = np.array([0, 10, 20])
ALT = 'What it shows: "less" < more & better.'
EVIL = "<script>alert(1)</script>"


def chart(*names: str) -> bytes:
    lines = [Curve(Named(name, f"r{k}"), STEPS, STEPS / 1.0, STEPS - 1.0, STEPS + 1.0) for k, name in enumerate(names)]
    return curves.small_multiples(lines, "Heading")[0].svg


class Elements(HTMLParser):
    """Tags with their attributes, as a browser's HTML parser reads them, and all text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(str(markup))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {key: value or "" for key, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_with_many_drawings_has_every_id_once_and_references_that_resolve() -> None:
    svg = chart("one", "two")
    page = "".join(drawings.inline(svg, f"s-figure-{k}", ALT) for k in range(3))
    elements = Elements(page).found
    ids = [given["id"] for _, given in elements if "id" in given]
    assert len(ids) == len(set(ids)) > 10
    assert all(re.fullmatch(r"s-figure-\d-[cm]\d+", name) for name in ids)
    links = re.findall(r"url\(#([^)]+)\)", page)
    assert len(links) > 10
    assert set(links) <= set(ids)


def test_a_drawing_is_one_picture_with_the_alt_text() -> None:
    elements = Elements(drawings.inline(chart("one"), "f", ALT))
    tag, given = elements.found[0]
    assert (tag, given["role"], given["aria-label"]) == ("svg", "img", ALT)
    assert {"width", "height", "viewbox"} <= set(given)
    assert not any("tabindex" in given or tag == "a" for tag, given in elements.found)
    assert "Heading" in elements.text


def test_names_cannot_become_markup() -> None:
    markup = drawings.inline(chart(EVIL), "f", EVIL)
    elements = Elements(markup)
    assert "script" not in {tag for tag, _ in elements.found}
    assert elements.found[0][1]["aria-label"] == EVIL
    assert EVIL in elements.text


@pytest.mark.parametrize(
    "inside",
    [
        "<script>1</script>",
        "<style>*{}</style>",
        '<path onclick="1"/>',
        '<path style="fill:red"/>',
        '<path fill="url(https://a.b/c#d)"/>',
        '<use href="https://a.b/c.svg#d"/>',
        '<a href="javascript:1"/>',
        "<foreignObject/>",
    ],
)
def test_what_can_do_more_than_be_seen_is_refused(inside: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1">{inside}</svg>'
    with pytest.raises(ValueError, match="allowed are"):
        drawings.inline(svg.encode(), "f", ALT)


def test_charts_are_drawn_and_clouds_of_points_are_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = np.random.default_rng(0).normal(size=(2_000, 2))
    (tmp_path / "cloud.svg").write_bytes(stills.scatter([Panel((-3, 3, -3, 3), points)], [points], "Heading")[0].svg)
    (tmp_path / "chart.svg").write_bytes(chart("one"))
    assert drawings.drawing(tmp_path / "cloud.svg", "f", ALT) is None
    assert drawings.drawing(tmp_path / "none.svg", "f", ALT) is None
    assert str(drawings.drawing(tmp_path / "chart.svg", "f", ALT)).startswith("<svg ")
    monkeypatch.setattr(drawings, "MOST", 1_000)
    assert drawings.drawing(tmp_path / "chart.svg", "f", ALT) is None
