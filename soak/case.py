"""What is tried, and what came out."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FEW = 110  # letters of a few words


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
    before: str = ""  # the outcome with other code, in a few words, where that was asked for


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


def in_short(wrong: str, code: int, err: str) -> str:
    """How a case ended, in a few words; `wrong` says what is wrong with that, and is empty if nothing is."""
    last = err.strip().splitlines()[-1].removeprefix("modescope: ") if err.strip() else ""
    if not wrong:
        return "as now"
    if "Traceback" in err:
        found = f"a traceback: {last}"
    elif "unrecognized arguments" in err:
        found = f"no such option: {last.split('unrecognized arguments: ')[-1].split()[0]}"
    elif "invalid choice" in err:
        found = "no such command"
    elif code < 0:
        found = f"killed by {signal.Signals(-code).name}"
    elif "Warning" in err:
        found = f"exit code {code} and a warning of a library"
    elif wrong.startswith("took "):
        found = wrong
    else:
        found = last if code and last else f"exit code {code}, and nothing said of it"
    found = "".join(letter if letter.isprintable() else "?" for letter in found)
    return found if len(found) <= FEW else f"{found[: FEW - 3]}..."
