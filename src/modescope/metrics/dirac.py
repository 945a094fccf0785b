"""How training moves in the plane of the Dirac-GAN: where it ends, how fast it contracts and turns, how exact it is."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from pydantic import Field

from modescope.datasets import Distribution
from modescope.metrics import About, Array, Metric, Views

LAST = 0.1  # share of the snapshots that are the end of a training
NOISE = 10.0  # times the distance at the end of a stretch: below it, noise outweighs what the map does in a few steps
FEWEST = 10  # snapshots in the linear window, so that four numbers can be fitted to them


class Dirac(Metric):
    """For paths of (theta, psi) whose equilibrium is the origin; the window is where psi theta hardly bends the field.

    Within a distance of 1/2, |psi theta| is at most 1/8, and the slope of the loss, 1/2 at the equilibrium, is within
    1/32 of it.
    """

    near: float = Field(0.1, gt=0, description="a run converged if its distance in the end (RMS) is below it")
    window: float = Field(0.5, gt=0, description="distance from the equilibrium within which a linear map is fitted")
    misfit: float = Field(0.35, gt=0, description="relative residual above which the path has no linear map")

    about: ClassVar[dict[str, About]] = {
        "path_steps": About(
            "Steps of the path", "How many steps of the generator were made. A short path has no end.", "≥ 1", "neither"
        ),
        "start_distance": About(
            "Distance at the start", "Of (θ, ψ) from the equilibrium (0, 0), before training.", "≥ 0", "neither"
        ),
        "final_distance": About(
            "Distance at the end",
            "Of (θ, ψ) from the equilibrium (0, 0): root mean square over the last tenth of the snapshots.",
            "≥ 0; 0 at the equilibrium",
            "lower",
        ),
        "final_error": About(
            "Error at the end",
            "Of the generator alone: root mean square of θ, which should be 0, over the last tenth of the snapshots.",
            "≥ 0; 0 is right",
            "lower",
        ),
        "converged": About(
            "Converged", "1 when the distance at the end is below 0.1 (by default), else 0.", "0 or 1", "higher"
        ),
        "at_rest": About(
            "At rest",
            "1 when θ and ψ each move by less than 0.001 during the last tenth of the snapshots, wherever they are.",
            "0 or 1",
            "neither",
        ),
        "turns": About(
            "Turns",
            "How often the path turns around the equilibrium, until its distance first falls below a hundredth of that "
            "at the start. Two snapshots must be less than half a turn apart.",
            "≥ 0",
            "neither",
        ),
        "contraction": About(
            "Factor per step",
            "By which the distance from the equilibrium changes in a step: the largest eigenvalue (modulus) of the "
            "linear map that fits the path best, by least squares, within a distance of 0.5. Not defined where the "
            "path has fewer than ten consecutive snapshots there, or where no linear map fits.",
            "> 0; below 1 it converges",
            "lower",
        ),
        "turning": About(
            "Turn per step",
            "The angle of that eigenvalue: by how many radians a path turns around the equilibrium in a step. Two "
            "snapshots must be less than half a turn apart.",
            "0 to π",
            "neither",
        ),
        "deviation": About(
            "Deviation from theory",
            "The largest distance between the trained path and the exact one from the same start, divided by the exact "
            "path’s largest distance from the equilibrium.",
            "≥ 0; 0 is exact",
            "lower",
        ),
    }

    def applies(self, dataset: Distribution) -> bool:
        """Only for data that are one constant number."""
        return dataset.degenerate and dataset.shape == (1,)

    def score_views(self, real: Array, views: Views, dataset: Distribution) -> dict[str, float]:
        """Scores of a `path` (snapshots, 2) after `steps` (snapshots,), and against the `exact` one; else empty.

        `at` are these steps, or NaN where no linear map leads from one snapshot to the next.
        """
        if "path" not in views:
            return {}
        path, end = views["path"], views["path"][-max(2, round(LAST * len(views["path"]))) :]
        final = float(np.sqrt((end**2).sum(1).mean()))
        scores = {
            "path_steps": float(views["steps"][-1]),
            "start_distance": float(np.hypot(*path[0])),
            "final_distance": final,
            "final_error": float(np.sqrt((end[:, 0] ** 2).mean())),
            "converged": float(final < self.near),
            "at_rest": float((np.ptp(end, axis=0) < 1e-3).all()),
            "turns": turns(path),
        }
        eigenvalue = leading(path, views["at"], self.window, self.misfit)
        if eigenvalue is not None:
            scores |= {"contraction": abs(eigenvalue), "turning": abs(math.atan2(eigenvalue.imag, eigenvalue.real))}
        if "exact" in views and np.isfinite(views["exact"]).all():
            largest = np.hypot(*views["exact"].T).max()
            scores["deviation"] = float(np.hypot(*(path - views["exact"]).T).max() / largest)
        return scores


def turns(path: Array) -> float:
    """Turns around the origin of a path (snapshots, 2), until a hundredth of its first distance is left."""
    distance = np.hypot(*path.T)
    near = np.flatnonzero(distance < distance[0] / 100)
    angles = np.arctan2(path[:, 1], path[:, 0])[: near[0] if near.size else None]
    return float(abs(np.unwrap(angles)[-1] - angles[0]) / (2 * math.pi))


def leading(path: Array, at: Array, window: float, misfit: float) -> complex | None:
    """The leading eigenvalue, per step, of the linear map between snapshots that fits a path best; None without one.

    `path` (snapshots, 2) at the steps `at` (snapshots,), which are NaN where no such map is to be expected. Of the
    snapshots within the window the longest stretch without a gap counts; its steps must be evenly spaced. This is
    dynamic mode decomposition (Schmid 2010) of two numbers.
    """
    inside = np.hypot(*path.T) < window
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    stretches = [(first, last) for first, last in edges.reshape(-1, 2) if last - first >= FEWEST]
    if not stretches:
        return None
    first, last = max(stretches, key=lambda pair: int(pair[1] - pair[0]))
    seen, steps = path[first:last], np.diff(at[first:last])
    if not np.isfinite(steps).all() or np.ptp(steps) > 0:
        return None
    # Near the equilibrium the map is most nearly linear, so what counts is each snapshot's error relative to its
    # distance; but where noise keeps a path from resting, its last snapshots are mostly noise.
    distance = np.hypot(*seen.T)
    resting = np.sqrt((distance[-max(1, len(seen) // 10) :] ** 2).mean())
    weight = 1 / np.maximum(distance[:-1], NOISE * resting)[:, None] if distance.all() else np.ones((len(seen) - 1, 1))
    before, after = weight * seen[:-1], weight * seen[1:]
    fitted, *_ = np.linalg.lstsq(before, after, rcond=None)  # x' = x A: A is the map transposed
    if np.linalg.norm(after - before @ fitted) > misfit * np.linalg.norm(after):
        return None
    found = max(np.linalg.eigvals(fitted), key=abs)
    return complex(found ** (1 / steps[0])) if found else 0j
