"""Hypothesis strategies: random points, written as a table in a random dialect."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

BLANKS = (" ", "\u00a0", "\u202f")


@dataclass(frozen=True)
class Written:
    """A table, and the points that it holds."""

    content: bytes
    points: list[list[float]]
    clear: bool  # whether nobody could read it in two ways


def number(value: float, style: str, decimal: str, thousands: str) -> str:
    """A number as text."""
    plain = repr(value) if style == "shortest" else f"{value:.0f}" if style == "whole" else f"{value:,.{style}f}"
    whole, _, rest = plain.partition(".")
    return whole.replace(",", thousands) + (decimal + rest if rest else "")


@st.composite
def tables(draw: st.DrawFn) -> Written:
    """A table of 1 to 4 columns and up to 30 rows."""
    width, style = draw(st.integers(1, 4)), draw(st.sampled_from(["shortest", "whole", "1", "2", "3"]))
    decimal = draw(st.sampled_from(".,"))
    marks = [mark for mark in ("", ",", ".", "'", *BLANKS) if mark != decimal]
    thousands = "" if style in ("shortest", "whole") else draw(st.sampled_from(marks))
    separator = draw(st.sampled_from(",;\t| "))
    size = draw(st.sampled_from([1, 100, 100_000]))
    if style == "whole":
        value = st.integers(-size, size).map(float)
    else:
        value = st.integers(-size * 1000, size * 1000).map(lambda i: i / 1000)
    rows = draw(
        st.lists(st.lists(value, min_size=width, max_size=width), min_size=1, max_size=draw(st.sampled_from([6, 30])))
    )
    cells = [[number(x, style, decimal, thousands) for x in row] for row in rows]
    points = [[float(number(x, style, ".", "")) for x in row] for row in rows]
    kinds = ["none", "names"] + ["numbers"] * (width > 1 or style != "whole")  # a 0 above whole numbers is a point
    header = draw(st.sampled_from(kinds))
    names = {"none": [], "names": ["bill", "flipper", "mass", "Größe"], "numbers": ["0", "1", "2", "3"]}[header][:width]
    if index := header != "none" and draw(st.booleans()):
        cells, names = [[str(i), *row] for i, row in enumerate(cells)], ["", *names]
    quotes = draw(st.booleans()) or (index and separator == " ")
    table = ([names] if names else []) + cells
    lines = [separator.join(f'"{cell}"' if quotes or separator in cell else cell for cell in row) for row in table]
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    encodings = ["utf-8", "utf-8-sig", "utf-16"] + ["cp1252"] * (thousands != "\u202f")
    text = "".join(f"{line}{end}" for line in (["# made by hand"] if draw(st.booleans()) else []) + lines)
    clear = header == "names" and style != "whole" and decimal == "." and thousands == ""
    return Written(text.encode(draw(st.sampled_from(encodings))), points, clear)
