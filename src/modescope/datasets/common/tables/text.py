"""The text of a table: its encoding, its lines, and which of them are no rows."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from modescope.datasets.common.columns import UnfitError

MOST_BYTES = 200_000_000  # of ASCII; a letter beyond it quadruples the memory of a text, so a quarter then
MOST_LETTERS = 2_000_000  # of a line: 50,000 numbers of 40 digits
MARKS = {  # longest first: the mark of UTF-32 begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
BEGINNINGS = {  # what else people save under a wrong name
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
COMMENT = ("#", "%")
EMPTY = ' \t,;|"\n'  # a line of nothing else has no cell
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[;,\t]*\n', re.IGNORECASE)  # Excel's own first line
MOST_ABOVE = 10_000  # comments and empty lines above the first row


@dataclass(frozen=True)
class Text:
    """A table in text, from its first row to its last; lines end in LF."""

    content: str
    first: int = 1  # number of the first line in the file
    comment: str = ""  # the last comment above the rows, which may name the columns
    separator: str | None = None  # where the file itself says it
    taken: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[tuple[int, str]]:
        """The lines that are no comments, with their numbers in the file. Raises UnfitError for a line without end."""
        start, number = 0, self.first
        while start <= len(self.content):
            end = self.content.find("\n", start)
            end = len(self.content) if end < 0 else end
            if end - start > MOST_LETTERS:
                raise UnfitError(
                    f"row {number} has {end - start:,} letters, at most {MOST_LETTERS:,} are read; save an array as npy"
                )
            line = self.content[start:end]
            if not line.lstrip().startswith(COMMENT):
                yield number, line
            start, number = end + 1, number + 1


def open_text(path: Path) -> Text:
    """The text of a file. Raises UnfitError if it is none, has no rows or is too large, and OSError."""
    if (size := path.stat().st_size) <= MOST_BYTES:
        content = path.read_bytes()
        if size <= MOST_BYTES // 4 or content.isascii():
            text, taken = decoded(content)
            del content
            return parted(text, taken)
    raise UnfitError(
        f"{size / 1e6:,.0f} MB of text; at most {MOST_BYTES / 1e6:,.0f} MB of ASCII or {MOST_BYTES / 4e6:,.0f} MB of "
        "other text are read; save it with numpy.save"
    )


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
    """The rows of a text of which the lines end in LF, CR LF or CR. Raises UnfitError where there are none."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    rows_end = len(text.rstrip(EMPTY))
    if not rows_end:
        raise UnfitError("no rows of numbers")
    last = text.find("\n", rows_end)  # the end of the last line that has a cell
    text = text[: last + 1] if last >= 0 else f"{text}\n"
    said = SEPARATOR_LINE.match(text)
    start, number, comment = said.end() if said else 0, 2 if said else 1, ""
    while start < len(text):
        line = text[start : text.index("\n", start) + 1]
        if line.strip() and not line.lstrip().startswith(COMMENT):
            break
        comment = line.strip(" \t#%\n") or comment
        start, number = start + len(line), number + 1
        if number > MOST_ABOVE:
            raise UnfitError(f"no rows in the first {MOST_ABOVE:,} lines; allowed: numbers from there on")
    any_comment = comment or any(f"\n{mark}" in text for mark in COMMENT)
    text = text[start:-1]
    if not text:
        raise UnfitError("no rows of numbers")
    said_too = ["comments left out"] if any_comment else []
    return Text(text, number, comment, said[1] if said else None, [*taken, *said_too])
