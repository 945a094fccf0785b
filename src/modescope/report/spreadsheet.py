"""Tables as CSV text that a spreadsheet shows as it stands: no cell of text becomes a formula.

A name may be anything, and a spreadsheet runs what begins like a formula. Such a cell gets an apostrophe before it, as
OWASP recommends ("CSV Injection", https://owasp.org/www-community/attacks/CSV_Injection). Numbers stay as they are,
also those that are part of a text.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

BEGINS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # the wide ones are typed on East Asian keyboards


def csv(frame: pd.DataFrame) -> str:
    """Comma-separated text with a header and no index."""
    shown = frame.rename(columns=harmless)
    for place, (_, column) in enumerate(frame.items()):
        if not pd.api.types.is_numeric_dtype(column):
            shown.isetitem(place, column.map(harmless).array)
    return str(shown.to_csv(index=False, lineterminator="\n"))


def harmless(cell: Any) -> Any:
    """A text that no spreadsheet takes for a formula; anything else as it is."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(BEGINS) and not _numbers(cell) else cell


def _numbers(cell: str) -> bool:
    """Whether a text is numbers and nothing else, such as `-0.5` or `-2, 2`."""
    try:
        return bool([float(part) for part in cell.split(",")])
    except ValueError:
        return False
