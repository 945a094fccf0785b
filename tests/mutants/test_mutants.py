"""Faults of small functions, listed by hand; one whole run of `python -m mutants` on a room of one function."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from mutants import operators, results, rooms  # noqa: E402
from mutants.warm import Base  # noqa: E402

DRIVER = """
import sys
from mutants import __main__ as program
from mutants.rooms import ROOMS, Room

ROOMS["tiny"] = Room(("tiny.py",), ("test_tiny.py",))
program.SPARE = 0.5
sys.exit(program.main(["tiny", "--results", "results"]))
"""
TINY = """from functools import cache


@cache
def countdown(n):
    while n > 0:
        n -= 1
    return n


def unused(x):
    return not x
"""
TEST = """import tiny


def test_countdown_ends():
    tiny.countdown(2)


def test_nothing_is_left():  # also where the answer is remembered
    assert tiny.countdown(2) == 0
"""


def faults(folder: Path, source: str) -> list[tuple[str, str, str]]:
    """Where, before and after of every fault of a source."""
    (folder / "one.py").write_text(source, encoding="utf-8")
    return [fault.words[1:] for fault in operators.mutants(folder, "one.py")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", ["a <= b", "a >= b"]),
        ("a == b", ["a != b"]),
        ("a in b", ["a not in b"]),
        ("a + b", ["a - b"]),
        ("a ** b", ["a * b"]),
        ("-a", ["a"]),
        ("a and b", ["a or b"]),
        ("a[2]", ["a[3]"]),
        ("a[0.5]", ["a[1.0]"]),
        ("a[0.0]", ["a[1.0]"]),
        ("x = True", ["x = False"]),
        ("f(a, b)", ["pass", "f(b, a)"]),
        ("x = f(a, k=b)", ["f(a)"]),
        ("x = a if b else c", ["a if not b else c"]),
        ("x = [a for a in b if a]", ["not a"]),
        ("x += a", ["x -= a"]),
        # not an arithmetic or a condition of the program
        ("x = 'a' + b", []),
        ("x = f'{1:g}'", []),
        ("x: 'list[1]'", []),
        ("raise ValueError(1)", []),
        ("x = min(a, b)", []),
        ("x = f(a, a)", []),
        ("x = f('a title', 'a text')", []),
    ],
)
def test_faults_of_a_statement(tmp_path, source, expected):
    assert [after for _, _, after in faults(tmp_path, source)] == expected


def test_a_fault_is_named_by_its_function_and_counted_where_words_repeat(tmp_path):
    source = "class A:\n    def f(self, n=1):\n        '''Text 1.'''\n        return a[0], a[0]\n"
    assert faults(tmp_path, source) == [
        ("A.f", "1", "2"),
        ("A.f", "return (a[0], a[0])", "return None"),
        ("A.f", "a[0]", "a[1]"),
        ("A.f", "a[0]", "a[1] (no. 2)"),
    ]


def test_the_code_has_the_fault_that_its_words_say(tmp_path):
    (tmp_path / "one.py").write_text("x = 2 + 3\ny = 7 < 7\n", encoding="utf-8")
    found = {}
    for fault in operators.mutants(tmp_path, "one.py"):
        space: dict[str, object] = {}
        exec(operators.code(tmp_path, fault), space)  # noqa: S102
        found[fault.after] = space["x"], space["y"]
    assert found == {
        "2 - 3": (-1, False),
        "3 + 3": (6, False),
        "2 + 4": (6, False),
        "7 <= 7": (5, True),
        "7 >= 7": (5, True),
        "8 < 7": (5, False),
        "7 < 8": (5, True),
    }


def test_a_sample_keeps_its_faults_when_others_are_added(tmp_path):
    found = []
    for source in (
        "x = [a < b, c < d, e + f, g + h]\n",
        "x = [a < b, c < d, e + f, g + h]\ny = [i + j, k * l, m - n]\n",
    ):
        (tmp_path / "one.py").write_text(source, encoding="utf-8")
        found.append(operators.mutants(tmp_path, "one.py"))
    few, many = found
    assert (len(few), len(many)) == (6, 9)
    of_many = rooms.sample(many, 5, seed=1)
    assert len(of_many) == 5
    # Whoever is drawn from many is drawn from a part of them as well.
    of_few = {fault.words for fault in rooms.sample(few, 5, seed=1)}
    assert {fault.words for fault in of_many} & {fault.words for fault in few} <= of_few
    assert len({tuple(rooms.sample(many, 3, seed)) for seed in range(5)}) > 1


def test_the_tests_of_a_fault_are_those_that_run_it_the_cheap_ones_first(tmp_path):
    (tmp_path / "one.py").write_text("LIMIT = 3\n\n\ndef f(x):\n    return x < LIMIT\n", encoding="utf-8")
    of_constant, boundary = operators.mutants(tmp_path, "one.py")[:2]
    (tmp_path / "d.py").write_text('allowed("one.LIMIT", 3)\n', encoding="utf-8")
    seconds = {"a.py::dear": 2.0, "b.py::cheap": 0.1, "b.py::other": 0.2, "c.py::none": 0.1, "d.py::check": 0.1}
    base = Base(seconds, {"one.py": {1: set(), 5: {"a.py::dear", "b.py::cheap"}}})
    assert rooms.tests_of(tmp_path, boundary, base, 10.0) == ["b.py::cheap", "a.py::dear"]
    assert rooms.tests_of(tmp_path, boundary, base, 1.0) == ["b.py::cheap"]
    # the constant: tests of what names it, and those in whose file it stands as settings do
    assert rooms.tests_of(tmp_path, of_constant, base, 10.0) == ["b.py::cheap", "d.py::check", "a.py::dear"]
    by_fixture = Base(seconds, {"one.py": {5: {"b.py"}}})
    assert rooms.tests_of(tmp_path, boundary, by_fixture, 10.0) == ["b.py::cheap", "b.py::other"]
    assert rooms.tests_of(tmp_path, boundary, Base(seconds, {"one.py": {}}), 10.0) == []


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[tuple[str, str], str], str, str]:
    """Outcomes by before and after, the page, and what was printed, of a room of two functions."""
    root = tmp_path_factory.mktemp("mutants")
    for folder in ("src", "tests", "results"):
        (root / folder).mkdir()
    (root / "src" / "tiny.py").write_text(TINY, encoding="utf-8")
    (root / "tests" / "test_tiny.py").write_text(TEST, encoding="utf-8")
    path = f"{root / 'src'}:{ROOT / 'src'}:{ROOT}"
    environment = os.environ | {"PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, "-c", DRIVER], cwd=root, env=environment, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(root / "results" / "results.csv")
    outcomes = {(row.before, row.after): row.outcome for row in table.itertuples()}
    return outcomes, (root / "results" / "results.md").read_text(encoding="utf-8"), done.stdout


def test_a_run_tells_killed_survived_and_endless_faults_apart(run):
    outcomes, _, _ = run
    assert outcomes == {
        ("n > 0", "n >= 0"): "killed",  # ends at -1
        ("n > 0", "n <= 0"): "killed",
        ("n > 0", "n > 1"): "killed",
        ("n -= 1", "n += 1"): "killed",  # never ends
        ("1", "2"): "survived",  # 2 - 2 is 0 as well
        ("return n", "return None"): "killed",
        ("return not x", "return None"): "not run",
        ("not x", "x"): "not run",
    }


def test_the_page_has_the_score_and_every_survivor(run):
    _, page, printed = run
    row = "| tiny | 8 | 8 | 5 | 3 | 0 | 62.5% (31% to 86%) | 62.5% (31% to 86%) |"  # Wilson's interval of 5 of 8
    assert row in page
    assert row in printed
    assert page.count("no reason yet") == 3
    assert "survived: src/tiny.py:7 countdown: 1  ->  2" in printed


def test_every_survivor_that_is_committed_has_a_reason_and_no_room_is_below_85_percent():
    table = results.read(ROOT / "mutants" / "results.csv")
    why = results.reasons_of(ROOT / "mutants" / "reasons.csv")
    assert {*table["room"]} == {*rooms.ROOMS}
    alive = results.words_of(table[table["outcome"] != "killed"])
    assert not [words for words in alive if not why.get(words, ("", ""))[1]]
    for _, rows in table.groupby("room"):
        assert len(rows) == 120
        assert (rows["outcome"] == "killed").mean() >= 0.85
