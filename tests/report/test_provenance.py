"""Links to the code: from git's remote or from params.yaml, without names and tokens, only where the line is there."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

from modescope.report.provenance import Provenance, pattern
from modescope.studies import Figure, some
from modescope.studies.common import charts, origin

GITHUB = "https://github.com/o/r/blob/{commit}/{path}#L{line}"


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("https://github.com/o/r", GITHUB),
        ("https://github.com/o/r.git/", GITHUB),
        ("https://user:token@github.com/o/r.git", GITHUB),
        ("https://token@GitHub.com/o/r", GITHUB),
        ("git@github.com:o/r.git\n", GITHUB),
        ("ssh://git@github.com:22/o/r.git", GITHUB),
        ("git@gitlab.com:group/sub/r.git", "https://gitlab.com/group/sub/r/-/blob/{commit}/{path}#L{line}"),
        ("https://codeberg.org/o/r.git", "https://codeberg.org/o/r/src/commit/{commit}/{path}#L{line}"),
        ("git@bitbucket.org:o/r.git", "https://bitbucket.org/o/r/src/{commit}/{path}#lines-{line}"),
        ("https://github.com.example.org/o/r", ""),
        ("https://example.org/o/r.git", ""),
        ("/home/someone/r", ""),
        ("file:///home/someone/r.git", ""),
        ("https://github.com/o", ""),
        ('https://github.com/o/r"><script>', ""),
        ("", ""),
    ],
)
def test_the_address_of_a_remote_tells_where_its_files_are_shown(remote: str, expected: str) -> None:
    assert pattern(remote) == expected


def test_a_link_needs_a_commit_that_has_the_line() -> None:
    made = Provenance("0123abc", {}, "dvc repro", GITHUB)
    assert made.link("src/modescope/a.py:7") == "https://github.com/o/r/blob/0123abc/src/modescope/a.py#L7"
    assert made.link("src/modescope/a.py") == "https://github.com/o/r/blob/0123abc/src/modescope/a.py#L1"
    assert made.link("") == ""
    for revision in ("0123abc, with local changes", "unknown"):
        assert Provenance(revision, {}, "dvc repro", GITHUB).link("src/modescope/a.py:7") == ""
    assert Provenance("0123abc", {}, "dvc repro").link("src/modescope/a.py:7") == ""


def line_of(file: str, text: str) -> str:
    path = Path(__file__).resolve().parents[2] / file
    lines = path.read_text(encoding="utf-8").splitlines()
    return f"{file}:{next(i for i, line in enumerate(lines, 1) if line.startswith(text))}"


def test_a_figure_knows_the_function_that_draws_it() -> None:
    here = line_of("src/modescope/studies/common/charts.py", "def against")
    assert origin.of_function(charts.against) == here
    assert origin.of_function(functools.partial(charts.against, key="x")) == here
    assert origin.of_function(line_of) == origin.of_function(len) == ""  # code of others is not the project's

    def around() -> Iterator[object]:
        yield from some(draw)

    def draw() -> Figure:
        return Figure("x", "T", "C.", "A.", b"", code="src/modescope/own.py:3")

    generator = around()
    assert next(generator).code == "src/modescope/own.py:3"  # type: ignore[attr-defined]
    assert origin.of_generator(generator) == line_of("src/modescope/studies/__init__.py", "def some")
    assert origin.of_generator(iter([1])) == ""
