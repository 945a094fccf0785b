"""What is tried, and what came out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """One call of `python -m modescope` with odd input.

    `make` writes the files into an empty folder, from which the command is then run, and returns its arguments.
    """

    name: str
    make: Callable[[Path], Sequence[str]]
    says: str  # a part of the one line on stderr where the input is refused, else of what is printed
    refused: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    command: str
    outcome: str
    seconds: float
    ok: bool
    mib: float | None = None  # the most memory at once, where it was measured
    before: str = ""  # the outcome with other code, where that was asked for


def fault(case: Case, code: int, out: str, err: str) -> str:
    """What is wrong with how a case ended, empty if nothing is.

    Refused input ends with exit code 1 or 2 and one line on stderr; input that is read ends with 0. Neither shows a
    traceback or a warning of a library.
    """
    if "Traceback" in err or "Warning" in err:
        return "a traceback or a warning of a library"
    if case.refused and code not in (1, 2):
        return f"not refused: exit code {code}"
    if not case.refused and code != 0:
        return f"refused: {err.strip()}"
    if case.refused and not (err.startswith("modescope: ") and err.count("\n") == 1):
        return "not one line"
    if case.says not in (err if case.refused else out + err):
        return f"does not say {case.says!r}: {err.strip() or out.strip()}"
    return ""
