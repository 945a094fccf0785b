"""What all HTML pages share: how templates are filled, colours and fonts, and lines that do not break before a %."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

COLOURS = Path(__file__).parent / "colours.css"


def environment(templates: Path, **filters: Callable[..., str]) -> Environment:
    """Jinja2 for the templates of a folder, with these filters: everything is escaped, a missing name is an error."""
    made = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= filters
    return made


def unbroken(html: str) -> str:
    """The page without line breaks between a number and its per cent sign."""
    return re.sub(r"(?<=\d) %", "\u00a0%", html)
