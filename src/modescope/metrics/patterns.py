"""Which traffic patterns were learned: the histogram of the patterns that a decoder reads in generated frames.

The table of the simulator is the exact distribution of the patterns. A frame is invalid if it shows no
pattern of the table: a ghost, a blend of two frames, or lanes that are never occupied together.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.special import rel_entr

from modescope.datasets import Distribution
from modescope.datasets.junction import Junction
from modescope.metrics import About, Array, Metric, Views
from modescope.metrics.common.decoder import INVALID, decoder
from modescope.metrics.common.ssim import ssim


class Patterns(Metric):
    """Coverage of the patterns of a simulated junction, and how well its frames are reconstructed."""

    share: float = Field(0.5, gt=0, le=1, description="a pattern with this share of its true probability is covered")

    about: ClassVar[dict[str, About]] = {
        "patterns_covered": About(
            "Patterns covered",
            "Patterns that get at least half (by default) of their true probability: their frames as a share of all "
            "generated frames, invalid ones included.",
            "0 to the number of patterns",
            "higher",
        ),
        "patterns_hit": About(
            "Patterns hit",
            "Patterns shown by at least one generated frame.",
            "0 to the number of patterns",
            "higher",
        ),
        "invalid_frames": About(
            "Invalid frames",
            "Share of generated frames that show no pattern of the table: ghosts, blends, smears, or lanes that are "
            "never occupied together.",
            "0 to 1",
            "lower",
        ),
        "pattern_kl": About(
            "Pattern KL",
            "KL(generated || true) in nats between the pattern histogram of the valid frames and the true one. A "
            "perfect sampler scores about (patterns - 1) / (2 frames). Infinite by convention without valid frames.",
            "0 to infinity",
            "lower",
        ),
        "pattern_tv": About(
            "Pattern TV",
            "Total variation distance between the generated and the true histogram of patterns, with the invalid "
            "frames as an extra bin.",
            "0 to 1",
            "lower",
        ),
        "empty_ratio": About(
            "Empty ratio",
            "Share of generated frames that show an empty junction, divided by its true probability; 1 is right.",
            "0 to 1 / the true probability",
            "neither",
        ),
        "minor_recall": About(
            "Minor recall",
            "Sum of min(p, q) over the patterns with cars, divided by the sum of p, where p is a pattern's true "
            "probability and q its share of the generated frames; 1 when none of them is too rare.",
            "0 to 1",
            "higher",
        ),
        "decoder_accuracy": About(
            "Decoder accuracy",
            "Share of fresh simulated frames (as many as are scored) whose pattern the decoder reads correctly: a "
            "check of the measurement, not of the generator.",
            "0 to 1",
            "higher",
        ),
        "error_empty": About(
            "Error, empty",
            "Root mean square difference between empty test frames and their reconstructions G(E(x)), over pixels and "
            "channels; values range from -1 to 1.",
            "0 to 2",
            "lower",
        ),
        "error_occupied": About(
            "Error, occupied",
            "The same for test frames with cars.",
            "0 to 2",
            "lower",
        ),
        "ssim_empty": About(
            "SSIM, empty",
            "Mean structural similarity (Wang et al. 2004, Gaussian window of 11 pixels) of empty test frames and "
            "their reconstructions.",
            "-1 to 1",
            "higher",
        ),
        "ssim_occupied": About(
            "SSIM, occupied",
            "The same for test frames with cars.",
            "-1 to 1",
            "higher",
        ),
        "pattern_kept": About(
            "Pattern kept",
            "Share of the test frames with cars whose reconstruction shows the same pattern.",
            "0 to 1",
            "higher",
        ),
    }

    def applies(self, dataset: Distribution) -> bool:
        """Only for simulated junctions, whose table of patterns is known."""
        return isinstance(dataset, Junction)

    def score(self, real: Array, fake: Array, dataset: Distribution, rng: np.random.Generator) -> dict[str, float]:
        """Scores of fake (n, *shape) against the table; `rng` draws the frames that the decoder is checked on.

        Raises TypeError unless the dataset is a simulated junction.
        """
        junction = junction_of(dataset)
        read = decoder(junction)
        checked, label = junction.sample_labelled(len(fake), rng)
        accuracy = float(np.mean(read.decode(checked) == label))
        return self.histogram_scores(read.decode(fake), junction) | {"decoder_accuracy": accuracy}

    def histogram_scores(self, pattern: NDArray[np.intp], junction: Junction) -> dict[str, float]:
        """Scores of the patterns that were read in n frames, (n,), with -1 for an invalid frame."""
        p = junction.pattern_weights
        valid = pattern != INVALID
        q = np.bincount(pattern[valid], minlength=len(p)) / len(pattern)  # (n_patterns,), of all frames
        quality = float(np.mean(valid))
        minor = junction.occupancy.any(axis=1)  # (n_patterns,)
        excess = np.append(q - p, 1 - quality)
        return {
            "patterns_covered": float(np.sum(q >= self.share * p)),
            "patterns_hit": float(np.sum(q > 0)),
            "invalid_frames": float(np.mean(~valid)),
            "pattern_kl": float(np.sum(rel_entr(q / quality, p))) if quality > 0 else math.inf,
            "pattern_tv": float(np.sum(np.abs(excess)) / 2),
            "empty_ratio": float(np.sum(q[~minor]) / np.sum(p[~minor])),
            "minor_recall": float(np.sum(np.minimum(p, q)[minor]) / np.sum(p[minor])),
        }

    def score_views(self, real: Array, views: Views, dataset: Distribution) -> dict[str, float]:
        """Scores of the `reconstructions` (n, *shape) of real frames, if there are any. Raises TypeError as `score`."""
        if "reconstructions" not in views:
            return {}
        junction, made = junction_of(dataset), views["reconstructions"]
        pattern = decoder(junction).decode(real)  # exact on real frames: see decoder_accuracy
        occupied = np.append(junction.occupancy.any(axis=1), False)[pattern]  # the last is for INVALID
        similarity = ssim(real, made)
        scores: dict[str, float] = {}
        for name, which in (("empty", ~occupied), ("occupied", occupied)):
            if which.any():
                scores[f"error_{name}"] = math.sqrt(float(np.mean((real[which] - made[which]) ** 2)))
                scores[f"ssim_{name}"] = float(np.mean(similarity[which]))
        if occupied.any():
            kept = decoder(junction).decode(made[occupied]) == pattern[occupied]
            scores["pattern_kept"] = float(np.mean(kept))
        return scores


def junction_of(dataset: Distribution) -> Junction:
    """The dataset itself, if it is a simulated junction. Raises TypeError otherwise."""
    if not isinstance(dataset, Junction):
        raise TypeError(f"{dataset.kind} has no traffic patterns")
    return dataset
