"""Numbers and names as the front page writes them in sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

from modescope.formatting import listing, number
from modescope.studies.common.standings import Standing, Standings


def count(value: float, most: float) -> str:
    """A mean count: whole from 10 on, else with a decimal, and with more where it would look like all of `most`."""
    for digits in range(0 if value >= 10 or value == round(value) else 1, 4):
        text = f"{value:,.{digits}f}"
        if value >= most or float(text.replace(",", "")) != round(most):
            return text
    return text


def counts(rows: Sequence[Standing], most: float) -> str:
    """The lowest and the highest mean: `23 to 24`, or one number where they read alike."""
    means = sorted(row.kept.value for row in rows)
    return span([count(mean, most) for mean in (means[0], means[-1])])


def of_all(row: Standing, one: Standings) -> str:
    """`15 of 25 modes`; `all 25 modes` where none is missing."""
    most = f"{round(one.n_modes):,}"
    if row.kept.value >= one.n_modes:
        return f"all {most} {one.noun}"
    return f"{count(row.kept.value, one.n_modes)} of {most} {one.noun}"


def cost(rows: Sequence[Standing]) -> str:
    """`at 1.5 to 5.8 times the cost`; empty where a cost is unknown."""
    if any(math.isnan(row.cost) for row in rows):
        return ""
    costs = sorted(row.cost for row in rows)
    text = span([number(float(f"{end:.2g}")) for end in (costs[0], costs[-1])])
    return "at about the same cost" if text == "1" else f"at {text} times the cost"


def span(ends: Sequence[str]) -> str:
    """`a to b`, or `a` if they are the same."""
    return ends[0] if ends[0] == ends[-1] else f"{ends[0]} to {ends[-1]}"


def named(rows: Sequence[Standing]) -> str:
    """The names of remedies as a list; one with a comma in quotation marks."""
    return listing([title(row) for row in rows])


def counted(rows: Sequence[Standing], most: float) -> str:
    """The names of remedies, each with its mean count: `R3GAN (23) and WGAN-GP (24)`."""
    return listing([f"{title(row)} ({count(row.kept.value, most)})" for row in rows])


def title(row: Standing) -> str:
    """The name of a remedy for a sentence."""
    return f"“{row.entry.title}”" if "," in row.entry.title else row.entry.title


def clause(*parts: str) -> str:
    """Parts of a sentence joined by commas, empty ones left out."""
    return ", ".join(part for part in parts if part)
