"""Links between the pages of the report."""

from __future__ import annotations

from modescope.studies.common.entries import Entry


def card(entry: Entry) -> str:
    """The address of the card of a remedy: that of its variant, at the part about the remedy."""
    return f"remedy-{entry.variant}.html#{entry.remedy}"
