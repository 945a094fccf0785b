"""The rooms whose code is tested by faults, their tests, and a sample of the faults."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mutants import operators
from mutants.operators import Mutant
from mutants.warm import Base


@dataclass(frozen=True)
class Room:
    """Patterns of files below src and below tests."""

    files: tuple[str, ...]
    tests: tuple[str, ...]
    but: str = ""  # words in the names of tests that are left out, as pytest's -k takes them

    def sources(self, root: Path) -> list[str]:
        """Its files, below the root of the checkout."""
        found = {path for pattern in self.files for path in (root / "src").glob(pattern)}
        return sorted(path.relative_to(root).as_posix() for path in found)

    def tested_by(self, root: Path) -> list[str]:
        """The files of its tests."""
        found = {path for pattern in self.tests for path in (root / "tests").glob(pattern)}
        return sorted(path.relative_to(root).as_posix() for path in found)


JUDGING = ("claims", "margins", "against", "answers", "standings", "ranks")
ROOMS = {
    "statistics": Room(
        ("modescope/statistics.py", "modescope/comparisons.py"), ("test_statistics.py", "test_comparisons.py")
    ),
    "metrics": Room(("modescope/metrics/**/*.py",), ("metrics/test_*.py",)),
    "variants": Room(("modescope/variants/**/*.py",), ("variants/test_*.py",)),
    "judging": Room(
        (*(f"modescope/studies/common/{name}.py" for name in JUDGING), "modescope/studies/*/*claims.py"),
        ("studies/test_*.py",),
        "figure or figures or drawn or pictures or maps",  # long, and no judge
    ),
}


def sample(faults: Sequence[Mutant], size: int, seed: int) -> list[Mutant]:
    """So many of the faults, in the order of a hash of their words: an edit elsewhere changes no place.

    The first of a sample are a sample, if a run ends early.
    """

    def rank(fault: Mutant) -> bytes:
        return hashlib.sha256("\0".join((str(seed), *fault.words)).encode()).digest()

    return sorted(faults, key=rank)[:size]


def faults(root: Path, room: Room) -> list[Mutant]:
    """Every fault of the room."""
    return [fault for file in room.sources(root) for fault in operators.mutants(root, file)]


def tests_of(root: Path, fault: Mutant, base: Base, budget: float) -> list[str]:
    """The tests that may notice a fault: those that run its lines, file by file, cheap ones first.

    What only importing runs, such as a constant, counts as run where the room names it, and by every test in whose file
    it stands as `module.name` or, as settings do, as "family.name"; else by every test of its file. The list ends where
    the tests take more than `budget` seconds of CPU without a fault.
    """
    lines = base.runs[fault.file]
    found = {test for line in fault.lines for test in lines.get(line, ())}
    for file in base.runs if fault.names else []:
        named = _naming(root / file, fault.names)
        found |= {test for line, tests in base.runs[file].items() if line in named for test in tests}
    for name in fault.names or ():
        spelt = re.compile(rf"\b{Path(fault.file).stem}\.{name}\b|[\"']\w+\.{name}[\"']")
        found |= {file for file in {test.split("::")[0] for test in base.seconds} if spelt.search(_text(root / file))}
    if not found and fault.names is not None:
        found = {test for tests in lines.values() for test in tests}
    files = {one for one in found if "::" not in one}
    found |= {test for test in base.seconds if test.split("::")[0] in files}
    tests = [test for test in base.seconds if test in found]
    cost: dict[str, float] = {}
    for test in tests:
        cost[test.split("::")[0]] = cost.get(test.split("::")[0], 0.0) + base.seconds[test]
    tests.sort(key=lambda test: (cost[test.split("::")[0]], test.split("::")[0], base.seconds[test], test))
    left, chosen = budget, []
    for test in tests:
        left -= base.seconds[test]
        if left < 0 and chosen:
            break
        chosen.append(test)
    return chosen


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _naming(path: Path, names: Collection[str]) -> set[int]:
    """The lines of a file on which one of these names stands."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    of = ((getattr(node, "id", None) or getattr(node, "attr", None), node) for node in ast.walk(tree))
    return {node.lineno for name, node in of if name in names}
