"""Figures of the Dirac-GAN: phase portraits, distances during training, predicted against measured numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from modescope.dirac import paths
from modescope.dirac.steps import alternating, simultaneous
from modescope.dirac.steps import path as steps_path
from modescope.figures import agreement, decays, portraits
from modescope.figures.marks import Named
from modescope.figures.style import DARK_GREEN, GENERATED, ORANGE, SECOND
from modescope.formatting import listing, number, plural
from modescope.statistics import Estimate
from modescope.store.runs import Runs, Scores
from modescope.studies import Figure, Piece
from modescope.studies.dirac import findings
from modescope.studies.dirac.formulas import key
from modescope.studies.dirac.remedies import FACTOR, TURN, Arm, mean, whole

EXTENT = (-1.8, 1.8, -1.8, 1.8)
COLOURS = {"converges": DARK_GREEN, "circles": SECOND, "stops elsewhere": ORANGE, "leaves": GENERATED}
FRAMES = 81  # of the animation, closer together at the start, where most happens
DEEP, HIGH = 1e-8, 10.0  # of the axis of distances
SHOWN = 3  # single paths in a portrait
KINDS = ("saturating", "gan", "wgan", "r1")  # fields in the comparison of steps at once and in turn
AT_ONCE = 120  # steps there
SLOW = (
    "The non-saturating loss spirals inwards ever more slowly, as its 1/r² grows only linearly: with unlimited steps "
    "it converges, but at no constant rate."
)
NOISE = "Noise keeps its runs from resting, where the exact, averaged field goes on."
LABELS = ("θ (generator)", "ψ (discriminator)")


def portrait(runs: Mapping[str, Runs], scores: Scores, arms: Sequence[Arm], about: str) -> Iterator[Figure]:
    """Every remedy's field with the paths of its trained runs, still and animated."""
    drawn = [(arm, panel) for arm in arms if (panel := _panel(runs[arm.entry.experiment], arm)) is not None]
    if not drawn:
        return
    first = runs[drawn[0][0].entry.experiment]
    # All panels share the counter of steps.
    alike = [
        pair for pair in drawn if np.array_equal(runs[pair[0].entry.experiment].snapshot_steps, first.snapshot_steps)
    ]
    arms, shown = [arm for arm, _ in alike], [panel for _, panel in alike]
    every = np.unique((np.linspace(0, 1, FRAMES) ** 2 * (len(first.snapshot_steps) - 1)).round().astype(int))
    steps = [int(step) for step in first.snapshot_steps[every]]
    heading = "Which remedies reach the equilibrium?"
    picture, _ = portraits.still(shown, EXTENT, heading, labels=LABELS, step=steps[-1], lines=SHOWN)
    moments = dict(zip(every.tolist(), steps, strict=True))
    gif = portraits.animate(shown, EXTENT, moments, heading, labels=LABELS, lines=SHOWN).gif if steps[1:] else None
    fates = {fate: [arm.title for arm in arms if arm.predicted.fate == fate] for fate in COLOURS}
    alt = f"After {plural(steps[-1], 'step')}, by theory: " + "; ".join(
        f"{fate}: {', '.join(names)}" for fate, names in fates.items() if names
    )
    caption = (
        "The plane of the generator’s point θ (horizontal) and the discriminator’s slope ψ (vertical); the data are "
        "the point 0, so the equilibrium is the cross in the middle. Grey arrows: the direction of the exact field. "
        f"Red: {plural(len(shown[0].paths), 'trained run')} from random starts, after the last step. Blue: "
        f"the whole paths of {SHOWN} of them, from the open circle. Below each name: what the eigenvalues predict. "
        f"{about} With averaged weights, θ is the average. What is outside the frame is not drawn."
    )
    if len(alike) < len(drawn):
        caption += f" Nor are settings with snapshots at other steps than {arms[0].title}."
    names = list(dict.fromkeys(arm.entry.experiment for arm in arms))
    finding = findings.portraits(scores, arms)
    yield Figure("portraits", heading, caption, f"{alt}.", picture, gif, names, finding, pieces=_pieces(arms, shown))


def _pieces(arms: Sequence[Arm], shown: Sequence[portraits.Portrait]) -> list[Piece]:
    """The portrait of each arm alone, for the pages of single remedies."""
    return [
        Piece(
            name=re.sub(r"[^a-z0-9]+", "_", arm.label.replace("γ", "gamma").lower()).strip("_"),
            title=arm.title,
            alt=f"{arm.title}: paths of {plural(len(panel.paths), 'trained run')}; by theory it {panel.note}",
            still=portraits.alone(panel, EXTENT, labels=LABELS, lines=SHOWN),
            variant=arm.settings.variant,
            remedy=arm.entry.remedy,
        )
        for arm, panel in zip(arms, shown, strict=True)
    ]


def _panel(run: Runs, arm: Arm) -> portraits.Portrait | None:
    """The field and the paths of an arm; None if its runs keep no paths."""
    path = paths.trained(run)
    if path is None:
        return None
    theta, psi = portraits.lattice(EXTENT)
    field = arm.remedy.field.generator(theta, psi), arm.remedy.field.discriminator(theta, psi)
    rows = [row for row in run.rows(arm.entry.arm) if run.diverged_at[row] < 0]
    fate = arm.predicted.fate
    return portraits.Portrait(arm.named, field, path[rows], fate, COLOURS[fate])


def at_once(arms: Sequence[Arm]) -> Iterator[Figure]:
    """Exact paths of steps at once and in turn, for remedies whose verdict differs and for one that converges."""
    live = [arm for arm in arms if not arm.entry.averaged]
    chosen = [found[0] for name in KINDS if (found := [arm for arm in live if key(arm) == name])]
    if not any(arm.at_once.fate != arm.predicted.fate for arm in chosen):
        return
    start = np.array([[0.5, 0.0], [0.0, -1.0]])
    shown = []
    for words, fates, kind in (
        ("at once", [arm.at_once.fate for arm in chosen], simultaneous),
        ("in turn", [arm.predicted.fate for arm in chosen], alternating),
    ):
        for arm, fate in zip(chosen, fates, strict=True):
            theta, psi = portraits.lattice(EXTENT)
            field = arm.remedy.field.generator(theta, psi), arm.remedy.field.discriminator(theta, psi)
            name = Named(f"{arm.title}, {words}", arm.entry.remedy)
            walked = steps_path(kind(arm.remedy), start, range(AT_ONCE + 1))
            shown.append(portraits.Portrait(name, field, walked, fate, COLOURS[fate]))
    heading = "The same remedies, stepping both sides at once and in turn"
    picture, _ = portraits.still(
        shown, EXTENT, heading, labels=LABELS, step=AT_ONCE, columns=len(chosen), legend=("exact path", "its end")
    )
    caption = (
        f"Exact paths of {plural(AT_ONCE, 'step')} from the open circles, without any training. Above: θ and ψ step at "
        "once, from the same point. Below: first ψ, then θ, which sees the new ψ, as this project and most others "
        "train. Grey arrows: the field, the same above and below. Below each name: what the eigenvalues of such a step "
        "predict near the equilibrium."
    )
    if any(key(arm) == "gan" for arm in chosen):
        caption += (
            " Farther out the non-saturating field itself leads inwards, so steps at once end on a circle, where both "
            "balance."
        )
    alt = "; ".join(f"{panel.title}: {panel.note}" for panel in shown)
    yield Figure("at_once", heading, caption, f"{alt}.", picture, None, [], findings.at_once(chosen))


def distances(runs: Mapping[str, Runs], arms: Sequence[Arm]) -> Iterator[Figure]:
    """The median distance from the equilibrium during training, measured and exact."""
    found, steps, notes = [], None, set[str]()
    for arm in arms:
        run = runs[arm.entry.experiment]
        path = paths.trained(run)
        rows = [row for row in run.rows(arm.entry.arm) if run.diverged_at[row] < 0]
        if path is None or not rows or (steps is not None and not np.array_equal(steps, run.snapshot_steps)):
            continue
        steps = run.snapshot_steps
        exact = paths.exact(run, path)
        measured, theory = (np.median(np.hypot(p[rows, :, 0], p[rows, :, 1]), axis=0) for p in (path, exact))
        found.append(decays.Decay(arm.named, measured, theory, arm.predicted.fate))
        if key(arm) == "gan" and arm.predicted.fate == "circles":
            notes.add(SLOW)
        if arm.remedy.noise_variance:
            notes.add(NOISE)
    if not found or steps is None or len(steps) < 2:
        return
    heading = "Distance from the equilibrium during training"
    picture, _ = decays.still(found, steps, COLOURS, heading, "median distance from the equilibrium", (DEEP, HIGH))
    caption = (
        "The distance of (θ, ψ) from the equilibrium, median over all starts, on a logarithmic axis: a straight line "
        "falls by the same factor at every step. Wide: trained runs, coloured by what the eigenvalues predict. "
        "Dashed: the exact field from the same starts."
    )
    caption = " ".join([caption, *(note for note in (SLOW, NOISE) if note in notes)])
    ends = [f"{d.name} {number(float(d.measured[-1]))}" for d in found]
    alt = f"Median distance after {plural(int(steps[-1]), 'step')}: {listing(ends)}."
    finding = findings.distances([float(d.measured[-1]) for d in found], int(steps[-1]))
    yield Figure("distances", heading, caption, alt, picture, None, [], finding)


def rates(scores: Scores, arms: Sequence[Arm]) -> Iterator[Figure]:
    """Factor and turn per step, predicted against measured."""
    squares = []
    for title, metric, theory in (
        ("Factor per step", "contraction", lambda arm: arm.factor),
        ("Turn per step (radians)", "turning", lambda arm: arm.turn),
    ):
        dots = _dots(scores, arms, metric, theory)
        if dots:
            squares.append(agreement.Square(title, "predicted by the eigenvalues", "measured in training", dots))
    if not squares:
        return
    heading = "Factor and turn per step, predicted and measured"
    off = [
        dot.name
        for square, allowed in zip(squares, (FACTOR, TURN), strict=False)
        for dot in square.dots
        if abs(dot.measured - dot.predicted) > allowed
    ]
    picture, _ = agreement.still(squares, COLOURS, heading)
    caption = (
        "Left: by which factor the distance from the equilibrium changes in a step; below 1 it converges. Right: by "
        "which angle a path turns around the equilibrium in a step. Horizontal: the leading eigenvalue of an "
        "alternating step at the equilibrium, from the paper’s formulas. Vertical: that of the linear map that fits a "
        "trained path best within a distance of 0.5, mean over the runs that have one, with a 95 % bootstrap "
        "interval, mostly smaller than the dot. Remedies whose paths have no linear map there are not drawn, nor are "
        "trainings that did not make all steps."
    )
    worst = [max(square.dots, key=lambda dot: abs(dot.measured - dot.predicted)) for square in squares]
    words = [
        f"{square.title.lower()}: largest difference {number(abs(dot.measured - dot.predicted))}, {dot.name}"
        for square, dot in zip(squares, worst, strict=True)
    ]
    finding = findings.rates(list(dict.fromkeys(off)))
    yield Figure("rates", heading, caption, f"{'; '.join(words)}.", picture, None, [], finding)


def _dots(scores: Scores, arms: Sequence[Arm], metric: str, theory: Callable[[Arm], float]) -> list[agreement.Dot]:
    found = []
    for arm in arms:
        measured: Estimate = mean(scores, arm, metric)
        if measured.n and whole(scores, arm) and not math.isnan(theory(arm)):
            dot = agreement.Dot(arm.named, theory(arm), measured.value, measured.low, measured.high, arm.predicted.fate)
            found.append(dot)
    return found
