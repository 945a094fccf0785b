"""Frames of a fixed camera: background, exposure, occupied frames, events, and a split that keeps events whole.

Neighbouring frames show the same vehicle, so a split by frame would put nearly equal pictures into train and test.
An event is a stretch of occupied frames between empty ones; it goes into one of the sets as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]
Mask = NDArray[np.bool_]
GREY_LEVEL = 1 / 255
TOP_SHARE = 0.02  # share of a frame's pixels that a small car far away covers
CONTRAST = 3.0  # least ratio of a car's residual to that of noise
CELL_SHARE = 0.25  # share of a lane cell's pixels that a vehicle in it covers, at least


def median_frame(frames: Values) -> Values:
    """The median over time of every pixel, (n, C, size, size) -> (C, size, size); row by row, to save memory."""
    rows = [np.median(frames[:, :, row], axis=0) for row in range(frames.shape[2])]
    return np.stack(rows, axis=1).astype(np.float32)


def steady(frames: NDArray[np.uint8], exposure: bool) -> tuple[Values, Values]:
    """(values, background) in [0, 1] of frames (n, C, size, size), all scaled to the brightness of the median frame.

    A frame's gain is the median over pixels of background / frame, which vehicles change only if they cover
    half of the picture. Without `exposure` the gain is 1.
    """
    values = frames.astype(np.float32) / np.float32(255)
    if not exposure:
        return values, median_frame(values)
    background = median_frame(values)
    for i, frame in enumerate(values):
        gain = np.median((background + GREY_LEVEL) / (frame + GREY_LEVEL))
        values[i] = np.clip(frame * np.float32(gain), 0, 1)
    return values, median_frame(values)


def residuals(values: Values, background: Values) -> Values:
    """Largest difference from the background over channels, (n, C, size, size) -> (n, size, size), in [0, 1]."""
    return np.stack([np.abs(frame - background).max(axis=0) for frame in values])


def occupied(residual: Values, threshold: float | None = None) -> tuple[float, Mask]:
    """(threshold, which frames show a vehicle (n,)), from residuals (n, size, size).

    A frame is occupied when the mean of its largest 2 % of residuals exceeds the threshold. Without one,
    Otsu's threshold (1979) of the logarithms is used. Raises ValueError if no frame is occupied, none is empty, or the
    medians of the two groups differ by less than a factor of 3.
    """
    scores = strongest(residual)
    if threshold is None:
        threshold = otsu(scores)
        low, high = scores[scores <= threshold], scores[scores > threshold]
        if not len(high) or np.median(high) < CONTRAST * np.median(low):
            raise ValueError(
                "no event found: occupied and empty frames cannot be separated "
                f"(residuals from {scores.min():.3f} to {scores.max():.3f})"
            )
    busy = scores > threshold
    if not busy.any():
        raise ValueError(f"no event found: no residual exceeds {threshold:.3f}, the largest is {scores.max():.3f}")
    if busy.all():
        raise ValueError(f"no empty frame found: every residual exceeds {threshold:.3f}")
    return threshold, busy


def strongest(residual: Values) -> NDArray[np.float64]:
    """The mean of the largest 2 % of every frame's residuals, (n, size, size) -> (n,); at least one grey level."""
    pixels = residual.reshape(len(residual), -1)
    top = max(1, round(TOP_SHARE * pixels.shape[1]))
    scores = np.partition(pixels, -top, axis=1)[:, -top:].mean(axis=1, dtype=np.float64)
    return np.asarray(np.maximum(scores, GREY_LEVEL), dtype=np.float64)


def otsu(scores: NDArray[np.float64]) -> float:
    """Threshold that minimises the variance of the logarithms within the two groups, for positive scores (n,)."""
    logs = np.sort(np.log(scores))
    n, ones = len(logs), np.arange(1, len(logs))
    left = np.cumsum(logs)[:-1]
    gap = left / ones - (logs.sum() - left) / (n - ones)  # of the means of the two groups
    # Equal scores must fall on the same side.
    between = np.where(np.diff(logs) > 0, ones * (n - ones) * gap**2, -1)
    cut = int(np.argmax(between))
    return float(np.exp((logs[cut] + logs[cut + 1]) / 2))


def blocks(busy: Mask) -> NDArray[np.int64]:
    """The event of every frame, 0, 1, ... (n,): the empty stretch between two events is cut in the middle."""
    edges = np.flatnonzero(np.diff(busy.astype(np.int8), prepend=0, append=0))
    begin, end = edges[::2], edges[1::2]  # of every event; end is the first empty frame after it
    cuts = (end[:-1] + begin[1:] + 1) // 2
    return np.searchsorted(cuts, np.arange(len(busy)), side="right").astype(np.int64)


def per_event(busy: Mask, share: float, rng: np.random.Generator) -> Mask:
    """Which frames are test frames, (n,): whole events in random order, if they bring the test share nearer to `share`.

    Both the share of all frames and that of occupied ones count, since a short event may have a long empty stretch.
    Each set gets at least one event. Raises ValueError if there is only one.
    """
    block = blocks(busy)
    sizes = np.stack([np.bincount(block) / len(busy), np.bincount(block, weights=busy) / busy.sum()])  # (2, events)
    if sizes.shape[1] < 2:
        raise ValueError("only one event found; train and test need one each")
    taken = np.zeros(2)
    chosen: list[int] = []
    for event in rng.permutation(sizes.shape[1]).tolist():
        nearer = np.abs(taken + sizes[:, event] - share).sum() < np.abs(taken - share).sum()
        if nearer and len(chosen) < sizes.shape[1] - 1:
            chosen.append(event)
            taken += sizes[:, event]
    return np.isin(block, chosen or [int(np.argmin(sizes.sum(axis=0)))])


def patterns(residual: Values, cells: Sequence[Sequence[int]], threshold: float) -> NDArray[np.int64]:
    """The pattern of occupied cells of every frame, residuals (n, size, size) -> (n,): bit i for the i-th cell.

    A cell [x, y, width, height] is occupied when at least a quarter of its pixels have a residual above the threshold.
    """
    found = np.zeros(len(residual), dtype=np.int64)
    for i, (x, y, width, height) in enumerate(cells):
        covered = (residual[:, y : y + height, x : x + width] > threshold).mean(axis=(1, 2))
        found |= (covered >= CELL_SHARE).astype(np.int64) << i
    return found
