"""A figure as vector graphics: SVG with text as text, without dates, equal on every machine."""

from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

MOST_POINTS = 400  # of one artist; more are drawn as pixels inside the SVG, which would have a line for each


def svg(figure: Figure) -> bytes:
    """The figure as SVG bytes."""
    for artist in figure.findobj(PathCollection):
        if len(np.asarray(artist.get_offsets())) > MOST_POINTS:
            artist.set_rasterized(True)
    file = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "modescope"}):
        figure.savefig(file, format="svg", dpi=figure.dpi, metadata={"Date": None, "Creator": None})
    return file.getvalue()
