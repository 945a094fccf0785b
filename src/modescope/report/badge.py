"""Badges for the README as SVG: coloured parts side by side, drawn here so that no server has to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from modescope.formatting import listing, plural
from modescope.report.evidence import Decided
from modescope.statistics import Verdict

HEIGHT, PAD, CHARACTER = 20, 7, 6.4  # px; a character of 11 px text takes about so much, and `textLength` makes it so
LABEL, PLAIN = "#4a5159", "#0a5ea8"
COLOURS: dict[Verdict, str] = {"supported": "#17693a", "contradicted": "#a61b24", "inconclusive": "#6b5200"}


class Part(NamedTuple):
    """One part of a badge; white text on its colour has a contrast of at least 6 to 1."""

    text: str
    colour: str


def claims(counts: Mapping[Verdict, int], decided: Decided | None) -> str:
    """The badge of the claims: verdicts of the default run, what only extra runs decide, and what is open in both."""
    found = decided or Decided(counts["supported"] + counts["contradicted"], 0, counts["inconclusive"], 0)
    parts = [
        (counts["supported"], "supported", COLOURS["supported"]),
        (counts["contradicted"], "contradicted", COLOURS["contradicted"]),
        (found.longer, "by extra runs", PLAIN),
        (found.open, "open", COLOURS["inconclusive"]),
    ]
    total = plural(found.default + found.longer + found.open, "claim")
    return svg([Part(total, LABEL), *(Part(f"{n:,} {words}", colour) for n, words, colour in parts if n)])


def fact(label: str, text: str) -> str:
    """The badge of one fact, such as the version of Python."""
    return svg([Part(label, LABEL), Part(text, PLAIN)])


def svg(parts: Sequence[Part]) -> str:
    """The parts side by side. Raises ValueError without any."""
    if not parts:
        raise ValueError("a badge needs at least one part")
    spoken = escape(listing([part.text for part in parts]))
    lines, x = [], 0
    for part in parts:
        length = round(CHARACTER * len(part.text))
        lines.append(f'<rect x="{x}" width="{length + 2 * PAD}" height="{HEIGHT}" fill="{part.colour}"/>')
        lines.append(f'<text x="{x + PAD}" y="14" textLength="{length}">{escape(part.text)}</text>')
        x += length + 2 * PAD
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{x}" height="{HEIGHT}" role="img" aria-label="{spoken}">',
            f"<title>{spoken}</title>",
            f'<clipPath id="round"><rect width="{x}" height="{HEIGHT}" rx="4"/></clipPath>',
            '<g clip-path="url(#round)" fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">',
            *lines,
            "</g>",
            "</svg>",
            "",
        ]
    )
