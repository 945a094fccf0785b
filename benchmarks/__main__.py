"""Measure speed: `python -m benchmarks [PART ...]`, into benchmarks/results.csv and results.md.

Without names, all parts run but `cold`, which runs the whole pipeline in a clone and must be asked for:
`python -m benchmarks cold`, with `--effort 0.01` for a shorter one. Its rows then stay in the tables. A part is written
when it ends; one that fails is reported and the others go on. `--smoke` runs a part at a tiny scale, which shows that
it works and nothing more, and writes only where `--results` says. No part writes anything that the pipeline reads.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.arguments import Parser
from benchmarks.row import Row, Scale

PARTS = {
    "engine": "training against a plain PyTorch loop and the matrix peak",
    "variants": "a step of every variant against one of the plain GAN",
    "point": "hundreds of the simplest GAN against a plain loop",
    "frames": "a frame of an animation against matplotlib",
    "metrics": "points a second of every family of metrics",
    "noop": "DVC when nothing has changed, by the number of experiments",
    "cold": "the efficiency of a whole run from nothing",
}
BY_DEFAULT = [part for part in PARTS if part != "cold"]
HERE = Path(__file__).resolve().parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts in turn; 1 if one has failed."""
    parser = Parser(prog="benchmarks", description="Measure speed on this machine.")
    said = "; ".join(f"{part}: {words}" for part, words in PARTS.items())
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"all but cold by default. {said}")
    parser.add_argument("--smoke", action="store_true", help="a tiny scale, whose figures mean nothing")
    parser.add_argument("--effort", type=float, help="of the cold run, instead of that in params.yaml")
    parser.add_argument("--results", type=Path, help="folder for results.csv and results.md")
    options = parser.parse_args(arguments)
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"{unknown[0]!r} is no part; allowed: {', '.join(PARTS)}")
    folder = options.results or (None if options.smoke else HERE)
    scale, failed = Scale(options.smoke, options.effort), []
    for part in options.parts or BY_DEFAULT:
        start = time.monotonic()
        try:
            rows = _measured(part, scale)
            if folder is not None:
                from benchmarks import results

                results.save(folder, part, rows)
        except Exception as error:
            failed.append(part)
            words = " ".join(str(error).split()) or "no message"
            print(f"{part} failed: {type(error).__name__}: {words}", file=sys.stderr, flush=True)
        print(f"({part}: {time.monotonic() - start:.0f} s)", flush=True)
    return 1 if failed else 0


def _measured(part: str, scale: Scale) -> list[Row]:
    """The rows of a part, printed as they come."""
    module = importlib.import_module(f"benchmarks.{part}")  # each alone: workers import this file as well
    found: list[Row] = []
    print(f"\n{part + ': ' + PARTS[part]:78}{'ours':>10}{'reference':>11}{'ratio':>9}", flush=True)
    for row in module.rows(scale):
        found.append(row)
        numbers = f"{row.ours:10.4g}{row.reference:11.4g}{row.ratio:9.3g}"
        print(f"{row.name:78}{numbers}  {row.unit}", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
