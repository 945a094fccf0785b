"""Figures with latent points: pairs of x and z over the discriminator's output, and the codes of an encoder."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree
from scipy.special import expit

from modescope.figures import layers
from modescope.figures.style import AMBER, DARK_GREEN
from modescope.formatting import listing, number
from modescope.store.runs import Runs, Scores
from modescope.studies import Figure
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry
from modescope.studies.common.planes import even, row_of


def joint(runs: Mapping[str, Runs], scores: Scores, found: Sequence[Entry]) -> Figure | None:
    """(G(z), z) and (x, E(x)) over D's output, one plane per entry; None unless x and z have one coordinate each."""
    found = [e for e in found if {"field", "codes"} <= runs[e.experiment].watched.keys()]
    if not found:
        return None
    first = runs[found[0].experiment]
    found = [e for e in found if np.array_equal(runs[e.experiment].snapshot_steps, first.snapshot_steps)]
    keep = even(first.snapshot_steps, int(first.snapshot_steps[-1]))
    steps = [int(first.snapshot_steps[k]) for k in keep]
    planes = [_joint_plane(runs[e.experiment], e, keep) for e in found]
    dataset = ask.dataset(scores, found[0].experiment)
    heading = f"{ask.title(scores, dataset)}: data, latent points and the discriminator"
    picture, _ = layers.still(planes, heading, steps[-1])
    caption = (
        "Horizontal: x; vertical: z. Green: generated pairs (G(z), z); yellow: encoded pairs (x, E(x)). Both lie on "
        "the same curve where encoder and generator invert each other; yellow without green is a lost mode. "
        "Background: the discriminator’s probability that a pair is encoded (1), not generated (0)."
    )
    errors = [(e.title, ask.finite_mean(scores, e.experiment, e.arm, "reconstruction_error").value) for e in found]
    spoken = listing([f"{title} {number(error)}" for title, error in errors])
    alt = f"{heading}. Mean reconstruction error, in standard deviations of the data: {spoken}."
    gif = layers.animate(planes, steps, heading).gif
    shown, finding = sorted({e.experiment for e in found}), _inverted(ask.title(scores, dataset), errors)
    return Figure(f"{dataset}_joint_plane", heading, caption, alt, picture, gif, shown, finding)


def _inverted(title: str, errors: Sequence[tuple[str, float]]) -> str:
    """How far the best and the worst pair of encoder and generator are from being inverses; empty without an error."""
    known = sorted(((error, name) for name, error in errors if not math.isnan(error)), key=lambda one: one[0])
    if not known:
        return ""
    (least, best), (most, worst) = known[0], known[-1]
    at_best, beside = ("", "") if most == least else (" at best", f", at worst by {number(most)} ({worst})")
    unit = "standard deviations of the data"
    return f"{title}: reconstructions G(E(x)) miss x by {number(least)} {unit}{at_best} ({best}){beside}"


def _joint_plane(runs: Runs, entry: Entry, keep: list[int]) -> layers.Plane:
    row, seen, field = row_of(runs, entry.arm), runs.watched, runs.trained.snapshots.field
    assert field is not None
    generated = np.concatenate([runs.snapshots[row][keep], seen["z"][row][keep]], axis=-1)  # (frames, points, 2)
    encoded = np.concatenate([seen["x"][row][keep], seen["codes"][row][keep]], axis=-1)
    points = [
        layers.Layer(encoded, AMBER, "(x, E(x))"),
        layers.Layer(generated, DARK_GREEN, "(G(z), z)"),
    ]
    extent = (field.low[0], field.high[0], field.low[1], field.high[1])
    return layers.Plane(extent, points, entry.named, expit(seen["field"][row][keep]), "x", "z")


def encoded(runs: Runs, scores: Scores, entry: Entry) -> Figure | None:
    """Data in the plane and their codes in the latent square, coloured by mode; None for other shapes."""
    codes, centres = runs.watched.get("codes"), runs.dataset.centres
    if codes is None or centres is None or codes.shape[-1] != 2 or runs.real.shape[1:] != (2,):
        return None
    row, latent = row_of(runs, entry.arm), runs.trained.latent
    keep = even(runs.snapshot_steps, int(runs.snapshot_steps[-1]))
    steps = [int(runs.snapshot_steps[k]) for k in keep]
    x = runs.watched["x"][row][:1]  # (1, points, 2), the same in every snapshot
    mode: NDArray[np.intp] = np.asarray(KDTree(centres).query(x[0])[1])
    low, high = (latent.low, latent.high) if latent.kind == "uniform" else (-3.0, 3.0)
    margin = 0.15 * (high - low)
    square = (low - margin, high + margin, low - margin, high + margin)
    planes = [
        layers.Plane(runs.dataset.extent, [layers.Layer(x, mode)], "data x"),
        layers.Plane(square, [layers.Layer(codes[row][keep], mode)], "codes E(x)"),
    ]
    heading = f"{ask.title(scores, ask.dataset(scores, runs.experiment))}: an encoder trained towards a uniform latent"
    picture, _ = layers.still(planes, heading, steps[-1])
    kept = ask.finite_mean(scores, entry.experiment, entry.arm, "modes_kept").value
    covered = ask.finite_mean(scores, entry.experiment, entry.arm, "code_coverage").value
    caption = (
        f"Left: data points, one colour per mode. Right: their codes in the latent square [{low:g}, {high:g}]²; the "
        "encoder was trained to make them uniform there. No mode is lost if the codes fill the whole square and the "
        "colours do not mix."
    )
    result = f"{number(kept)} of {len(centres)} modes are kept apart and {number(covered)} of the square is covered"
    gif = layers.animate(planes, steps, heading).gif
    name, known = ask.dataset(scores, runs.experiment), not (math.isnan(kept) or math.isnan(covered))
    kept_apart = f"keeps {number(kept)} of {len(centres)} modes apart"
    finding = f"{ask.title(scores, name)}: the encoder {kept_apart} and covers {number(covered)} of the latent square"
    alt = f"{heading}: {result}."
    return Figure(f"{name}_encoder", heading, caption, alt, picture, gif, [runs.experiment], finding if known else "")
