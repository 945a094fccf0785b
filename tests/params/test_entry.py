"""Scripts end with an exit code and, for a mistake of their user, one line."""

import sys
from pathlib import Path

import pytest

from modescope.params import entry
from modescope.params.config import ConfigError, Evaluation


def raises(error):
    def main(*arguments):
        raise error

    return main


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ConfigError("effort: 0: too small"), "modescope: effort: 0: too small\n"),
        (PermissionError(13, "Permission denied", "runs/a"), "modescope: runs/a: no permission; "),
        (FileNotFoundError(2, "No such file", "plan/latent.json"), "modescope: plan/latent.json: missing; `dvc repro`"),
    ],
)
def test_a_mistake_is_one_line_on_stderr(capsys, error, line):
    assert entry.run(raises(error), ["x"], "NAME") == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(line)


def test_a_value_that_is_not_valid_is_one_line(capsys):
    assert entry.run(lambda: Evaluation.model_validate({"samples": 1}), []) == 1
    err = capsys.readouterr().err
    assert err.startswith("modescope: samples: 1: Input should be greater than or equal to 20; ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["a", "b"]])
def test_a_wrong_number_of_arguments_prints_the_usage(capsys, arguments):
    assert entry.run(raises(AssertionError("called")), arguments, "NAME") == 2
    assert capsys.readouterr().err.rstrip().endswith(" NAME")


@pytest.mark.parametrize("bug", [ZeroDivisionError(), OSError(22, "Invalid argument", "runs/a")])
def test_a_bug_is_not_hidden(bug):
    with pytest.raises(type(bug)):
        entry.run(raises(bug), [])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_output_that_cannot_be_printed_is_one_line(capsys, monkeypatch):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert entry.run(lambda: print("a short text, which waits in the buffer"), []) == 1
        monkeypatch.undo()
    err = capsys.readouterr().err
    assert err.startswith("modescope: standard output or a temporary file: too little space on the disk; ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(("result", "code"), [(None, 0), (3, 3)])
def test_the_exit_code_is_what_main_returns(result, code):
    assert entry.run(lambda: result, []) == code
