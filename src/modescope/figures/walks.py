"""What a generator makes of latent lines and sums: paths coloured by position, and latent arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from modescope.figures import style
from modescope.figures.canvas import BOTTOM, GAP, HEADING, LEFT, MARGIN, MAX_WIDTH, PANEL_TITLE, shrink, write_heading
from modescope.figures.stills import SCALE
from modescope.figures.style import FAINT, GENERATED, INK, MODES, MUTED, PAPER, REAL, SECOND, Still, new_figure, theme

SIDE = 290  # largest side of a panel, in layout pixels
BAR, BAR_HEIGHT = 60, 9  # colour bar of a path in the legend
Points = NDArray[np.floating]
# From dark to bright, without the yellow end, which is hard to see on white.
ALONG = LinearSegmentedColormap.from_list("along", colormaps["viridis"](np.linspace(0, 0.88, 256)))


@dataclass(frozen=True)
class Path:
    """The generated points along a latent line, in order, over real points; the largest step is marked."""

    extent: tuple[float, float, float, float]  # x_min, x_max, y_min, y_max
    real: Points  # (n, 2)
    points: Points  # (points, 2), at least two points
    title: str = ""

    @property
    def jump(self) -> int:
        """The index of the point that the largest step starts from."""
        return int(np.argmax(np.linalg.norm(np.diff(self.points, axis=0), axis=1)))


@dataclass(frozen=True)
class Sums:
    """Pairs of generated points, and the images of the midpoints and sums of their latent points."""

    extent: tuple[float, float, float, float]
    real: Points  # (n, 2)
    start: Points  # G(a), (pairs, 2), like the next three
    end: Points  # G(b)
    middle: Points  # G((a + b) / 2)
    total: Points  # G(a + b)
    title: str = ""


def paths(panels: Sequence[Path], heading: str, columns: int) -> tuple[Still, tuple[int, int]]:
    """Paths in rows of `columns`, each coloured from its first point (t = 0) to its last (t = 1).

    Returns the picture and its size in layout pixels. Raises ValueError for no panels, fewer than one
    column, an empty extent, or a path of fewer than two points.
    """
    if any(len(p.points) < 2 for p in panels):
        raise ValueError("a path has at least two points")
    with theme():
        figure, axes, size = _draw(panels, heading, columns)
        for ax, panel in zip(axes, panels, strict=True):
            t = np.linspace(0, 1, len(panel.points))
            segments = np.stack([panel.points[:-1], panel.points[1:]], axis=1)  # (points - 1, 2, 2)
            ax.add_collection(LineCollection(list(segments), colors=ALONG(t[:-1]), linewidths=1.2, zorder=3))
            x, y = panel.points.T
            ax.scatter(x, y, s=9, c=ALONG(t), linewidths=0, zorder=4)
            jump = panel.points[panel.jump : panel.jump + 2]
            ax.plot(*jump.T, color=GENERATED, linewidth=2, zorder=5)
            x, y = jump.mean(0)
            ax.scatter(x, y, s=90, facecolors="none", edgecolors=GENERATED, linewidths=1.3, zorder=5)
        after = _mark(figure, MARGIN, size, "real", "o", {"color": REAL, "mec": "none"})
        after = _mark(figure, after, size, "largest jump", "o", {"color": "none", "mec": GENERATED, "mew": 1.3})
        _ramp(figure, after, size)
        return style.still(figure), size


def arithmetic(panels: Sequence[Sums], heading: str) -> tuple[Still, tuple[int, int]]:
    """G(a) and G(b) joined through G((a + b) / 2), and G(a + b) joined to both; one colour per pair.

    Returns the picture and its size in layout pixels. Raises ValueError for no panels, an empty extent, or
    sets of points that do not match.
    """
    for p in panels:
        shapes = {p.start.shape, p.end.shape, p.middle.shape, p.total.shape}
        if len(shapes) > 1:
            raise ValueError(f"starts, ends, middles and sums have shapes {sorted(shapes)}, not one (pairs, 2)")
    with theme():
        figure, axes, size = _draw(panels, heading, len(panels))
        for ax, p in zip(axes, panels, strict=True):
            for i in range(len(p.start)):
                colour, a, b = MODES[i % len(MODES)], p.start[i], p.end[i]
                ax.plot(*np.stack([a, p.middle[i], b]).T, color=colour, linewidth=1.1, zorder=3)
                ax.plot(*np.stack([a, p.total[i], b]).T, color=colour, linewidth=0.8, linestyle=(0, (2, 2)), zorder=3)
                for marker, where in (("o", np.stack([a, b])), ("D", p.middle[i][None]), ("*", p.total[i][None])):
                    x, y = where.T
                    ax.scatter(
                        x,
                        y,
                        s=70 if marker == "*" else 26,
                        c=colour,
                        marker=marker,
                        edgecolors=PAPER,
                        linewidths=0.6,
                        zorder=4,
                    )
        after = _mark(figure, MARGIN, size, "real", "o", {"color": REAL, "mec": "none"})
        for marker, label in (("o", "G(a), G(b)"), ("D", "G((a+b)/2)"), ("*", "G(a+b)")):
            look: dict[str, object] = {"color": SECOND, "mec": "none", "markersize": 8 if marker == "*" else 5}
            after = _mark(figure, after, size, label, marker, look)
        return style.still(figure), size


def _draw(panels: Sequence[Path | Sums], heading: str, columns: int) -> tuple[Figure, list[Axes], tuple[int, int]]:
    """Square axes with the real points, in rows of `columns`, and their size in layout pixels."""
    if not panels or columns < 1:
        raise ValueError(f"{len(panels)} panels in {columns} columns; at least one of each is needed")
    n = min(columns, len(panels))
    side = min(SIDE, (MAX_WIDTH - 2 * MARGIN - n * LEFT - (n - 1) * GAP) // n)
    pitch = PANEL_TITLE + side + BOTTOM
    width = max(2 * MARGIN + n * (LEFT + side) + (n - 1) * GAP, 2 * SIDE)  # room for the heading and the legend
    height = HEADING + -(-len(panels) // n) * pitch + MARGIN // 2
    figure, axes, titles = new_figure(width, height, SCALE), [], []
    for i, panel in enumerate(panels):
        x_min, x_max, y_min, y_max = panel.extent
        if not (x_max > x_min and y_max > y_min):
            raise ValueError(f"empty extent {panel.extent}: x_max and y_max must exceed x_min and y_min")
        left, top = MARGIN + LEFT + i % n * (LEFT + side + GAP), HEADING + PANEL_TITLE + i // n * pitch
        ax = figure.add_axes((left / width, 1 - (top + side) / height, side / width, side / height))
        ax.set(xlim=(x_min, x_max), ylim=(y_min, y_max))
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator(4, steps=(1, 2, 2.5, 5, 10)))
        ax.tick_params(length=3)
        for spine in ax.spines.values():
            spine.set_color(FAINT)
        x, y = panel.real.T
        ax.scatter(x, y, s=4, c=REAL, alpha=0.45, linewidths=0, zorder=2)
        titles.append(ax.set_title(panel.title, loc="left", pad=6, fontweight="normal", color=INK))
        axes.append(ax)
    shrink(titles, side * SCALE)
    write_heading(figure, heading, width, height)
    return figure, axes, (width, height)


def _mark(figure: Figure, x: float, size: tuple[int, int], label: str, marker: str, look: dict[str, object]) -> float:
    """Draw one legend entry, starting at x in layout pixels; return where the next one starts."""
    ax = figure.add_axes((x / size[0], 1 - 48 / size[1], 12 / size[0], 12 / size[1]))
    ax.axis("off")
    ax.plot([0.5], [0.5], marker, **{"markersize": 6, **look})  # type: ignore[arg-type]
    ax.set(xlim=(0, 1), ylim=(0, 1))
    return _write(figure, x + 15, size, label) + 14


def _ramp(figure: Figure, x: float, size: tuple[int, int]) -> None:
    """Draw the colour bar of a path in the legend, starting at x."""
    x = _write(figure, x, size, "place t along the line:  0") + 5
    ax = figure.add_axes((x / size[0], 1 - (42 + BAR_HEIGHT / 2) / size[1], BAR / size[0], BAR_HEIGHT / size[1]))
    ax.imshow(ALONG(np.linspace(0, 1, 64))[None], aspect="auto")
    ax.set(xticks=[], yticks=[])
    _write(figure, x + BAR + 5, size, "1")


def _write(figure: Figure, x: float, size: tuple[int, int], text: str) -> float:
    """Write text in the legend, starting at x; return where it ends."""
    y = 1 - 42 / size[1]
    written = figure.text(x / size[0], y, text, color=MUTED, fontsize=8, va="center_baseline")
    return x + float(written.get_window_extent().width) / SCALE
