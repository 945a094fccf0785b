"""The claims that the measurements contradict, for the front page: what an article says and what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from modescope.formatting import estimate, plural
from modescope.report.chapter import Chapter
from modescope.report.evidence import OPEN, settled
from modescope.statistics import Verdict
from modescope.studies import Claim

NO: Verdict = "contradicted"


@dataclass(frozen=True)
class Contradiction:
    """One claim that does not hold."""

    text: str  # the article's statement
    rule: str  # what would have supported it
    effect: str  # measured, with its interval
    seeds: str
    how: str  # no material effect, or the opposite one; empty for other claims
    extra: str  # whose runs decide it; empty for the default run
    href: str  # of the claim


def contradictions(chapters: Iterable[Chapter]) -> Iterator[Contradiction]:
    """Those of the default run, and those that extra runs contradict where the default run decides nothing."""
    for chapter in chapters:
        default = {claim.key: claim for claim in chapter.judged}
        for key in dict.fromkeys([*default, *chapter.longer]):
            claim, longer = default.get(key), chapter.longer.get(key, [])
            if claim is not None and claim.verdict == NO:
                yield _of(chapter.name, claim, "")
            elif (claim is None or claim.verdict == OPEN) and settled(longer) == NO:
                found = next(one for one in longer if one.claim.verdict == NO)
                yield _of(chapter.name, found.claim, found.extra)


def _of(study: str, claim: Claim, extra: str) -> Contradiction:
    href = f"{study}.html#{study}-claim-{claim.key}"
    seeds = plural(claim.effect.n, "seed")
    return Contradiction(claim.text, claim.rule, estimate(claim.effect), seeds, claim.reason, extra, href)
