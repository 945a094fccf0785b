"""Colours, fonts and encoding of all figures: real points grey, generated points red."""

from __future__ import annotations

import io
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from modescope.figures import vector

INK = "#1f2328"
MUTED = "#656d76"
FAINT = "#d5d9de"
PAPER = "#ffffff"
REAL = "#9aa2ab"
GENERATED = "#d1242f"
SECOND = "#0a5ea8"  # a second series beside the red one, distinguishable without colour vision
ORANGE = "#d96b00"  # beside SECOND, e.g. discriminator beside generator
DARK_GREEN, AMBER = "#00593a", "#ffb300"  # two layers over a field, far apart in lightness
# Colours of a field at 0 and 1, different in lightness; the middle is paper.
FIELD_LOW, FIELD_HIGH = "#edacb0", "#6096c6"
# One colour per mode: seaborn's "colorblind" palette.
MODES = (
    "#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc", "#ca9161", "#fbafe4", "#949494", "#ece133", "#56b4e9",
)  # fmt: skip

DPI = 100  # layout pixels per inch; at scale 2, twice as many pixels

THEME: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so it is the same on every machine
    "font.size": 8.5,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.facecolor": PAPER,
    "figure.facecolor": PAPER,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "axes.unicode_minus": True,
    "text.parse_math": False,  # names may have dollar signs
}


@contextmanager
def theme() -> Iterator[None]:
    """Apply matplotlib's defaults, then THEME, regardless of the user's matplotlibrc."""
    with mpl.rc_context():
        mpl.rcdefaults()
        cast(MutableMapping[str, Any], mpl.rcParams).update(THEME)
        yield


def new_figure(width: int, height: int, scale: float = 1) -> Figure:
    """An empty figure of `width` x `height` layout pixels, with `scale` pixels per layout pixel."""
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI * scale)
    FigureCanvasAgg(figure)
    return figure


@dataclass(frozen=True)
class Still:
    """A picture that does not move."""

    png: bytes
    svg: bytes = b""  # the same as vector graphics; empty for a picture that has none


def still(figure: Figure) -> Still:
    """The figure as PNG and SVG bytes, equal on every machine.

    Clouds of points, which pages show as pixels, have a palette: a third of the bytes, and no difference one sees.
    """
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=figure.dpi, metadata={"Software": None})
    svg = vector.svg(figure)
    return Still(_with_palette(file.getvalue()) if vector.PIXELS in svg else file.getvalue(), svg)


def _with_palette(png: bytes) -> bytes:
    file = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        fewer = image.convert("RGB").quantize(128, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    fewer.save(file, "PNG", optimize=True)
    return file.getvalue()
