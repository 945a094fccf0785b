"""A figure as vector graphics: SVG with text as text and an id on every mark, equal on every machine.

A page that allows no inline styles can show it: all looks are presentation attributes. Clouds of points are pixels.
"""

from __future__ import annotations

import base64
import io
import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import matplotlib as mpl
import numpy as np
from matplotlib.collections import Collection, LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.quiver import Quiver
from PIL import Image

from modescope.figures.marks import marked
from modescope.figures.outlines import moved, number, short

PIXELS = b"<image"  # in an SVG that is not all outlines and text
FONTS = "DejaVu Sans, Verdana, sans-serif"  # the second has nearly the same widths
MOST = 400  # points or strokes of one artist; what has more is drawn as pixels
RASTER_DPI = 144  # two pixels a point of the SVG
COLOURS = 64  # of the pixels
NAMESPACE, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
# What an element takes from its group if it does not say it itself; a clipped group is its elements clipped.
SHARED = (
    "fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-linecap", "stroke-linejoin",
    "stroke-dasharray", "stroke-dashoffset", "clip-path", "font-size", "font-weight", "text-anchor",
)  # fmt: skip
USUAL = {"stroke-dashoffset": "0", "text-anchor": "start", "font-family": None}  # not worth saying; None: any value
FRAME = re.compile(r"(figure|axes|legend|matplotlib\.axis|[xy]tick)_\d+")  # groups that are no mark
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?|-?\d+e-\d+")
DISC = re.compile(r"M 0 ([\d.]+)\s+(?:C[^A-Z]*){8}z\s*$")  # matplotlib's circle: eight arcs from the lowest point
UNTURNED = re.compile(r"rotate\(-?0 [^)]*\)")


def svg(figure: Figure) -> bytes:
    """The figure as SVG bytes, as large as in layout pixels; marks of remedies are found by `data-remedy`."""
    for artist in figure.findobj(Collection) + figure.findobj(Line2D):
        if _crowded(artist):
            artist.set_rasterized(True)
    for axes in figure.axes:  # what has the colour of the figure behind it need not be drawn
        axes.patch.set_visible(axes.get_facecolor() != figure.get_facecolor())
    file = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "modescope", "path.simplify_threshold": 0.2}):
        figure.savefig(file, format="svg", dpi=RASTER_DPI, metadata={"Date": None, "Creator": None})
    width, height = (round(100 * float(side)) for side in figure.get_size_inches())
    return clean(file.getvalue(), width, height)


def _crowded(artist: object) -> bool:
    """Whether an artist would be so many elements that it is better drawn as pixels."""
    if isinstance(artist, PathCollection):
        return len(np.asarray(artist.get_offsets())) > MOST
    if isinstance(artist, LineCollection):
        return len(artist.get_segments()) > MOST
    if isinstance(artist, Line2D):
        return str(artist.get_marker()) not in ("None", "") and len(np.asarray(artist.get_xdata())) > MOST
    return isinstance(artist, Quiver)


def clean(content: bytes, width: int, height: int) -> bytes:
    """Matplotlib's SVG without what a page cannot use or does not need, of a size in CSS pixels."""
    root = ElementTree.fromstring(content)  # noqa: S314 -- matplotlib wrote it
    shapes = _shapes(root)
    for parent in list(root.iter()):
        for child in list(parent):
            empty = child.tag == f"{NAMESPACE}path" and not child.get("d")  # a line without finite points
            if empty or child.tag in (f"{NAMESPACE}metadata", f"{NAMESPACE}defs"):
                parent.remove(child)
    for element in [*root.iter(), *(inside for shape in shapes.values() for inside in shape.iter())]:
        _plain(element)
    for key in [key for key in root.attrib if key not in ("viewBox",)]:
        del root.attrib[key]
    for element in root.iter("use"):
        _place(element, shapes[element.attrib.pop("href")[1:]])
    _number(root)
    _flatten(root)
    _join(root)
    for path in root.iter("path"):
        path.set("d", short(path.attrib["d"]))
    _share(root)
    _flatten(root)  # of groups whose looks went to the group around them
    clips = {old: shape for old, shape in shapes.items() if shape.tag == "clipPath"}
    for k, shape in enumerate(clips.values()):
        shape.set("id", f"c{k}")
    for element in root.iter():
        clip = element.get("clip-path")
        if clip is not None:
            element.set("clip-path", f"url(#{clips[clip[5:-1]].get('id')})")
    if clips:
        defs = Element("defs")
        defs.extend(clips.values())
        root.insert(0, defs)
    head = {"xmlns": NAMESPACE[1:-1], "width": str(width), "height": str(height)}
    look = {"font-family": FONTS, "stroke-linejoin": "round"}
    root.attrib = {**head, **root.attrib, **look}
    return ElementTree.tostring(root, encoding="unicode").replace(" />", "/>").encode() + b"\n"


def _shapes(root: Element) -> dict[str, Element]:
    """What others refer to, by id: the shapes of markers and clip paths."""
    every = (child for defs in root.iter(f"{NAMESPACE}defs") for child in defs if child.get("id"))
    return {child.attrib["id"]: child for child in every}


def _plain(element: Element) -> None:
    """Styles become attributes, numbers short, links plain; in place."""
    element.tag = element.tag.removeprefix(NAMESPACE)
    element.tail = None
    if element.tag not in ("text", "tspan", "title"):
        element.text = None
    given = dict(element.attrib)
    link = given.pop(LINK, None)
    if link is not None:
        given["href"] = _fewer_colours(link) if element.tag == "image" else link
    for part in given.pop("style", "").split(";"):
        key, _, value = part.partition(":")
        if key.strip():
            given[key.strip()] = value.strip().removesuffix("px")
    for key, value in given.items():
        if key not in ("href", "id", "d"):
            given[key] = NUMBER.sub(lambda found: number(float(found[0])), value)
    if UNTURNED.fullmatch(given.get("transform", "")):
        del given["transform"]
    element.attrib = {k: v for k, v in given.items() if not (k in USUAL and USUAL[k] in (None, v))}


def _place(use: Element, shape: Element) -> None:
    """A marker becomes the shape it refers to, in its place; in place."""
    x, y = use.attrib.pop("x", "0"), use.attrib.pop("y", "0")
    look = {**use.attrib, **{key: value for key, value in shape.attrib.items() if key not in ("id", "d")}}
    disc = DISC.match(shape.attrib["d"])
    if disc:
        use.tag, use.attrib = "circle", {"cx": x, "cy": y, "r": number(float(disc[1])), **look}
    else:
        use.tag, use.attrib = "path", {"d": moved(shape.attrib["d"], float(x), float(y)), **look}


def _fewer_colours(link: str) -> str:
    """A picture inside the SVG with a palette of its own."""
    head, _, data = link.partition(",")
    file = io.BytesIO()
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        image.convert("RGBA").quantize(COLOURS, method=Image.Quantize.FASTOCTREE).save(file, "PNG", optimize=True)
    return f"{head},{base64.b64encode(file.getvalue()).decode()}"


def _number(root: Element) -> None:
    """Give marks their ids in document order, and remedies theirs; other groups lose the ids of matplotlib."""
    count = 0

    def visit(element: Element, *, frame: bool) -> None:
        nonlocal count
        gid = element.attrib.pop("id", "")
        found, structure = marked(gid), bool(FRAME.fullmatch(gid))
        if found or (gid and not frame and not structure):
            count += 1
            element.set("id", f"m{count}")
        if found:
            element.attrib |= {"class": "mark", "data-remedy": found[0]}
            title = Element("title")
            title.text = found[1]
            element.insert(0, title)
        inner = frame or (structure and not gid.startswith(("figure", "axes")))
        for child in list(element):
            visit(child, frame=inner or bool(gid and not structure))

    for child in root:
        visit(child, frame=False)


def _flatten(element: Element) -> None:
    """Remove groups that say nothing, and join neighbouring marks of one remedy."""
    kept: list[Element] = []
    for child in element:
        _flatten(child)
        if child.tag == "g" and not child.attrib:
            kept += list(child)
        elif child.tag == "g" and set(child.attrib) == {"id"} and len(child) == 1 and "id" not in child[0].attrib:
            child[0].attrib = {"id": child.attrib["id"], **child[0].attrib}
            kept.append(child[0])
        elif kept and _same_mark(kept[-1], child):
            kept[-1].extend(inside for inside in child if inside.tag != "title")
        elif child.tag != "g" or len(child):
            kept.append(child)
    element[:] = kept


def _join(element: Element) -> None:
    """Make one outline of neighbours that look the same, e.g. of ticks."""
    kept: list[Element] = []
    for child in element:
        _join(child)
        if kept and _same_look(kept[-1], child):
            kept[-1].set("d", kept[-1].attrib["d"] + child.attrib["d"])
        else:
            kept.append(child)
    element[:] = kept


def _same_look(a: Element, b: Element) -> bool:
    """Whether both are opaque outlines that may as well be one."""
    looks = [{key: value for key, value in element.attrib.items() if key != "d"} for element in (a, b)]
    solid = "id" not in looks[0] and not any("opacity" in key for key in looks[0])
    return a.tag == b.tag == "path" and looks[0] == looks[1] and solid


def _share(element: Element) -> None:
    """Say once, in the group, what all of its elements say."""
    for child in element:
        _share(child)
    shapes = [child for child in element if child.tag != "title"]
    for key in SHARED if element.tag == "g" and len(shapes) > 1 else ():
        value = shapes[0].get(key)
        if value is not None and key not in element.attrib and all(child.get(key) == value for child in shapes):
            element.set(key, value)
            for child in shapes:
                del child.attrib[key]


def _same_mark(a: Element, b: Element) -> bool:
    """Whether both are marks of one remedy with the same words."""
    known = a.get("class") == b.get("class") == "mark" and a.get("data-remedy") == b.get("data-remedy")
    return known and a.findtext("title") == b.findtext("title")
