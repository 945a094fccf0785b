"""Scores as a table for readers and as JSON for scripts."""

from __future__ import annotations

import json
import math
from typing import Any

from modescope.formatting import interval, number
from modescope.scoring.found import Found, Score


def table(found: Found) -> str:
    """One line a metric, then what is not defined and why, and how the numbers were measured."""
    rows = [("metric", "value", "floor", "better", "")] + [
        (name, number(s.value), interval(s.floor, s.floor_low, s.floor_high), s.about.better, s.about.label)
        for name, s in found.scores.items()
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    reasons: dict[str, list[str]] = {}
    for name, score in found.scores.items():
        if score.reason:
            reasons.setdefault(score.reason, []).append(name)
    why = [f"\n{number(math.nan)} {', '.join(names)}: {reason}." for reason, names in reasons.items()]
    return "\n".join([*lines, *why, f"\n{measured(found)}"])


def measured(found: Found) -> str:
    """How the numbers were measured, in two sentences."""
    return (
        f"{found.asked.n:,} points a side. Floor: the same number of real points against other real points, mean "
        f"[lowest, highest] of {found.asked.repeats} random splits."
    )


def as_json(found: Found, taken: list[str], failed: list[str]) -> str:
    """Strict JSON: NaN is null, with the reason beside it, and an infinity is the text "inf" or "-inf".

    Not null for infinities, since scripts take null for a number below every limit.
    """
    asked = found.asked
    content = {
        "points": asked.n,
        "repeats": asked.repeats,
        "seed": asked.seed,
        "taken": taken,
        "failed": failed,
        "metrics": {name: _entry(score) for name, score in found.scores.items()},
    }
    return json.dumps(content, indent=2, allow_nan=False)


def _entry(score: Score) -> dict[str, Any]:
    return {
        "value": _plain(score.value),
        "floor": _plain(score.floor),
        "floor_low": _plain(score.floor_low),
        "floor_high": _plain(score.floor_high),
        "label": score.about.label,
        "better": score.about.better,
        "range": score.about.range,
        **({"reason": score.reason} if score.reason else {}),
    }


def _plain(value: float) -> float | str | None:
    return None if math.isnan(value) else value if math.isfinite(value) else str(value)
