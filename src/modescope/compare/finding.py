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
    second = f"worse in {_count(worse)}" if better else "better in none"
    rest = f", and differs in {other:,} for which neither direction is better" if other else ""
    return f"{_sentence(b)} is {first} and {second}{rest}"


def lead(settings: int, found: Sequence[Difference]) -> str:
    """How many settings and measures differ, in sentences."""
    changed = f"{plural(settings, 'setting')} {_differ(settings)}" if settings else "No settings differ"
    return f"{changed}. {measured(found)}"


def measured(found: Sequence[Difference], b: str = "B") -> str:
    """How many measures both sides have, and how many of them differ, as a sentence."""
    if not found:
        return "No experiment has scores with the same seeds on both sides, so no metric can be compared."
    counts = Counter(difference.outcome for difference in found)
    both = f"Both sides have {plural(len(found), 'measure')} (each the mean of a metric over the seeds of an arm)"
    told, undecided = sum(counts[outcome] for outcome in TOLD), counts["inconclusive"]
    if not told and not undecided:
        return f"{both}, equal seed by seed."
    words = f" (in {b} {listing([f'{counts[o]:,} {o}' for o in TOLD if counts[o]])})" if told else ""
    return (
        f"{both}: {_count(told)} {_differ(told)} with an interval that excludes 0{words}, "
        f"{_count(undecided)} {_differ(undecided)} with one that does not, "
        f"{_count(counts['alike'])} {'is' if counts['alike'] == 1 else 'are'} equal."
    )


def by_chance(found: Sequence[Difference]) -> str:
    """How many of the measures that changed would be significant by chance alone, as a sentence; empty for none."""
    changed = sum(difference.outcome != "alike" for difference in found)
    expected = round((1 - COVERED) * changed)
    if not expected:
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


def _count(n: int) -> str:
    return f"{n:,}" if n else "none"


def _differ(n: int) -> str:
    return "differs" if n == 1 else "differ"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
