"""Mutation testing: `python -m mutants [ROOM ...]`, into mutants/results.csv and results.md.

Each fault is put into a fork of a process that has imported all libraries, and the tests that run its lines are run
until one fails. `--again` tries those that survived last time. Why a fault survives stands in mutants/reasons.csv.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.arguments import Parser

from mutants import operators, results, rooms, warm
from mutants.operators import Mutant
from mutants.rooms import ROOMS
from mutants.warm import Base

HERE = Path(__file__).resolve().parent
BUDGET, SAMPLE, SEED = 3.0, 120, 1
OFTEN = 10  # faults after which the tables are written
SPARE, TIMES = 10, 3  # a fault may take so many seconds more than the tests usually do, and so many times longer


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the faults of the rooms in turn, and write the tables after each."""
    parser = Parser(prog="mutants", description="Put faults into the code and see whether tests fail.")
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=f"all by default; there are {', '.join(ROOMS)}")
    parser.add_argument("--again", action="store_true", help="only faults that survived last time")
    parser.add_argument("--file", default="", help="only faults of files whose path contains this")
    parser.add_argument("--sample", type=int, default=SAMPLE, help=f"so many faults of a room, {SAMPLE} by default")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the sample, {SEED} by default")
    parser.add_argument("--budget", type=float, default=BUDGET, help=f"seconds of CPU for a fault's tests, {BUDGET:g}")
    parser.add_argument("--results", type=Path, default=HERE, help="folder for results.csv and results.md")
    options = parser.parse_args(arguments)
    if unknown := [room for room in options.rooms if room not in ROOMS]:
        parser.error(f"{unknown[0]!r} is no room; there are {', '.join(ROOMS)}")
    for name in options.rooms or ROOMS:
        _room(name, options)
    return 0


def _room(name: str, options: argparse.Namespace) -> None:
    """Try the faults of a room, and write the tables now and then."""
    root, room = Path.cwd(), ROOMS[name]
    faults = rooms.faults(root, room)
    sample = rooms.sample(faults, options.sample, options.seed)
    chosen = [fault for fault in sample if options.file in fault.file]
    if options.again:
        before = results.tried(options.results, name)
        chosen = [fault for fault in chosen if before.get(fault.words) != "killed"]
    tests = room.tested_by(root)
    warm.warm(root, tests)
    base = warm.base(root, room.sources(root), tests, room.but)
    print(f"{name}: {len(chosen)} faults, {len(base.seconds)} tests", flush=True)
    outcomes: dict[tuple[str, ...], str] = {}
    checked: set[str] = set()
    for count, fault in enumerate(chosen, 1):
        outcomes[fault.words] = outcome = _outcome(root, fault, base, options.budget, checked)
        if outcome == "killed":
            print(".", end="", flush=True)
        else:
            place = f"{fault.file}:{min(fault.lines)} {fault.where}"
            print(f"\n{count:4} {outcome}: {place}: {fault.before}  ->  {fault.after}", flush=True)
        if not count % OFTEN:
            results.save(options.results, name, len(faults), sample, outcomes)
    results.save(options.results, name, len(faults), sample, outcomes)
    print("\n" + results.write_page(options.results, HERE / "reasons.csv", options.budget), flush=True)


def _outcome(root: Path, fault: Mutant, base: Base, budget: float, checked: set[str]) -> str:
    """Whether a fault is killed, survived or not run. Raises RuntimeError if tests fail with the file as it is."""
    tests = rooms.tests_of(root, fault, base, budget)
    if not tests:
        return "not run"
    limit = SPARE + TIMES * sum(base.seconds[test] for test in tests)
    if fault.file not in checked:
        as_it_is = compile((root / fault.file).read_text(encoding="utf-8"), str(root / fault.file), "exec")
        if warm.fails(root, fault.file, as_it_is, tests, limit):
            raise RuntimeError(f"{fault.file}: its tests fail without a fault when they are run by themselves")
        checked.add(fault.file)
    return "killed" if warm.fails(root, fault.file, operators.code(root, fault), tests, limit) else "survived"


if __name__ == "__main__":
    sys.exit(main())
