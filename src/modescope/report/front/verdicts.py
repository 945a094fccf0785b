"""The claims of all studies by statement, each line a row of a forest plot; what is open comes last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from modescope.formatting import estimate, plural
from modescope.report import forest
from modescope.report.chapter import Chapter
from modescope.report.claims import capital
from modescope.report.evidence import OPEN, Judged, settled
from modescope.statistics import Verdict
from modescope.studies import Claim

HEADINGS = {
    "depends": "Holds on some data, not on other",
    "contradicted": "Does not hold here",
    "supported": "Holds here",
    "inconclusive": "Open",
}


@dataclass(frozen=True)
class Line:
    """A claim on one dataset."""

    where: str  # the data; the study where the claim does not name them
    href: str  # of the claim in the table of all claims
    row: forest.Row
    verdict: Verdict
    effect: str
    words: str  # the row as text
    note: str  # why it is open, how contradicted, or which extra run decides it
    remedies: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """All claims of one statement."""

    statement: str
    source: str  # the study's title
    lines: list[Line]

    @property
    def kind(self) -> str:
        """The verdict of the lines that are decided; `depends` if they differ."""
        verdicts = {line.verdict for line in self.lines} - {OPEN}
        return "depends" if len(verdicts) > 1 else str(verdicts.pop() if verdicts else OPEN)


@dataclass(frozen=True)
class Block:
    """The groups of one kind."""

    kind: str
    heading: str
    groups: list[Group]


def blocks(chapters: Iterable[Chapter]) -> list[Block]:
    """The blocks that have groups, in the order of HEADINGS; within, as the studies are on the page."""
    found = groups(chapters)
    made = [Block(kind, words, [group for group in found if group.kind == kind]) for kind, words in HEADINGS.items()]
    return [block for block in made if block.groups]


def groups(chapters: Iterable[Chapter]) -> list[Group]:
    """All claims by study and statement, in their order."""
    found: dict[tuple[str, str], Group] = {}
    for chapter in chapters:
        for shown, line in _lines(chapter):
            key = (chapter.name, capital(shown.statement))
            found.setdefault(key, Group(key[1], chapter.title, [])).lines.append(line)
    return list(found.values())


def _lines(chapter: Chapter) -> Iterator[tuple[Claim, Line]]:
    """The claims of the default run, then those that only extra runs judge; what decides a claim is shown."""
    default = {claim.key: claim for claim in chapter.judged}
    for key in dict.fromkeys([*default, *chapter.longer]):
        claim, longer = default.get(key), chapter.longer.get(key, [])
        shown, note = _decided(claim, longer)
        yield (
            shown,
            Line(
                where=shown.where or chapter.title,
                href=f"claims.html#all-{chapter.name}-claim-{key}",
                row=forest.row(shown.effect, shown.low, shown.high),
                verdict=shown.verdict,
                effect=estimate(shown.effect) if shown.effect.n else "not measured",
                words=f"{shown.verdict}: {forest.told(shown.effect, shown.low, shown.high)}",
                note=note,
                remedies=shown.remedies,
            ),
        )


def _decided(claim: Claim | None, longer: Sequence[Judged]) -> tuple[Claim, str]:
    """The claim as it is decided, by the default run or else by extra runs that agree, with a note."""
    verdict = settled(longer)
    if claim is not None and claim.verdict != OPEN:
        disagrees = verdict not in (OPEN, claim.verdict)
        notes = [claim.reason, "an extra run disagrees" if disagrees else ""]
        return claim, "; ".join(note for note in notes if note)
    if verdict != OPEN:
        one = next(one for one in longer if one.claim.verdict == verdict)
        return one.claim, f"decided by an extra run of {plural(one.steps[1], 'step')}"
    return (claim, claim.reason) if claim is not None else (longer[0].claim, longer[0].claim.reason)
