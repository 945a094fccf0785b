"""A run as a classic script: pages that are opened from a folder may load scripts, but not fetch data.

The script calls `modescopeRun(name, content)`, which the page defines before it loads one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

CALL = "modescopeRun"
INDEX, FOLDER = "explorer.json", "explorer"  # in media/<study>/


def write(name: str, content: Mapping[str, Any]) -> bytes:
    """The script of `content`, which is JSON; NaN and infinities are refused (ValueError)."""
    arguments = json.dumps([name, content], separators=(",", ":"), allow_nan=False)[1:-1]
    # Nothing in a string can then end a script element or hide its end, should a page hold the file itself.
    escaped = arguments.replace("<", "\\u003c")
    return f"{CALL}({escaped});\n".encode()


def read(script: bytes) -> tuple[str, dict[str, Any]]:
    """(name, content) of a script of `write`. Raises ValueError for any other text."""
    text = script.decode().strip()
    if not (text.startswith(f"{CALL}(") and text.endswith(");")):
        raise ValueError(f"not a call of {CALL}: {text[:40]!r}")
    name, content = json.loads(f"[{text[len(CALL) + 1 : -2]}]")
    return str(name), dict(content)
