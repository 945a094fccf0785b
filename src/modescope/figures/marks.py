"""Names that know which remedy they belong to, so that every mark of a remedy can be found in a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # studies name their entries without drawing them, and matplotlib takes a second to import
    from matplotlib.artist import Artist

PREFIX = "mark:"


class Named(str):
    """A name for readers; `remedy` is the key by which its marks are found, empty for what is no remedy."""

    remedy: str
    __slots__ = ("remedy",)

    def __new__(cls, title: str, remedy: str = "") -> Named:
        named = super().__new__(cls, title)
        named.remedy = remedy
        return named


def mark(name: str, *artists: Artist, detail: str = "") -> None:
    """Let artists be marks of the remedy `name` belongs to; neighbours in the order of drawing become one mark.

    A mark says its name and `detail`, e.g. its value, where one points at it. A name without a remedy marks nothing.
    """
    remedy = getattr(name, "remedy", "")
    for artist in artists if remedy else ():
        artist.set_gid(f"{PREFIX}{remedy} {name}{f': {detail}' if detail else ''}")


def marked(gid: str) -> tuple[str, str] | None:
    """The remedy and the words of a group's id, or None if it is not that of a mark."""
    if not gid.startswith(PREFIX):
        return None
    remedy, _, words = gid.removeprefix(PREFIX).partition(" ")
    return remedy, words
