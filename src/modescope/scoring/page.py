"""One self-contained page about generated points: what is covered, what is missing, and every score beside its floor.

It loads nothing from anywhere, runs no script, and needs no file beside it.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

import modescope
from modescope import web
from modescope.formatting import interval, number
from modescope.scoring import words
from modescope.scoring.found import Found, Score
from modescope.scoring.modes import modes, uncovered
from modescope.scoring.picture import panels
from modescope.scoring.printing import measured

FOLDER = Path(__file__).parent
TRACK = 150.0  # pixels from end to end of a scale
LISTED = 40  # modes in the table at most; those that are not covered come first
PACKAGES = ("numpy", "scipy", "pandas", "POT")
STANDINGS = {
    "as real": "as real points",
    "better": "better",
    "worse": "worse",
    "differs": "differs",
    "unknown": "not defined",
}


@dataclass(frozen=True)
class Strip:
    """A value and the range of its floor on a common scale, in pixels."""

    low: float
    width: float
    value: float


def render(
    found: Found, files: Mapping[str, str], taken: Sequence[str], kept: Sequence[str], failed: Sequence[str]
) -> str:
    """The page as HTML.

    `files` names what was compared, `taken` says how files were understood, `kept` and `failed` are limits in words.
    """
    environment = web.environment(FOLDER, number=number)
    style = "".join(file.read_text(encoding="utf-8") for file in (web.COLOURS, FOLDER / "page.css"))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    each, far = modes(found), uncovered(found)
    order = sorted(each, key=lambda mode: (mode.state == "covered", mode.number)) if len(each) > LISTED else each
    template = environment.get_template("page.html.j2")
    html = template.render(
        style=Markup(style),  # noqa: S704  # our own file
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'",
        headline=words.headline(found, each),
        standings=words.standings(found),
        missing=words.missing(found, each, far),
        measured=measured(found),
        panels=panels(found, each, far),
        modes=order[:LISTED],
        more_modes=len(each) - len(order[:LISTED]),
        widest=max((max(mode.share, mode.weight) for mode in each), default=1.0),
        rows=[(score, strip(score, len(each))) for score in found.scores.values()],
        standing=STANDINGS,
        interval=interval,
        asked=found.asked,
        files=files,
        taken=taken,
        kept=kept,
        failed=failed,
        versions={
            "modescope": modescope.__version__,
            "Python": platform.python_version(),
            **{package: importlib.metadata.version(package) for package in PACKAGES},
        },
    )
    return web.unbroken(html)


def strip(score: Score, n_modes: int) -> Strip | None:
    """Where the value and the floor lie between the ends of the scale; None where one of them is not finite.

    Shares are drawn between 0 and 1 and modes between 0 and their number, all else between the lowest and the highest.
    """
    ends = {"0 to 1": (0.0, 1.0), "0 or 1": (0.0, 1.0), "0 to the number of modes": (0.0, float(max(n_modes, 1)))}
    values = [score.value, score.floor_low, score.floor_high]
    if not all(abs(value) < float("inf") for value in values):
        return None
    low, high = ends.get(score.about.range, (min(values), max(values)))
    unit = TRACK / (high - low) if high > low else 0.0
    start = (score.floor_low - low) * unit if unit else TRACK / 2
    width = (score.floor_high - score.floor_low) * unit
    return Strip(start, width, (score.value - low) * unit if unit else TRACK / 2)
