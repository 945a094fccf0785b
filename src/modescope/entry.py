"""How a script ends: with its exit code, and a user's mistake in one line instead of a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from pydantic import ValidationError

from modescope.config import ConfigError
from modescope.validation import line


def run(main: Callable[..., object], arguments: Sequence[object], usage: str = "") -> int:
    """Call `main(*arguments)`; returns 0, or what it returns, or 1 after printing one line.

    `usage` names the arguments that main needs, such as "NAME"; another number of them is refused.
    """
    if usage and len(arguments) != len(usage.split()):
        print(f"modescope: usage: {sys.argv[0]} {usage}", file=sys.stderr)
        return 2
    try:
        result = main(*arguments)
    except ConfigError as error:
        print(f"modescope: {error}", file=sys.stderr)
        return 1
    except ValidationError as error:
        print(f"modescope: {line('', error)}; `python -m modescope check` says more", file=sys.stderr)
        return 1
    except FileNotFoundError as error:
        print(f"modescope: {error.filename}: missing; `dvc repro` makes it", file=sys.stderr)
        return 1
    return result if isinstance(result, int) else 0
