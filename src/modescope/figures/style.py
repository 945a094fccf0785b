"""Colours, type and PNG encoding that all figures share: real points grey, generated points red."""

from __future__ import annotations

import io
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, cast

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK = "#1f2328"
MUTED = "#656d76"
FAINT = "#d5d9de"
PAPER = "#ffffff"
REAL = "#9aa2ab"
GENERATED = "#d1242f"
SECOND = "#0a5ea8"  # a second series beside the red one; told apart from it without colour vision, too
ORANGE = "#d96b00"  # beside SECOND, as a discriminator is to a generator
DARK_GREEN, AMBER = "#00593a", "#ffb300"  # two layers over a field, far apart in lightness
# A field's ends at 0 and 1, of different lightness; its middle is paper.
FIELD_LOW, FIELD_HIGH = "#edacb0", "#6096c6"
# One colour a mode: seaborn's "colorblind".
MODES = (
    "#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc", "#ca9161", "#fbafe4", "#949494", "#ece133", "#56b4e9",
)  # fmt: skip

DPI = 100  # layout pixels per inch; a picture of scale 2 has twice as many

THEME: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so the same on every machine
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
}


@contextmanager
def theme() -> Iterator[None]:
    """Matplotlib's defaults, then ours, whatever the user's matplotlibrc says."""
    with mpl.rc_context():
        mpl.rcdefaults()
        cast(MutableMapping[str, Any], mpl.rcParams).update(THEME)
        yield


def new_figure(width: int, height: int, scale: float = 1) -> Figure:
    """An empty figure of `width` x `height` layout pixels, drawn with `scale` pixels for each of them."""
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI * scale)
    FigureCanvasAgg(figure)
    return figure


def png(figure: Figure) -> bytes:
    """The figure as PNG bytes, without the software version that matplotlib writes into them by default."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=figure.dpi, metadata={"Software": None})
    return file.getvalue()
