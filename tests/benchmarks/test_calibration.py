"""Every metric has a case with its exact value, the document has these rows, and measuring again gives its figures."""

from __future__ import annotations

import functools
import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.calibration import __main__ as program  # noqa: E402
from benchmarks.calibration import cases, chances  # noqa: E402
from benchmarks.calibration.case import Case, Row, rows  # noqa: E402

from modescope.metrics import Metric  # noqa: E402
from modescope.params import registry  # noqa: E402

AGAIN = 2  # repeats
ALL = [replace(case, exact=functools.cache(case.exact)) for case in cases.ALL]  # some take a second
CHEAP = [case for case in ALL if not case.slow]
WRITTEN = program.documented(program.DOCUMENT.read_text(encoding="utf-8"))


def value(cell: str) -> float:
    """What a cell of the tables says."""
    plain = cell.replace("−", "-").replace(",", "").replace("*", "")
    return math.nan if plain == "–" else float(plain)


def test_every_metric_of_every_family_has_a_case() -> None:
    calibrated = {(case.family, metric) for case in ALL for metric in case.exact(case.n)}
    families = {name: registry.find("metrics", name, Metric).about for name in registry.names("metrics")}
    assert calibrated == {(family, metric) for family, about in families.items() for metric in about}


def test_the_document_has_the_rows_of_all_cases() -> None:
    expected = {
        (metric, case.what): [f"{case.n:,}", program.figure(exact)]
        for case in ALL
        for metric, exact in case.exact(case.n).items()
    }
    assert {key: list(cells[:2]) for key, cells in WRITTEN.items()} == expected


def test_most_metrics_have_an_exact_value() -> None:
    exact = {metric for case in ALL for metric, one in case.exact(case.n).items() if not math.isnan(one)}
    unknown = {metric for case in ALL for metric in case.exact(case.n)} - exact
    assert unknown == {
        *("precision_empty", "recall_empty", "precision_occupied", "recall_occupied"),
        *("feature_precision", "feature_recall", "probe_pca", "probe_pixels"),
    }


@pytest.mark.parametrize("case", CHEAP, ids=[f"{case.family}-{i}" for i, case in enumerate(CHEAP)])
def test_measuring_again_gives_the_figures_of_the_document(case: Case) -> None:
    for row in rows(case, AGAIN):
        _, _, mean, bias, spread = WRITTEN[row.metric, case.what]
        wanted, width = value(mean), value(spread)
        # Five standard errors of the difference, and the rounding of the document.
        allowed = 5 * width * math.sqrt(1 / AGAIN + 1 / case.repeats) + 0.006 * abs(wanted) + 2 * program.ZERO
        assert abs(row.mean - wanted) <= allowed, row
        if bias != "–":
            assert value(bias.split(" ± ")[0]) == pytest.approx(wanted - row.exact, abs=0.01 * abs(wanted) + 1e-9)


def test_a_bias_beyond_three_standard_errors_is_bold() -> None:
    about = registry.find("metrics", "moments", Metric).about["std_ratio"]
    row = Row("moments", "std_ratio", "two sets", 10, 1.0, 1.32, 1.0, 100)  # a standard error is 0.1
    assert program.line(row, about).endswith("| 1 | 1.32 | **0.32 ± 0.2** | 1 |")
    assert "**" not in program.line(row._replace(mean=1.29), about)
    assert "| – | 1.32 | – | 1 |" in program.line(row._replace(exact=math.nan), about)


def test_the_expectations_are_those_of_simulation() -> None:
    """Counts of 30 points in four bins, and the neighbours of points, by brute force."""
    rng, n, p = np.random.default_rng(0), 30, np.array([0.1, 0.2, 0.3, 0.35])
    counts = rng.multinomial(n, [*p, 0.05], 40_000)[:, :4]
    other = rng.multinomial(n, [*p, 0.05], 40_000)[:, :4]
    enough = counts >= n * p / 2
    for exact, seen in (
        (chances.hit(n, p), (counts > 0).sum(1)),
        (chances.covered(n, p, p / 2), enough.sum(1)),
        (chances.all_covered(n, p, p / 2), enough.all(1)),
        (chances.deviation(n, p), np.abs(counts / n - p).sum(1) / 2),
        (chances.overlap(n, p), np.minimum(counts / n, p).sum(1)),
        (chances.two_samples(n, p)[0], np.abs(counts - other).sum(1) / n / 2),
        (chances.two_samples(n, p)[1], np.minimum(counts, other).sum(1) / n),
    ):
        assert exact == pytest.approx(seen.mean(), abs=4 * seen.std() / 200)
    full = rng.multinomial(n, p / p.sum(), 40_000) / n
    kl = np.sum(np.where(full > 0, full * np.log(np.maximum(full, 1e-9) / (p / p.sum())), 0), axis=1)
    assert chances.kl_of_counts(n, p / p.sum()) == pytest.approx(kl.mean(), abs=4 * kl.std() / 200)
    # The nearest 3 of 9 other real points and 10 generated ones, in random order, twice as often generated ones.
    order = np.argsort(rng.random((40_000, 19)), axis=1)[:, :3]
    assert chances.ball_holds_one(10, 10, 3) == pytest.approx((order >= 9).any(1).mean(), abs=0.01)
