"""Every case of odd and hostile input, in this process, and the command that runs them as processes of their own."""

from __future__ import annotations

import math
import sys
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from soak import __main__ as program  # noqa: E402
from soak import inputs  # noqa: E402
from soak.case import Case, fault, in_short  # noqa: E402

from modescope.__main__ import main  # noqa: E402

ALL = [pytest.param(case, id=f"{kind}: {case.name}") for kind in inputs.KINDS for case in inputs.cases(kind)]


@pytest.mark.parametrize("case", ALL)
def test_ends_as_it_should(case: Case, tmp_path, monkeypatch, capsys):
    arguments = [str(argument) for argument in case.make(tmp_path)]
    monkeypatch.chdir(tmp_path)
    for name, value in case.environment.items():
        monkeypatch.setenv(name, value)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            code = main(arguments)
        except SystemExit as end:
            code = end.code
    out, err = capsys.readouterr()
    assert fault(case, code, out, err) == ""
    assert [str(one.message) for one in caught if one.category is not DeprecationWarning] == []


def test_no_name_stands_twice():
    for kind in inputs.KINDS:
        names = [case.name for case in inputs.cases(kind)]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("refused", "code", "out", "err", "wrong"),
    [
        (True, 1, "", "modescope: a: wrong\n", ""),
        (True, 0, "fine\n", "", "not refused: exit code 0"),
        (True, 1, "", "modescope: a: wrong\nmore\n", "not one line"),
        (True, 1, "", "modescope: b\n", "does not say 'a': modescope: b"),
        (True, 1, "", "Traceback (most recent call last):\nmodescope: a\n", "a traceback or a warning of a library"),
        (False, 0, "a\n", "", ""),
        (False, 1, "", "modescope: a\n", "refused: modescope: a"),
        (False, 0, "a\n", "x.py:3: RuntimeWarning: divide\n", "a traceback or a warning of a library"),
    ],
)
def test_what_is_wrong_with_an_end_is_found(refused, code, out, err, wrong):
    assert fault(Case("one", lambda folder: [], "a", refused), code, out, err) == wrong


@pytest.mark.parametrize(
    ("wrong", "code", "err", "short"),
    [
        ("", 1, "modescope: a: wrong\n", "as now"),
        (
            "a traceback or a warning of a library",
            1,
            "Traceback (most\n  x\nKeyError: 'a'\n",
            "a traceback: KeyError: 'a'",
        ),
        ("not one line", 2, "usage: a\na: error: unrecognized arguments: --b c\n", "no such option: --b"),
        ("not refused: exit code -9", -9, "", "killed by SIGKILL"),
        (
            "a traceback or a warning of a library",
            0,
            "x.py:3: RuntimeWarning: a\n",
            "exit code 0 and a warning of a library",
        ),
        ("took 9.0 s and 99 MiB", 1, "modescope: a\n", "took 9.0 s and 99 MiB"),
        ("does not say 'a': modescope: b", 1, "modescope: b\n", "b"),
        ("not one line", 1, f"modescope: \x1b{'b' * 200}\n", f"?{'b' * 106}..."),
        ("not one line", 2, "usage: a\na: error: invalid choice: 'b'\n", "no such command"),
        ("not refused: exit code 0", 0, "modescope: read\n", "exit code 0, and nothing said of it"),
    ],
)
def test_an_end_is_told_in_a_few_words(wrong, code, err, short):
    assert in_short(wrong, code, err) == short


def test_the_command_measures_writes_both_tables_and_tells_what_failed(tmp_path, monkeypatch, capsys):
    def missing(folder: Path) -> list[str]:
        return ["score", "--real", "none.csv", "--fake", "none.csv"]  # needs no PyTorch

    monkeypatch.setattr(inputs, "KINDS", ["params"])
    monkeypatch.setattr(inputs, "MOST_MIB", math.inf)  # a process forked by that of all tests begins with its memory
    monkeypatch.setattr(inputs, "cases", lambda kind: [Case("right", missing, "none"), Case("a|b", missing, "other")])
    assert program.main(["inputs", "--results", str(tmp_path)]) == 1
    assert "not as they should be: 1" in capsys.readouterr().out
    table = (tmp_path / "results.csv").read_text().splitlines()
    assert table[0] == "part,what,command,outcome,seconds,ok,mib,before"
    command = "modescope score --real none.csv --fake none.csv"
    assert table[1].startswith(f"inputs,params: right,{command},modescope: none.csv: there is no such file,")
    page = (tmp_path / "results.md").read_text()
    assert "## inputs: 1 of 2 as they should be" in page
    assert "| params: a\\|b |" in page
