"""The claims of a study as its page shows them: one by one, and by statement with the data as columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from modescope.formatting import NONE, estimate, plural
from modescope.report import evidence, forest
from modescope.report.evidence import OPEN
from modescope.statistics import Verdict
from modescope.studies import Claim as Judged


@dataclass(frozen=True)
class Beside:
    """What an extra run says about a claim."""

    extra: str
    runs: str  # how long, and how many
    effect: str
    verdict: Verdict
    reason: str  # why it is open, or how contradicted
    disagrees: bool  # with a verdict of the default run


@dataclass(frozen=True)
class Claim:
    """One claim: a row of the table of all claims, a cell beside the others of its statement."""

    anchor: str
    text: str
    statement: str
    where: str  # the data; empty where the statement is about no data in particular
    rule: str
    effect: str
    value: str  # the effect as a number, for sorting
    seeds: str
    verdict: Verdict | None  # None if the default run has none of the experiments that the claim needs
    row: forest.Row | None  # None without an effect
    words: str  # the row as text
    reason: str = ""  # why it is open, or how contradicted
    longer: list[Beside] = field(default_factory=list)


@dataclass(frozen=True)
class Statement:
    """The claims of one statement."""

    text: str
    cells: list[Claim | None]  # by column
    more: list[Claim] = field(default_factory=list)  # on data that only extra runs have

    @property
    def claims(self) -> list[Claim]:
        """All of them."""
        return [claim for claim in self.cells if claim is not None] + self.more


@dataclass(frozen=True)
class Block:
    """Statements side by side; without `columns`, statements on one dataset each."""

    columns: list[str]  # data
    statements: list[Statement]


def rows(study: str, judged: Sequence[Judged], longer: Mapping[str, Sequence[evidence.Judged]]) -> list[Claim]:
    """The claims of the default run in their order, then those that only extra runs can judge."""
    found = [_claim(study, claim, longer.get(claim.key, [])) for claim in judged]
    known = {claim.key for claim in judged}
    return found + [_only_longer(study, those) for key, those in longer.items() if key not in known]


def blocks(claims: Iterable[Claim]) -> list[Block]:
    """Statements on several data with these as columns, then the others; statements and data as they first come."""
    grouped: dict[tuple[str, int], dict[str, Claim]] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for claim in claims:
        again = seen[claim.statement, claim.where]  # a statement twice on the same data has two rows
        seen[claim.statement, claim.where] += 1
        grouped.setdefault((claim.statement, again), {})[claim.where] = claim
    several = {key: of for key, of in grouped.items() if len(of) > 1}
    columns = list(dict.fromkeys(w for of in several.values() for w, claim in of.items() if claim.verdict))
    beside = [
        Statement(
            capital(text),
            [of.get(where) for where in columns],
            [claim for where, claim in of.items() if where not in columns],
        )
        for (text, _), of in several.items()
    ]
    alone = [Statement(capital(text), list(of.values())) for (text, _), of in grouped.items() if len(of) == 1]
    return [block for block in (Block(columns, beside), Block([], alone)) if block.statements]


def capital(sentence: str) -> str:
    """The sentence with a capital first letter; symbols such as λ stay as they are."""
    return sentence[:1].upper() + sentence[1:] if sentence[:1].isascii() else sentence


def _claim(study: str, judged: Judged, longer: Sequence[evidence.Judged]) -> Claim:
    return Claim(
        anchor=f"{study}-claim-{judged.key}",
        text=judged.text,
        statement=judged.statement,
        where=judged.where,
        rule=judged.rule,
        effect=estimate(judged.effect),
        value=repr(float(judged.effect.value)),
        seeds=plural(judged.effect.n, "seed"),
        verdict=judged.verdict,
        row=forest.row(judged.effect, judged.low, judged.high) if judged.effect.n else None,
        words=f"{judged.verdict}: {forest.told(judged.effect, judged.low, judged.high)}",
        reason=judged.reason,
        longer=[_beside(one, judged.verdict) for one in longer],
    )


def _only_longer(study: str, found: Sequence[evidence.Judged]) -> Claim:
    first = found[0].claim
    return Claim(
        anchor=f"{study}-claim-{first.key}",
        text=first.text,
        statement=first.statement,
        where=first.where,
        rule=first.rule,
        effect=NONE,
        value="nan",
        seeds="",
        verdict=None,
        row=None,
        words="",
        longer=[_beside(one, OPEN) for one in found],
    )


def _beside(judged: evidence.Judged, default: Verdict) -> Beside:
    fewest, most = judged.steps
    steps = plural(most, "step") if fewest == most else f"{fewest:,} to {plural(most, 'step')}"
    verdict, effect = judged.claim.verdict, judged.claim.effect
    disagrees = OPEN not in (verdict, default) and verdict != default
    return Beside(
        judged.extra, f"{steps}, {plural(effect.n, 'seed')}", estimate(effect), verdict, judged.claim.reason, disagrees
    )
