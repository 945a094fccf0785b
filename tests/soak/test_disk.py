"""Disks that are full, at a small scale: one command in a copy of the project, and how an end is judged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pipeline_copy
import pytest
from pipeline_copy import Copy

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from soak import disk, mounts
from soak.disk import Point

LINE = "modescope: digests/a.json: too little space on the disk"


def test_a_folder_in_the_way_is_named_and_without_it_the_same_bytes_are_made(finished: Copy, tmp_path: Path) -> None:
    copy = pipeline_copy.duplicate(finished, tmp_path / "copy")
    row = disk.tried(Point("in the way", *disk.DIGEST, room=None, folder_at="training_code.json"), copy, finished)
    assert row.ok, row.outcome
    assert row.outcome.startswith("modescope: digests/training_code.json: a folder, where a file belongs; move it away")
    assert row.outcome.endswith("; then the same bytes")


def test_a_full_and_a_protected_disk(finished: Copy, tmp_path: Path) -> None:
    if reason := mounts.allowed():
        pytest.skip(reason)
    copy = pipeline_copy.duplicate(finished, tmp_path / "copy")
    for room, says in ((4_096, "4.1 kB free in PROJECT/digests; make room"), (0, "the file system is read-only")):
        row = disk.tried(Point("small", *disk.DIGEST, room=room), copy, finished)
        assert row.ok, row.outcome
        assert says in row.outcome


def test_where_nothing_may_be_mounted_the_reason_is_the_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mounts, "allowed", lambda: "not root")
    (row,) = disk.rows()
    assert (row.ok, row.outcome) == (True, "skipped: not root")


@pytest.mark.parametrize(
    ("code", "err", "wrong"),
    [
        (1, f"a bar: 3%\n{LINE}\n", ""),
        (0, f"{LINE}\n", "exit code 0, 1 lines"),
        (1, "", "exit code 1, 0 lines"),
        (1, f"{LINE}\n{LINE}\n", "exit code 1, 2 lines"),
        (1, "modescope: runs/a: too little space on the disk\n", "names no file below digests"),
        (1, f"Traceback (most recent call last):\nOSError: x\n{LINE}", "a traceback"),
    ],
)
def test_how_an_end_is_judged(code: int, err: str, wrong: str) -> None:
    found = list(disk.bad_end(subprocess.CompletedProcess([], code, "", err), "digests"))
    assert (found == []) == (wrong == "")
    assert any(wrong in one for one in found) or not wrong


def test_what_differs_is_found(tmp_path: Path) -> None:
    for name, files in {"found": {"a": "1", "b": "2", ".c.part": ""}, "wanted": {"a": "1", "b": "3", "d": ""}}.items():
        (tmp_path / name).mkdir()
        for file, text in files.items():
            (tmp_path / name / file).write_text(text)
    found, wanted = tmp_path / "found", tmp_path / "wanted"
    assert list(disk.unlike(found, wanted)) == [
        "found/.c.part is left over",
        "found/d is missing",
        "found/b differs",
    ]
    assert list(disk.unlike(wanted, wanted)) == []
    assert disk.parts(tmp_path) == ["found/.c.part is left over"]
    assert disk.parts(wanted) == []
