"""Tables and archives of points as people write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from soak.case import Case

FAKE = "".join(f"{i / 7},{i * i / 11}\n" for i in range(20))


def score(text: str | bytes, name: str = "real.csv", *options: str) -> Callable[[Path], Sequence[str]]:
    """`score` of a file with this content against a plain table of two columns."""

    def make(folder: Path) -> Sequence[str]:
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        (folder / "fake.csv").write_text(FAKE, encoding="utf-8")
        return ["score", "--real", name, "--fake", "fake.csv", "--metrics", "moments", "--repeats", "1", *options]

    return make


CASES = [
    Case("an empty file", score(""), "real.csv: the file is empty"),
    Case("a plain table", score(FAKE), "10 points a side", refused=False),
]
