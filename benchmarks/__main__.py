"""Measure everything, print a table, write benchmarks/results.csv: python -m benchmarks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmarks import costs, engine, frames, point
from benchmarks.row import Row
from modescope.store import artifacts


def main() -> None:
    """Rows are printed as they come, since all of them take about four minutes."""
    found: list[Row] = []
    print(f"{'':58}{'ours':>10}{'reference':>11}{'ratio':>8}", flush=True)
    for source in (engine.rows, point.rows, costs.rows, frames.rows):
        for row in source():
            found.append(row)
            print(f"{row.name:58}{row.ours:10.2f}{row.reference:11.2f}{row.ratio:8.2f}  {row.unit}", flush=True)
    artifacts.write_csv(Path(__file__).with_name("results.csv"), pd.DataFrame(found).round(4))


if __name__ == "__main__":
    main()
