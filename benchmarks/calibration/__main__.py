"""`python -m benchmarks.calibration`: measures all cases on all cores, in a minute, and fills docs/metrics.md.

Random numbers depend on the names of a case alone, so the tables change only with a metric or with a case.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from itertools import chain, groupby

from tqdm import tqdm

from benchmarks.calibration.case import Row
from benchmarks.calibration.cases import ALL, measured
from benchmarks.row import ROOT
from modescope import executors
from modescope.formatting import number
from modescope.machine import cores
from modescope.metrics import About, Metric
from modescope.params import registry

DOCUMENT = ROOT / "docs" / "metrics.md"
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"
HEADER = "| Metric | Scored | Points | Exact | Mean | Bias | Spread |\n| --- | --- | ---: | ---: | ---: | ---: | ---: |"
ZERO = 1e-9  # below it lies the rounding of floating-point numbers
SIGNIFICANT, NOTABLE = 1.5, 1e-3  # of two standard errors, of the exact value


def main() -> None:
    """Measure, and write what is between the markers of the document."""
    with executors.process_pool(cores(), "benchmarks.calibration.cases") as pool:
        of_cases = tqdm(pool.map(measured, range(len(ALL))), "calibration", len(ALL), disable=not sys.stderr.isatty())
        found = list(chain.from_iterable(of_cases))
    before, after = DOCUMENT.read_text(encoding="utf-8").split(BEGIN)
    text = f"{before}{BEGIN}\n\n{tables(found)}\n{END}{after.split(END)[1]}"
    DOCUMENT.write_text(text, encoding="utf-8")
    print(f"{DOCUMENT}: {len(found)} rows of {len(ALL)} cases")


def tables(found: Iterable[Row]) -> str:
    """A table a family, in the order of the cases."""
    parts = []
    for family, of_family in groupby(found, lambda row: row.family):
        about = registry.find("metrics", family, Metric).about
        parts += [f"### {family}\n", HEADER, *(line(row, about[row.metric]) for row in of_family), ""]
    return "\n".join(parts)


def line(row: Row, about: About) -> str:
    """One row in Markdown. A bias is bold beyond three standard errors and a thousandth of the exact value.

    The latter, because a value that is the same in all repeats has no standard error.
    """
    bias = row.mean - row.exact
    shown = "–" if math.isnan(bias) else f"{figure(bias)} ± {figure(row.error)}"
    if abs(bias) > max(ZERO, NOTABLE * abs(row.exact), SIGNIFICANT * row.error):
        shown = f"**{shown}**"
    exact = "–" if math.isnan(row.exact) else figure(row.exact)
    cells = [f"`{row.metric}` {about.label.replace('|', '∥')}", row.what, f"{row.n:,}", exact, figure(row.mean), shown]
    return f"| {' | '.join([*cells, figure(row.spread)])} |"


def figure(value: float) -> str:
    """Three digits; 0 for what rounding leaves of it."""
    return number(0.0 if abs(value) < ZERO else value)


def documented(text: str) -> dict[tuple[str, str], Sequence[str]]:
    """The rows of the tables: (metric, what is scored) -> its cells from the points on."""
    found = {}
    for one in text.split(BEGIN)[1].split(END)[0].splitlines():
        if one.startswith("| `"):
            metric, what, *rest = (cell.strip() for cell in one.strip("|").split(" | "))
            found[metric.split("`")[1], what] = rest
    return found


if __name__ == "__main__":
    main()
