"""Real frames from files, from a path to train and test arrays; shared by video.py and images.py.

A file lies in the folder `footage/` of the project. Its frames are cropped, reduced, brought to one exposure
and split by event (see `events.py`), so that no vehicle is in both sets. Pixels are scaled from 0 ... 255 to -1 ... 1.
"""

from __future__ import annotations

import math
import os
from abc import abstractmethod
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import Field, field_validator, model_validator

from modescope.datasets import Array, Distribution
from modescope.datasets.common.events import occupied, patterns, per_event, residuals, steady
from modescope.datasets.common.paths import inside, located
from modescope.params.config import MOST_POINTS, ConfigError, Name
from modescope.params.settings import Strict
from modescope.seeding import stream

FOLDER = "footage"
FEWEST = 20  # frames per set; also the least that `evaluation.samples` and `n_test` allow
MOST_PIXELS = Image.MAX_IMAGE_PIXELS or 89_478_485  # Pillow's limit against decompression bombs
BYTES_A_VALUE = 12  # of memory, for a value of a frame: 4 kept, 4 in a set, 4 of residuals if the frames are grey
Frames = NDArray[np.uint8]
Pixel = Annotated[int, Field(ge=0, le=127)]


class Crop(Strict):
    """A rectangle in pixels of the file's pictures, from their upper left corner."""

    x: int = Field(0, ge=0)
    y: int = Field(0, ge=0)
    width: int = Field(ge=1)
    height: int = Field(ge=1)


class Footage(Distribution):
    """Frames of one camera, (C, size, size) each, with C = 1 if grey and 3 otherwise."""

    n_train: int = Field(50_000, ge=FEWEST, le=MOST_POINTS, description="train frames at most; the file may hold fewer")
    n_test: int = Field(10_000, ge=FEWEST, le=MOST_POINTS, description="test frames at most; the file may hold fewer")
    path: str = Field(min_length=1, max_length=500, description="inside the folder footage/, with forward slashes")
    crop: Crop | None = Field(None, description="scaled to a square; without it, the largest square in the middle")
    size: int = Field(32, ge=8, le=128, description="pixels along a side of the final frame")
    grey: bool = False
    exposure: bool = Field(True, description="scale every frame to the brightness of the median frame")
    events: bool = Field(True, description="split by event; false: at random, for pictures without an order")
    test_share: float = Field(0.3, gt=0, lt=1, description="share of test frames, as nearly as whole events allow")
    max_frames: int = Field(10_000, ge=2 * FEWEST, le=100_000, description="reading stops after this many frames")
    truncated: bool = Field(False, description="use what can be decoded of a damaged source")
    threshold: float | None = Field(
        None, gt=0, lt=1, description="least residual of an occupied frame (1: black to white); calibrated if absent"
    )
    cells: dict[Name, Annotated[list[Pixel], Field(min_length=4, max_length=4)]] = Field(
        {}, max_length=16, description="lane -> [x, y, width, height] in pixels of the final frame"
    )

    @property
    def shape(self) -> tuple[int, ...]:
        """(C, size, size)."""
        return (1 if self.grey else 3, self.size, self.size)

    @property
    def from_files(self) -> bool:
        """True: no new frames can be drawn."""
        return True

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Raises NotImplementedError: no new frames can be drawn."""
        raise NotImplementedError(f"{self.label} is footage: no new frames can be drawn from it")

    @property
    def label(self) -> str:
        """The path as shown in messages."""
        return f"{FOLDER}/{self.path}"

    @abstractmethod
    def frames(self, source: Path) -> Iterator[Frames]:
        """Yield the sampled frames of the file or folder in order, (C, size, size) each.

        The first `next` opens the source and makes its first frame. Raises ConfigError for what cannot be used.
        """

    @abstractmethod
    def at_most(self, source: Path) -> int:
        """No more frames than this are kept of the file or folder; nothing is decoded. Raises as `frames`."""

    def sources(self, project: Path) -> dict[str, Path]:
        """The file or folder itself. Raises ConfigError if it is missing."""
        return {self.label: self._located(project)}

    def check_source(self, project: Path) -> list[str]:
        """Open the source and make its first frame.

        Raises ConfigError, one line with the file, what is wrong and how to mend it; also if the frames are certain to
        be too few, or more than the memory of this machine holds.
        """
        if next(iter(self.frames(self._bounded(project))), None) is None:
            raise self.refused("no frame can be decoded", "use whole files")
        return []

    def sets(self, name: str, project: Path) -> dict[str, NDArray[Any]]:
        """The arrays train (n, C, size, size), test (m, C, size, size), background (C, size, size), all in [-1, 1].

        With lane cells also train_label (n,) and test_label (m,): bit i is set where the i-th cell is occupied.
        Raises ConfigError as `check_source` does, and if the frames show no events or are too few.
        """
        values, background = steady(self._kept(self._bounded(project)), self.exposure)
        rng = stream("dataset", name, self.seed, "split")
        try:
            residual = residuals(values, background)
            threshold, busy = occupied(residual, self.threshold) if self.events else (0.0, None)
            in_test = per_event(busy, self.test_share, rng) if busy is not None else self._at_random(len(values), rng)
        except ValueError as error:
            raise self.refused(str(error), "change `threshold`, `crop` or `max_frames`") from None
        found: dict[str, NDArray[Any]] = {"background": 2 * background - 1}
        for part, mask, most in (("train", ~in_test, self.n_train), ("test", in_test, self.n_test)):
            rows = thinned(np.flatnonzero(mask), most)
            if len(rows) < FEWEST:
                raise self.refused(
                    f"the split leaves {len(rows)} {part} frames; {FEWEST} are needed",
                    "lower `period`, or change `test_share`",
                )
            found[part] = values[rows]
            found[part] *= 2  # in place: a large set is not held twice
            found[part] -= 1
            if self.cells:
                found[f"{part}_label"] = patterns(residual[rows], list(self.cells.values()), threshold)
        return found

    def reduced(self, picture: Image.Image) -> Frames:
        """The final frame, cropped, in colour or grey and scaled: (C, size, size).

        Raises ConfigError unless the crop lies in the picture.
        """
        width, height, side = picture.width, picture.height, min(picture.size)
        crop = self.crop or Crop(x=(width - side) // 2, y=(height - side) // 2, width=side, height=side)
        box = (crop.x, crop.y, crop.x + crop.width, crop.y + crop.height)
        if box[2] > width or box[3] > height:
            raise self.refused(
                f"the crop ends at x {box[2]}, y {box[3]}, outside the picture of {width} x {height}", "make it smaller"
            )
        # Pillow's bilinear filter widens with the reduction: every pixel of the crop counts.
        mode = "L" if self.grey else "RGB"
        whole = picture if picture.mode == mode else picture.convert(mode)  # convert would copy a large picture
        small = whole.resize((self.size,) * 2, Image.Resampling.BILINEAR, box)
        return np.asarray(small, dtype=np.uint8).reshape(self.size, self.size, -1).transpose(2, 0, 1)

    def refused(self, wrong: str, mend: str) -> ConfigError:
        """An error about this source: one line with what is wrong and how to mend it."""
        return ConfigError(f"{self.label}: {wrong}; {mend}")

    def small_enough(self, width: int, height: int, most: int = MOST_PIXELS) -> None:
        """Raises ConfigError for a picture with too many pixels, before they are decoded."""
        if width * height > most:
            raise self.refused(f"a picture of {width} x {height} pixels; at most {most:,} are read", "make it smaller")

    def _kept(self, source: Path) -> Frames:
        """At most `max_frames` frames, (n, C, size, size). Raises ConfigError if they are too few for two sets."""
        kept = list(islice(self.frames(source), self.max_frames))
        self._enough(len(kept))
        return np.stack(kept)

    def _bounded(self, project: Path) -> Path:
        """The file or folder. Raises ConfigError if its frames are too few for two sets, or too many for the memory."""
        source = self._located(project)
        n = min(self.at_most(source), self.max_frames)
        self._enough(n)
        need, memory = n * math.prod(self.shape) * BYTES_A_VALUE, memory_of_machine()
        if need > memory:
            raise self.refused(
                f"{n:,} frames of {' x '.join(map(str, self.shape))} values take {need / 2**30:.1f} GiB of memory; "
                f"this machine has {memory / 2**30:.1f} GiB",
                "lower `max_frames` or `size`",
            )
        return source

    def _enough(self, n: int) -> None:
        if n < 2 * FEWEST:
            raise self.refused(
                f"only {n} {'frame' if n == 1 else 'frames'} kept; train and test need {FEWEST} each",
                "lower `period`, or add more",
            )

    def _at_random(self, n: int, rng: np.random.Generator) -> NDArray[np.bool_]:
        return rng.permutation(n) < self.test_share * n

    def _located(self, project: Path) -> Path:
        return located(project, FOLDER, self.path)

    @field_validator("path")
    @classmethod
    def _inside(cls, path: str) -> str:
        return inside(path, FOLDER)

    @model_validator(mode="after")
    def _cells_fit(self) -> Footage:
        for name, (x, y, width, height) in self.cells.items():
            if width < 1 or height < 1 or x + width > self.size or y + height > self.size:
                raise ValueError(
                    f"cells.{name}: [{x}, {y}, {width}, {height}] does not lie in {self.size} x {self.size} pixels"
                )
        if self.cells and not self.events:
            raise ValueError("cells: needs events: true, which finds the empty frames")
        return self


def thinned(rows: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """At most `most` of the rows, evenly spaced."""
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).round().astype(np.intp)]


def memory_of_machine() -> int:
    """Bytes of memory of this machine, whoever uses them now."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
