"""Decodes a frame of a junction: which lanes hold a car, and whether the frame is valid at all.

The difference of a lane's slot from the empty ground is compared with 0 and with every car that the
simulator can put there (a grid of positions x all colours). The distance to the nearest of them, in
units of that car's own distance from the empty ground, is the lane's *misfit*: 0 for a clean frame,
about w for a car of opacity w or 1 - w. It is measured in the span of all cars of the lane, which
contains every ghost, blend and smear of cars. The residual outside this span, and everything outside
the slots, is summed over squares as long as a car, in units of a typical car. A frame whose largest
misfit exceeds the tolerance is invalid.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from modescope.datasets import Array
from modescope.datasets.common.junction_scene import LANES, LENGTH, Window
from modescope.datasets.junction import Junction
from modescope.metrics.common.memory import remembered
from modescope.seeding import stream

INVALID = -1
FAINTEST = 0.35  # a blend with at least this share of both frames should be rejected
REFUSED = 0.998  # share of such blends that the tolerance rejects when it is fitted
BLENDS = 2_000  # to which the tolerance is fitted
FINE = 0.06  # pixels between neighbouring positions of the grid, at most
SPAN = 0.999  # share of the cars' energy that the basis keeps
BITS = 1 << np.arange(len(LANES))
AT_ONCE = 500  # frames a batch, to limit memory


@dataclass(frozen=True)
class Slot:
    """One lane: where it is, and every car that may stand there, as a difference from the empty ground."""

    place: Window
    basis: Array  # (rank, dim), orthonormal, of the span of all cars
    cars: Array  # (cars, rank), in that basis
    energy: Array  # (cars,), |car|^2


@dataclass(frozen=True)
class Reading:
    """What the decoder reads in n frames."""

    occupied: NDArray[np.bool_]  # (n, 4), whether each lane of LANES is nearer to a car than to empty ground
    misfit: Array  # (n,), the largest of the lanes and of the ground


@dataclass(frozen=True, eq=False)
class Decoder:
    """Template matching for the frames of one junction; see the top of this file."""

    background: Array  # (channels, size, size)
    noise: float  # standard deviation
    slots: tuple[Slot, ...]
    patterns: NDArray[np.intp]  # (16,), index of the pattern that occupies the lanes of a bit mask, or INVALID
    tolerance: float

    def read(self, images: Array) -> Reading:
        """Lanes and misfit of every frame, (n, channels, size, size)."""
        return _reading(images, self)

    def decode(self, images: Array) -> NDArray[np.intp]:
        """The index of each frame's pattern, (n, channels, size, size) -> (n,).

        INVALID (-1) where the misfit exceeds the tolerance, or where no pattern of the table has these lanes.
        """
        reading = self.read(images)
        return np.where(reading.misfit <= self.tolerance, self.patterns[reading.occupied @ BITS], INVALID)

    def read_at_once(self, images: Array) -> Reading:
        """As `read`, in one go, which needs memory for every car of the grid times every frame."""
        rest = images - self.background  # at the end, what no car explains
        n, size = len(rest), rest.shape[-1]
        energies = np.concatenate([slot.energy for slot in self.slots])
        occupied = np.zeros((n, len(self.slots)), dtype=bool)
        misfit = np.zeros(n)
        for k, slot in enumerate(self.slots):
            patch = rest[:, :, slot.place.rows, slot.place.columns]
            seen = patch.reshape(n, slot.basis.shape[1]) @ slot.basis.T  # (n, rank)
            # |seen - car|^2 = |seen|^2 + (|car|^2 - 2 seen . car); only the bracket depends on the car
            gain = slot.energy - 2 * seen @ slot.cars.T  # (n, cars)
            best = np.argmin(gain, axis=1)
            nearer = gain[np.arange(n), best]
            occupied[:, k] = nearer < 0
            # The noise adds its energy to every distance, so it is subtracted; having less of it is no misfit.
            distance = np.sum(seen**2, axis=1) + np.minimum(nearer, 0) - self.noise**2 * seen.shape[1]
            misfit = np.maximum(misfit, distance / np.where(nearer < 0, slot.energy[best], energies.min()))
            rest[:, :, slot.place.rows, slot.place.columns] -= (seen @ slot.basis).reshape(patch.shape)
        squares = np.sum(rest**2 - self.noise**2, axis=1)  # (n, size, size)
        side = round(LENGTH * size)
        for axis in (1, 2):
            squares = side * uniform_filter1d(squares, side, axis=axis, mode="constant")
        return Reading(occupied, np.sqrt(np.maximum(misfit, squares.max(axis=(1, 2)) / np.median(energies))))


@remembered
def _reading(images: Array, by: Decoder) -> Reading:
    parts = [by.read_at_once(images[i : i + AT_ONCE]) for i in range(0, max(len(images), 1), AT_ONCE)]
    return Reading(np.concatenate([part.occupied for part in parts]), np.concatenate([part.misfit for part in parts]))


def decoder(junction: Junction) -> Decoder:
    """The decoder of this junction: deterministic, and cached within a process."""
    return _made(junction.model_dump_json(exclude={"n_train", "n_test", "seed"}))


@lru_cache(maxsize=8)
def _made(key: str) -> Decoder:
    junction = Junction.model_validate_json(key)
    patterns = np.full(2 ** len(LANES), INVALID)
    patterns[junction.occupancy @ BITS] = np.arange(len(junction.patterns))
    slots = tuple(_slot(junction, lane) for lane in LANES)
    unfitted = Decoder(junction.background, junction.noise, slots, patterns, np.inf)
    return replace(unfitted, tolerance=_tolerance(junction, unfitted))


def _slot(junction: Junction, lane: str) -> Slot:
    places = 1 + 2 * int(np.ceil(junction.jitter * junction.size / FINE))
    offset = np.tile(np.linspace(-junction.jitter, junction.jitter, places), junction.colours)
    colour = np.repeat(np.arange(junction.colours), places)
    place = junction.window(lane)
    cars = junction.cars(lane, offset, colour) - junction.background[:, place.rows, place.columns]
    cars = cars.reshape(len(cars), -1)  # (cars, dim)
    _, values, axes = np.linalg.svd(cars, full_matrices=False)
    rank = 1 + int(np.searchsorted(np.cumsum(values**2) / np.sum(values**2), SPAN))
    basis = axes[:rank]
    inside = cars @ basis.T
    return Slot(place, basis, inside, np.sum(inside**2, axis=1))


def _tolerance(junction: Junction, unfitted: Decoder) -> float:
    """The largest tolerance that still rejects the share REFUSED of the faintest blends of two patterns.

    Generators are never exact, so the tolerance is no stricter than this definition of a ghost needs.
    """
    rng = stream("junction", "decoder")
    # Gumbel trick: the two largest of log p + noise are two patterns drawn by weight without replacement.
    keys = np.log(junction.pattern_weights) + rng.gumbel(size=(BLENDS, len(junction.patterns)))
    pairs = rng.permuted(np.argsort(keys, axis=1)[:, -2:], axis=1)  # (blends, 2)
    misfits = [
        unfitted.read(FAINTEST * junction.frames(a, rng) + (1 - FAINTEST) * junction.frames(b, rng)).misfit
        for a, b in (part.T for part in np.array_split(pairs, 4))
    ]
    return float(np.quantile(np.concatenate(misfits), 1 - REFUSED))
