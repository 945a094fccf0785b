"""A card a study: its question, the answer in a sentence, a thumbnail, and how many claims have which verdict."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from modescope.report.chapter import Chapter
from modescope.report.front.answer import Answer
from modescope.report.pictures import Picture
from modescope.statistics import Verdict

LONGEST = 220  # characters of the answer


@dataclass(frozen=True)
class StudyCard:
    """What the front page shows of a study."""

    name: str
    title: str
    question: str
    answer: str  # empty for a study without an answer
    picture: Picture | None
    counts: list[tuple[Verdict, int]]  # verdicts that some claim has


def card(chapter: Chapter, found: Answer | None) -> StudyCard:
    """The card of a study; `found` is what its standings answer, if it compares remedies with the plain GAN."""
    first = short(chapter.answer[0]) if chapter.answer else ""
    return StudyCard(
        name=chapter.name,
        title=chapter.title,
        question=chapter.question,
        answer=first if found is None else f"{found.problem} {found.remedy}",
        picture=next((figure for row in chapter.figures for figure in row), None),
        counts=[(verdict, n) for verdict, n in chapter.counts.items() if n],
    )


def short(answer: str) -> str:
    """The first sentence; a long one is cut between words."""
    first = re.split(r"(?<=[.!?])\s+(?=[A-Z“])", answer, maxsplit=1)[0]
    return textwrap.shorten(first, LONGEST, placeholder=" …")
