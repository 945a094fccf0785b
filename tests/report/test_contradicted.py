"""What contradicts articles and papers: the default run's verdicts, else those of extra runs that agree."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from modescope.report.contradicted import contradictions
from modescope.report.evidence import Judged
from modescope.statistics import Estimate, Verdict
from modescope.studies import Claim, Reason

YES, NO, OPEN = "supported", "contradicted", "inconclusive"


def claim(key: str, verdict: Verdict, reason: Reason = "") -> Claim:
    return Claim(key, f"The article says {key}.", f"{key} is at most 1.", Estimate(2.0, 1.5, 2.5, 6), verdict, reason)


def chapter(judged: dict[str, Verdict], longer: dict[str, dict[str, Verdict]]) -> Any:
    beside = {key: [Judged(extra, (9, 9), claim(key, v)) for extra, v in of.items()] for key, of in longer.items()}
    return SimpleNamespace(name="modes", judged=[claim(key, v) for key, v in judged.items()], longer=beside)


def found(judged: dict[str, Verdict], longer: dict[str, dict[str, Verdict]]) -> list[tuple[str, str]]:
    return [(one.href.rsplit("-", 1)[1], one.extra) for one in contradictions([chapter(judged, longer)])]


def test_only_contradicted_claims_are_there_in_their_order() -> None:
    assert found({"a": NO, "b": YES, "c": OPEN, "d": NO}, {}) == [("a", ""), ("d", "")]
    assert found({"a": YES, "b": OPEN}, {}) == []


def test_extra_runs_count_where_the_default_run_decides_nothing() -> None:
    assert found({"a": OPEN}, {"a": {"long": NO}}) == [("a", "long")]
    assert found({}, {"b": {"long": NO}}) == [("b", "long")]
    assert found({"a": YES}, {"a": {"long": NO}}) == []
    assert found({"a": OPEN}, {"a": {"long": NO, "sharp": YES}}) == []  # they contradict each other
    assert found({"a": OPEN}, {"a": {"other": OPEN, "long": NO}}) == [("a", "long")]


def test_a_line_says_what_was_measured_and_what_would_have_supported_it() -> None:
    judged = [claim("a", NO, "no material effect")]
    (one,) = contradictions([SimpleNamespace(name="point", judged=judged, longer={})])  # type: ignore[list-item]
    assert (one.text, one.rule, one.how) == ("The article says a.", "a is at most 1.", "no material effect")
    assert (one.effect, one.seeds, one.href) == ("2 [1.5, 2.5]", "6 seeds", "point.html#point-claim-a")
