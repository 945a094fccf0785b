"""Try what a bad day does: `python -m soak [PART ...]`, into soak/results.csv and results.md.

Without names all parts run. A part is written when it ends; the rows of the others stay. `--before SRC` runs bad input
also on the package in the folder SRC, the `src` of another checkout.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.arguments import Parser

from soak import results
from soak.case import Row

PARTS = {
    "inputs": "odd and hostile input, a process each",
    "disk": "disks that are full or read-only, and files in the way",
    "kills": "each kind of stage killed at random moments, then called again",
    "together": "two at once in one project",
}
HERE = Path(__file__).resolve().parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts in turn; 1 if one row is not as it should be."""
    parser = Parser(prog="soak", description="Bad input, kills and full disks, on real processes.")
    said = "; ".join(f"{part}: {words}" for part, words in PARTS.items())
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"all by default. {said}")
    parser.add_argument("--before", type=Path, help="the src of another checkout, for `inputs`")
    parser.add_argument("--results", type=Path, default=HERE, help="folder for results.csv and results.md")
    options = parser.parse_args(arguments)
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"{unknown[0]!r} is no part; allowed: {', '.join(PARTS)}")
    failed = 0
    for part in options.parts or PARTS:
        found = []
        for row in _rows(part, options.before):
            found.append(row)
            failed += not row.ok
            print(f"{'ok ' if row.ok else 'NOT'} {row.seconds:6.1f} s  {row.what}: {row.outcome}", flush=True)
        results.save(options.results, part, found)
    print(f"not as they should be: {failed}" if failed else "all as they should be")
    return 1 if failed else 0


def _rows(part: str, before: Path | None) -> Iterator[Row]:
    module = importlib.import_module(f"soak.{part}")
    found: Iterator[Row] = module.rows(before.resolve()) if part == "inputs" and before is not None else module.rows()
    return found


if __name__ == "__main__":
    sys.exit(main())
