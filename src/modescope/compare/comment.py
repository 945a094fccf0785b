"""What changed between two revisions as Markdown: the comment on a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from modescope.compare import finding, numbers
from modescope.compare.fresh import Arm, arms
from modescope.compare.markdown import code, details, table, text
from modescope.compare.names import Names
from modescope.compare.paired import Difference
from modescope.compare.parameters import HERE, Setting
from modescope.compare.sides import Side
from modescope.compare.verdicts import Judged
from modescope.compare.view import Comparison
from modescope.formatting import NONE, estimate, number, plural

MARKER = "<!-- modescope changes -->"  # the first line, by which a workflow finds the comment again
LIMIT = 65_536  # characters that GitHub accepts
OPEN = 8  # rows of a table that is not folded
MOST = (100, 40, 15, 5, 0)  # rows of a table: the first of these with which the text is short enough
BASE, HEAD = "the base", "the head"
SIGNS = {"better": "🟢 better", "worse": "🔴 worse"}


def markdown(comparison: Comparison) -> str:
    """The comment, A as the base and B as the head; at most LIMIT characters."""
    texts = (_markdown(comparison, most) for most in MOST)
    return next(text for text in texts if len(text) <= LIMIT)


def _markdown(found: Comparison, most: int) -> str:
    changes = numbers.changed(found.a.metrics, found.b.metrics)
    gone, new = arms(found.a, found.b), arms(found.b, found.a)
    parts = [
        MARKER,
        f"### {headline(found, len(changes), len(new), len(gone))}",
        f"From {_side(found.a)} to {_side(found.b)}.",
        f"{finding.measured(found.differences, HEAD)} {found.by_chance}".rstrip(),
        _verdicts(found, most),
        _told(found, most),
        _arms("New", new, found.names["B"], most),
        _arms("Removed", gone, found.names["A"], most),
        _settings(found.settings, most),
        _numbers(changes, most),
        _missing(found, most),
        f"Made by {code(f'python -m modescope changes --base {found.a.name} --head {found.b.name}')}; "
        f"{code(f'make compare A={found.a.name} B={found.b.name}')} draws a page with figures side by side.",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def headline(found: Comparison, changes: int, new: int, gone: int) -> str:
    """What changed, in a sentence: scores, verdicts, arms, settings."""
    counts = [
        (len(found.verdicts.turned), "verdict changed", "verdicts changed"),
        (new, "arm is new", "arms are new"),
        (gone, "arm is gone", "arms are gone"),
        (len(found.settings), "setting differs", "settings differ"),
    ]
    rest = [f"{n:,} {one if n == 1 else many}" for n, one, many in counts if n]
    changed = [*found.told, *found.open, *rest, *found.verdicts.new, *found.verdicts.gone, *found.one_sided]
    if found.differences and all(found.verdicts.known) and not changed and not changes:
        return "Nothing changed"
    return "; ".join([finding.heading(found.differences, BASE, HEAD), *rest])


def _side(side: Side) -> str:
    return f"{code(side.name)} ({text(side.told)})"


def _verdicts(found: Comparison, most: int) -> str:
    sentence = finding.about_verdicts(found.verdicts, BASE, HEAD)
    rows = [
        [text(found.names["B"].study(new.study)), text(new.text), _judged(old), _judged(new)]
        for old, new in found.verdicts.turned
    ]
    return _part("Verdicts", sentence, ["Study", "Claim", "Base", "Head"], rows, most)


def _judged(claim: Judged) -> str:
    reason = f" ({text(claim.reason)})" if claim.reason else ""
    return f"**{text(claim.verdict)}**{reason}<br>{estimate(claim.effect)}"


def _told(found: Comparison, most: int) -> str:
    rows = [_difference(line.difference, found.names["B"]) for study in found.studies for line in study.lines]
    heads = ["Data: arm", "Metric", "In the head", "Base", "Head", "Difference"]
    return _part("Significant differences", "", heads, rows, most, 3) if rows else ""


def _difference(row: Difference, names: Names) -> list[str]:
    return [
        f"{text(names.run(row.experiment, row.arm))}<br>{code(row.experiment)} {code(row.arm)}",
        text(names.metric(row.metric)),
        SIGNS.get(row.outcome, row.outcome),
        number(row.a),
        number(row.b),
        estimate(row.effect),
    ]


def _arms(title: str, rows: Sequence[Arm], names: Names, most: int) -> str:
    cells = [
        [
            text(names.study(row.study)),
            f"{text(names.run(row.experiment, row.arm))}<br>{code(row.experiment)} {code(row.arm)}",
            text(names.metric(row.metric)) or NONE,
            estimate(row.mean) if row.mean else NONE,
            str(row.mean.n) if row.mean else NONE,
        ]
        for row in rows
    ]
    heads = ["Study", "Data: arm", "Metric", "Mean", "Seeds"]
    return _part(title, plural(len(rows), "arm"), heads, cells, most, 2) if cells else ""


def _settings(settings: Sequence[Setting], most: int) -> str:
    """One line; an equal change of many entries is one item."""
    if not settings:
        return ""
    items = [_setting(s) for s in settings[: min(most, OPEN)]]
    rest = [f"{len(settings) - len(items):,} more"] if len(settings) > len(items) else []
    return f"**Settings**: {'; '.join([*items, *rest])}."


def _setting(setting: Setting) -> str:
    name = code(setting.key) + (f" ({len(setting.entries):,} entries)" if setting.entries else "")
    if HERE in (setting.a, setting.b) and NONE in (setting.a, setting.b):
        return f"{name} {'is new' if setting.a == NONE else 'is gone'}"
    return f"{name}: {code(setting.a)} → {code(setting.b)}"


def _numbers(changes: Sequence[numbers.Change], most: int) -> str:
    rows = [[code(change.key), *change.cells] for change in changes]
    return _part("metrics.json", "", ["Metric", "Base", "Head", "Change"], rows, most, 3) if rows else ""


def _missing(found: Comparison, most: int) -> str:
    sentences = [f"{name}: {said}" for name, side in (("Base", found.a), ("Head", found.b)) for said in side.missing]
    return "\n".join(f"- {text(sentence)}" for sentence in sentences[: most + 1])


def _part(title: str, sentence: str, heads: list[str], rows: list[list[str]], most: int, numeric: int = 0) -> str:
    """A titled table of at most `most` rows, folded away if it is long; only the sentence without rows."""
    begin = f"**{title}**{f': {sentence}' if sentence else ''}"
    if not rows:
        return begin
    shown = table(heads, rows[:most], numeric) if most else ""
    left = f"… and {plural(len(rows) - min(most, len(rows)), 'row')} more." if len(rows) > most else ""
    body = "\n\n".join(filter(None, [shown, left]))
    if len(rows) <= OPEN or not most:
        return f"{begin}\n\n{body}"
    return f"{begin}\n\n{details(plural(len(rows), 'row'), body)}"
