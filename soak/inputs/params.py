"""params.yaml as it should not be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from soak.case import Case


def check(text: str) -> Callable[[Path], Sequence[str]]:
    """`check` of a file with this text."""

    def make(folder: Path) -> Sequence[str]:
        (folder / "params.yaml").write_text(text, encoding="utf-8")
        return ["check", "params.yaml"]

    return make


CASES = [
    Case("an unknown key", check("effrot: 1.0\n"), "effrot: unknown key"),
]
