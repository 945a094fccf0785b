"""The text of a table: its encoding, its lines, and which of them are no rows."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from modescope.datasets.common.columns import UnfitError

MOST_BYTES = 200_000_000  # text is kept in memory about four times, as bytes, text, lines and numbers
MARKS = {  # longest first: the mark of UTF-32 begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
BEGINNINGS = {  # what else people save under a wrong name
    b"version https://git-lfs": "a Git LFS pointer instead of the file; `git lfs pull` fetches it",
    b"PK\x03\x04": "a zip archive, such as an Excel file; save it as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel file; save it as CSV",
    b"\x1f\x8b": "compressed by gzip; unpack it",
    b"\x93NUMPY": "an npy file; name it .npy",
    b"PAR1": "a Parquet file; name it .parquet",
    b"\x89HDF": "an HDF5 file; save it as CSV or npy",
    b"<": "a web page or XML; download the table itself",
    b"{": "JSON; save it as CSV",
    b"[": "JSON; save it as CSV",
}
EMPTY = ' \t,;|"'  # a line of nothing else has no cell
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[;,\t]*', re.IGNORECASE)  # Excel's own first line


@dataclass(frozen=True)
class Text:
    """Lines of a table, without comments and without empty lines at either end."""

    lines: Sequence[str]
    numbers: Sequence[int]  # of the lines in the file, from 1
    comment: str = ""  # the last comment above the rows, which may name the columns
    separator: str | None = None  # where the file itself says it
    taken: list[str] = field(default_factory=list)


def open_text(path: Path) -> Text:
    """The text of a file. Raises UnfitError if it is none, has no rows or is too large, and OSError."""
    if (size := path.stat().st_size) > MOST_BYTES:
        raise UnfitError(f"{size / 1e6:,.0f} MB of text; at most {MOST_BYTES / 1e6:,.0f} MB are read; save it as npy")
    return parted(*decoded(path.read_bytes()))


def decoded(content: bytes) -> tuple[str, list[str]]:
    """The text, and its encoding unless that is UTF-8. Raises UnfitError for bytes that are no text."""
    kind = next((kind for start, kind in BEGINNINGS.items() if content.startswith(start)), None)
    if kind is not None:
        raise UnfitError(kind)
    encoding = next((encoding for mark, encoding in MARKS.items() if content.startswith(mark)), "utf-8")
    if encoding in ("utf-8", "utf-8-sig") and (at := content.find(b"\0")) >= 0:
        raise UnfitError(f"a zero at byte {at}: no text, or UTF-16 without its mark; save it as UTF-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise UnfitError(f"damaged {encoding.upper()} text at byte {error.start}; save it as UTF-8") from None
        # Encodings of one byte a letter agree on the digits; only names may come out wrong.
        return content.decode("cp1252", errors="replace"), [
            f"read as Windows-1252, since byte {error.start} is no UTF-8"
        ]
    if "\0" in text:
        raise UnfitError("zeros between the letters: no text; save it as UTF-8")
    said = {"utf-8": [], "utf-8-sig": ["UTF-8 with a mark"]}.get(encoding, [f"{encoding.upper()}"])
    return text, said


def parted(text: str, taken: Sequence[str] = ()) -> Text:
    """The lines of a text; they end in LF, CR LF or CR. Raises UnfitError where none is left."""
    lines: Sequence[str] = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first, last = 0, len(lines)
    while last > 0 and not lines[last - 1].strip(EMPTY):
        last -= 1
    while first < last and not lines[first].strip():
        first += 1
    separator = None
    if first < last and (said := SEPARATOR_LINE.fullmatch(lines[first])):
        separator, first = said[1], first + 1
    lines, comment, taken = lines[first:last], "", list(taken)
    numbers: Sequence[int] = range(first + 1, last + 1)
    if "#" in text or "%" in text:
        kept = [i for i, line in enumerate(lines) if not line.lstrip().startswith(("#", "%"))]
        if left_out := len(lines) - len(kept):
            taken.append(f"{left_out:,} comment {'line' if left_out == 1 else 'lines'} left out")
            above = kept[0] if kept else 0
            comment = lines[above - 1].lstrip(" \t#%") if above else ""
            kept = [i for n, i in enumerate(kept) if n or lines[i].strip()]
            lines, numbers = [lines[i] for i in kept], [numbers[i] for i in kept]
    if not lines:
        raise UnfitError("no rows of numbers")
    return Text(lines, numbers, comment, separator, taken)
