"""How a script ends: with its exit code, and a user's mistake or Ctrl-C in one line instead of a traceback."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from pydantic import ValidationError

import modescope
from modescope.lifecycle import stopping, turn
from modescope.params import faults
from modescope.params.config import ConfigError
from modescope.params.validation import line


class Parser(argparse.ArgumentParser):
    """Options of a command; a wrong one is a mistake in one line, as in params.yaml, and not a page of usage."""

    def error(self, message: str) -> NoReturn:
        """Raises ConfigError."""
        command = self.prog.split()[-1]
        raise ConfigError(f"{command}: {' '.join(message.split())}; `python -m modescope {command} --help` says more")


def run(main: Callable[..., object], arguments: Sequence[object], usage: str = "") -> int:
    """Call `main(*arguments)`; returns 0, or what it returns, or 1 after printing one line.

    `usage` names the arguments that main needs, such as "NAME"; another number of them is refused.
    """
    if usage and len(arguments) != len(usage.split()):
        print(f"modescope: usage: {sys.argv[0]} {usage}", file=sys.stderr)
        return 2
    try:
        with stopping.raised():
            _refuse_foreign_code()
            result = main(*arguments)
            print(end="", flush=True)  # here, where what goes wrong with it is caught
    except stopping.Stopped as stopped:
        return stopping.say(stopped)
    except ConfigError as error:
        print(f"modescope: {error}", file=sys.stderr)
        return 1
    except ValidationError as error:
        print(f"modescope: {line('', error)}; `python -m modescope check` says more", file=sys.stderr)
        return 1
    except FileNotFoundError as error:
        # Python names the file only where the system call had it; a library may say it in words, or not at all.
        what = error.filename if error.filename is not None else " ".join(str(error).split()) or "a file"
        print(f"modescope: {what}: missing; `dvc repro` makes it", file=sys.stderr)
        return 1
    except OSError as error:
        found = faults.line(error)
        if found is None:
            raise
        _drop_what_cannot_be_printed()
        print(f"modescope: {found}", file=sys.stderr)
        return 1
    return result if isinstance(result, int) else 0


def stage(main: Callable[..., object], arguments: Sequence[object], usage: str = "") -> int:
    """As `run`, for a stage of the pipeline: no other writes into the project at the same time."""

    def alone(*arguments: object) -> object:
        with turn.taken(Path()):
            return main(*arguments)

    return run(alone, arguments, usage)


def _drop_what_cannot_be_printed() -> None:
    """Python would try again to print it when it ends, and complain at length."""
    try:
        print(end="", flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse_foreign_code() -> None:
    """Raises ConfigError in a checkout whose code is not the one that runs: results would name the wrong revision."""
    own, running = Path("src/modescope").resolve(), Path(str(modescope.__file__)).resolve().parent
    if own.is_dir() and own != running:
        raise ConfigError(
            f"{running}: the code of another checkout; set PYTHONPATH=src, or run `make setup` here and use its .venv"
        )
