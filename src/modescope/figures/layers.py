"""Planes side by side, still and animated: layers of coloured points over a coloured field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from modescope.figures import style
from modescope.figures.canvas import (
    BOTTOM,
    GAP,
    HEADING,
    LEFT,
    MARGIN,
    MAX_PANEL,
    MAX_WIDTH,
    PANEL_TITLE,
    Canvas,
    shrink,
    write_counter,
    write_heading,
)
from modescope.figures.gif import LIMIT, Animation, fit, pixels
from modescope.figures.marks import mark
from modescope.figures.painting import Extent, Painter, is_light, levels, ramp
from modescope.figures.stills import SCALE
from modescope.figures.style import DPI, FAINT, INK, MODES, MUTED, PAPER, Still, new_figure, theme

AXIS_LABEL = 16  # room for an axis label; all lengths here are in layout pixels
COUNTER, LEGEND_LINE = 90, 18
BAR, BAR_HEIGHT = 60, 9  # colour bar of the field in the legend
MARKERS = ("o", "s", "^", "D", "v", "P", "X")  # seven: with ten colours, the first seventy modes all differ


@dataclass(frozen=True)
class Layer:
    """Points in one colour, or each point in the colour of its mode."""

    points: NDArray[np.floating]  # (frames, n, 2); one frame if they do not move
    colour: str | NDArray[np.integer]  # or the index of each point's mode, (n,), from 0; colours repeat
    label: str = ""  # in the legend, shared by all planes


@dataclass(frozen=True)
class Plane:
    """One set of axes: layers, later ones on top, over a field with values from 0 to 1."""

    extent: Extent  # x_min, x_max, y_min, y_max
    layers: Sequence[Layer]
    title: str = ""
    field: NDArray[np.floating] | None = None  # (frames, rows, cols) on an even grid from edge to edge
    x_label: str = ""
    y_label: str = ""
    field_label: str = "discriminator"  # in the legend


def still(
    planes: Sequence[Plane], heading: str, step: int | None = None, frame: int = -1
) -> tuple[Still, tuple[int, int]]:
    """One frame of the planes, by default the last.

    The first row of a field is its lowest y. Modes differ in colour and marker. Returns the PNG and its
    size in layout pixels, the same as that of `animate`. Raises ValueError for no planes, an empty
    extent, or arrays whose shapes do not match.
    """
    _check(planes, None)
    with theme():
        canvas = _draw(planes, heading, SCALE)
        for ax, plane, (_, _, width, height) in zip(canvas.axes, planes, canvas.boxes, strict=True):
            if plane.field is not None:
                shown = ramp()[levels(_at(plane.field, frame), width, height)]
                ax.imshow(shown, extent=plane.extent, interpolation="nearest", aspect="auto", zorder=0)
            for layer in plane.layers:
                _scatter(ax, _at(layer.points, frame), layer.colour)
            ax.set(xlim=plane.extent[:2], ylim=plane.extent[2:])
        if step is not None:
            write_counter(canvas, step)
        return style.still(canvas.figure), (canvas.size[0] // SCALE, canvas.size[1] // SCALE)


def animate(planes: Sequence[Plane], steps: Sequence[int], heading: str) -> Animation:
    """All frames of the planes, one per step, in an endless loop.

    Frames are dropped evenly until the file has at most LIMIT bytes; the first and the last stay. Points
    that are not finite or outside the extent are not drawn. Raises ValueError like `still`, and if the
    frames do not match the steps or two frames already exceed the limit.
    """
    _check(planes, len(steps))
    with theme():
        canvas = _draw(planes, heading, 1)
        colours, chosen = _colours(planes)
        fields = any(p.field is not None for p in planes)
        background = pixels(canvas.figure)
        painter = Painter(background, canvas.boxes, [p.extent for p in planes], colours, fields=fields)

    def frame(k: int) -> NDArray[np.uint8]:
        grounds = [
            None if p.field is None else levels(_at(p.field, k), *box[2:])
            for p, box in zip(planes, canvas.boxes, strict=True)
        ]
        points = [
            [(_at(layer.points, k), index) for layer, index in zip(p.layers, indices, strict=True)]
            for p, indices in zip(planes, chosen, strict=True)
        ]
        return painter.frame(grounds, points, canvas.counter, steps[k])

    return fit(frame, steps, painter.palette, canvas.size, LIMIT)


def _at(frames: NDArray[np.floating], k: int) -> NDArray[np.floating]:
    """Frame k, or the only frame if there is just one."""
    one: NDArray[np.floating] = frames[0 if len(frames) == 1 else k]
    return one


def _check(planes: Sequence[Plane], frames: int | None) -> None:
    """Raise ValueError for shapes that do not match each other or, if given, the number of frames."""
    if not planes or frames == 0:
        raise ValueError("a figure needs at least one plane and an animation at least one frame")
    counts = {1 if frames is None else frames}
    for plane in planes:
        x_min, x_max, y_min, y_max = plane.extent
        if not (x_max > x_min and y_max > y_min):
            raise ValueError(f"empty extent {plane.extent}: x_max and y_max must exceed x_min and y_min")
        if plane.field is not None and (plane.field.ndim != 3 or min(plane.field.shape) < 1):
            raise ValueError(f"a field has shape (frames, rows, cols), not {plane.field.shape}")
        for layer in plane.layers:
            shape = layer.points.shape
            if len(shape) != 3 or shape[2] != 2 or not shape[0]:
                raise ValueError(f"points have shape (frames, n, 2), not {shape}")
            if not isinstance(layer.colour, str) and (layer.colour.shape != shape[1:2] or (layer.colour < 0).any()):
                raise ValueError(f"{shape[1]} points do not match modes of shape {layer.colour.shape}, from 0 on")
            counts.add(shape[0])
        counts |= set() if plane.field is None else {len(plane.field)}
    if len(counts - {1}) > 1 or (frames == 1 and counts != {1}):
        raise ValueError(f"numbers of frames do not match: {sorted(counts)}")


def _colours(planes: Sequence[Plane]) -> tuple[list[str], list[list[NDArray[np.intp] | int]]]:
    """All colours of the planes, and for every layer of every plane their indices: one, or one per point."""
    every = [layer.colour for plane in planes for layer in plane.layers]
    modes = max((int(c.max()) + 1 for c in every if not isinstance(c, str) and c.size), default=0)
    colours = [*MODES[:modes], *dict.fromkeys(c for c in every if isinstance(c, str))]
    return colours, [
        [
            colours.index(c) if isinstance(c, str) else c.astype(np.intp) % len(MODES)
            for c in (x.colour for x in p.layers)
        ]
        for p in planes
    ]


def _scatter(ax: Axes, xy: NDArray[np.floating], colour: str | NDArray[np.integer]) -> None:
    """Draw points (n, 2); modes differ in marker as well as colour."""
    groups = [(colour, "o", xy)]
    if not isinstance(colour, str):
        groups = [(MODES[m % len(MODES)], MARKERS[m % len(MARKERS)], xy[colour == m]) for m in np.unique(colour)]
    for tint, marker, members in groups:
        x, y = members[np.isfinite(members).all(axis=1)].T
        if is_light(str(tint)):  # a dark rim around the group
            ax.scatter(x, y, s=14, c=INK, marker=marker, linewidths=0, zorder=2)
        ax.scatter(x, y, s=9, c=tint, marker=marker, linewidths=0, zorder=2)


def _draw(planes: Sequence[Plane], heading: str, scale: int) -> Canvas:
    """The square axes of all planes side by side, under a heading and a legend."""
    n = len(planes)
    beside = LEFT + AXIS_LABEL * any(p.y_label for p in planes)
    below = BOTTOM + AXIS_LABEL * any(p.x_label for p in planes)
    side = min(MAX_PANEL, (MAX_WIDTH - 2 * MARGIN - n * beside - (n - 1) * GAP) // n)
    width = 2 * MARGIN + n * (beside + side) + (n - 1) * GAP
    entries = _entries(planes, width - 2 * MARGIN - COUNTER)
    top = HEADING + LEGEND_LINE * (max((line for *_, line in entries), default=0))
    top += PANEL_TITLE if any(p.title for p in planes) else 0
    height = top + side + below + MARGIN // 2

    figure = new_figure(width, height, scale)
    axes, boxes, titles = [], [], []
    for i, plane in enumerate(planes):
        left = MARGIN + beside + i * (beside + side + GAP)
        ax = figure.add_axes((left / width, 1 - (top + side) / height, side / width, side / height))
        ax.set(xlim=plane.extent[:2], ylim=plane.extent[2:])
        ax.xaxis.set_major_locator(MaxNLocator(4, steps=(1, 2, 2.5, 5, 10)))
        ax.yaxis.set_major_locator(MaxNLocator(4, steps=(1, 2, 2.5, 5, 10)))
        ax.tick_params(length=3)
        ax.set_xlabel(plane.x_label, color=MUTED, fontsize=8)
        ax.set_ylabel(plane.y_label, color=MUTED, fontsize=8)
        for spine in ax.spines.values():
            spine.set_color(FAINT)
        titles.append(ax.set_title(plane.title, loc="left", pad=6, fontweight="normal", color=INK))
        mark(plane.title, ax)
        axes.append(ax)
        boxes.append((left * scale, top * scale, side * scale, side * scale))
    shrink(titles, side * scale)
    write_heading(figure, heading, width, height)
    _legend(figure, entries, width, height)
    return Canvas(figure, axes, boxes, ((width - MARGIN) * scale, 42 * scale), (width * scale, height * scale))


def _entries(planes: Sequence[Plane], room: int) -> list[tuple[str, list[str], int, int]]:
    """Legend entries within `room` pixels: label, colours (none for the field's ramp), x and line of the start."""
    wanted: dict[str, list[str]] = {}
    for layer in (layer for plane in planes for layer in plane.layers if layer.label):
        wanted.setdefault(layer.label, [layer.colour] if isinstance(layer.colour, str) else list(MODES[:3]))
    wanted |= {p.field_label: [] for p in planes if p.field is not None}
    scratch, placed = new_figure(10, 10), []
    x, line = MARGIN, 0
    for label, colours in wanted.items():
        text = round(scratch.text(0, 0, label, fontsize=8).get_window_extent().width)
        needed = text + (4 + 8 * len(colours) if colours else BAR + 32)
        if x > MARGIN and x + needed > MARGIN + room:
            x, line = MARGIN, line + 1
        placed.append((label, colours, x, line))
        x += needed + 16
    return placed


def _legend(figure: Figure, entries: Sequence[tuple[str, list[str], int, int]], width: int, height: int) -> None:
    """Write the legend under the heading."""
    for label, colours, x, line in entries:
        y = 1 - (42 + LEGEND_LINE * line) / height
        for i, colour in enumerate(colours):
            figure.text((x + 4 + 8 * i) / width, y, "●", color=colour, fontsize=9, ha="center", va="center")
        after = x + (4 + 8 * len(colours) if colours else 0)
        text = figure.text(after / width, y, label, color=MUTED, fontsize=8, va="center_baseline")
        if not colours:
            bar = round(after + text.get_window_extent().width * DPI / figure.dpi) + 18
            for place, word in ((bar - 7, "0"), (bar + BAR + 7, "1")):
                figure.text(place / width, y, word, color=MUTED, fontsize=8, ha="center", va="center_baseline")
            ax = figure.add_axes((bar / width, y - BAR_HEIGHT / 2 / height, BAR / width, BAR_HEIGHT / height))
            ax.imshow(ramp()[None], aspect="auto", interpolation="nearest")
            ax.set(xticks=[], yticks=[], facecolor=PAPER)
