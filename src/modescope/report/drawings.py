"""Charts as a part of the page: SVG files as markup whose ids are unique in it, described by their alt text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from markupsafe import Markup

from modescope.figures.vector import PIXELS

MOST = 200_000  # bytes; a larger chart is an image that is loaded when it comes into view
NAMESPACE = "{http://www.w3.org/2000/svg}"
# All that charts are made of: neither scripts nor pictures, nothing that is loaded.
TAGS = {"svg", "defs", "clipPath", "g", "path", "rect", "circle", "text", "tspan", "title"}
LINK = re.compile(r"url\(#([^)]+)\)")


def drawing(file: Path, anchor: str, alt: str) -> Markup | None:
    """The chart in a file as markup; None for one that is better an image: made of pixels, too large, or not there."""
    if not file.is_file() or file.stat().st_size > MOST:
        return None
    svg = file.read_bytes()
    return None if PIXELS in svg else inline(svg, anchor, alt)


def inline(svg: bytes, prefix: str, alt: str, cards: Mapping[str, str] | None = None) -> Markup:
    """An SVG file as an element of HTML: `prefix-` before every id, one picture with a text for screen readers.

    Its text can be selected and searched. `cards` has addresses by remedy: the first mark of each leads there. Raises
    ValueError for a tag that charts do not have, and for handlers and links to elsewhere.
    """
    root = ElementTree.fromstring(svg)  # noqa: S314 -- what render wrote; what it may contain is checked
    for element in root.iter():
        element.tag = element.tag.removeprefix(NAMESPACE)
        _check(element)
        _prefix(element, prefix)
    linked = _link(root, dict(cards or {}))
    root.attrib = {"class": "drawing", "role": "group" if linked else "img", "aria-label": alt, **root.attrib}
    text = ElementTree.tostring(root, encoding="unicode").replace(" />", "/>")
    return Markup(text)  # noqa: S704 -- escaped by ElementTree


def _link(element: Element, cards: dict[str, str]) -> bool:
    """Let the first mark of each remedy in `cards`, which are used up, be a link, in place; whether there was one."""
    linked = False
    for place, child in enumerate(list(element)):
        card = cards.pop(child.get("data-remedy", ""), "") if child.get("class") == "mark" else ""
        if card:
            link = Element("a", {"href": card, "aria-label": child.findtext("title", "")})
            link.append(child)
            element[place] = link
        linked = bool(card) or _link(child, cards) or linked
    return linked


def _check(element: Element) -> None:
    """Raise ValueError for what could do more than be seen."""
    keys = [key for key in element.attrib if key.lower().startswith("on") or "href" in key.lower() or key == "style"]
    keys += [key for key, value in element.attrib.items() if "url(" in value and not LINK.fullmatch(value)]
    if element.tag not in TAGS or keys:
        raise ValueError(f"a drawing has <{' '.join([element.tag, *keys])}>; allowed are {', '.join(sorted(TAGS))}")


def _prefix(element: Element, prefix: str) -> None:
    """Ids and references to them get the prefix; in place."""
    for key, value in element.attrib.items():
        if key == "id":
            element.set(key, f"{prefix}-{value}")
        elif link := LINK.fullmatch(value):
            element.set(key, f"url(#{prefix}-{link[1]})")
