"""The finding of a comparison in sentences: how many measures and verdicts changed, and how many by chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from modescope.compare.paired import TOLD, Difference
from modescope.compare.verdicts import Verdicts
from modescope.formatting import listing, plural
from modescope.statistics import COVERED


def heading(found: Sequence[Difference], a: str = "A", b: str = "B") -> str:
    """The finding without its full stop, from all differences; a measure is one metric of one arm."""
    counts = Counter(difference.outcome for difference in found)
    if not found:
        return f"No measure of {a} and {b} can be compared"
    if counts["alike"] == len(found):
        return f"{_sentence(a)} and {b} have the same scores"
    if not any(counts[outcome] for outcome in TOLD):
        return f"No measure differs significantly between {a} and {b}"
    better, worse, other = counts["better"], counts["worse"], counts["higher"] + counts["lower"]
    if not better and not worse:
        return f"{_sentence(b)} differs from {a} in {plural(other, 'measure')} for which neither direction is better"
    first = f"better in {plural(better, 'measure')}" if better else f"worse in {plural(worse, 'measure')}"
    second = f"worse in {worse or 'none':{',' if worse else ''}}" if better else "better in none"
    rest = f", and differs in {other:,} for which neither direction is better" if other else ""
    return f"{_sentence(b)} is {first} and {second}{rest}"


def by_chance(found: Sequence[Difference]) -> str:
    """How many of the measures that changed would be significant by chance alone, as a sentence; empty if none did."""
    changed = sum(difference.outcome != "alike" for difference in found)
    expected = round((1 - COVERED) * changed)
    if not changed:
        return ""
    return (
        f"Of {plural(changed, 'measure')} that changed, about {expected:,} would be significant by chance alone: "
        "look for several that agree, not for a single one."
    )


def about_verdicts(verdicts: Verdicts, a: str = "A", b: str = "B") -> str:
    """How many verdicts changed, as a sentence, or which side has no table of verdicts."""
    if not any(verdicts.known):
        return f"Verdicts cannot be compared: neither {a} nor {b} has a table of them."
    if not all(verdicts.known):
        return f"Verdicts cannot be compared: {b if verdicts.known[0] else a} has no table of them."
    shared = verdicts.alike + len(verdicts.turned)
    changed = f"{len(verdicts.turned) or 'None'} of {plural(shared, 'verdict')} changed"
    only = [
        f"{plural(len(claims), 'claim')} {'is' if len(claims) == 1 else 'are'} judged in {name} only"
        for name, claims in ((a, verdicts.gone), (b, verdicts.new))
        if claims
    ]
    return f"{'; '.join([changed if shared else 'No claim is judged on both sides', listing(only)]).rstrip('; ')}."


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
