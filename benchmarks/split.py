"""Where DVC's time goes: `python -m benchmarks.split repro` runs that command and writes the seconds to split.json.

Timers stand around four functions, since a profiler would double the time of what it looks at.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

FILE = "split.json"


def main(arguments: list[str]) -> int:
    """DVC's exit code; seconds of: yaml (all files), locks (DVC's own, one a stage), hashing."""
    import dvc.output
    import dvc.rwlock
    from dvc.cli import main as dvc_main
    from ruamel.yaml import YAML

    seconds = dict.fromkeys(("yaml", "locks", "hashing"), 0.0)

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*positional: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*positional, **named)
            finally:
                seconds[name] += time.perf_counter() - start

        return call

    def timed_ends(name: str, manager: Callable[..., AbstractContextManager[Any]]) -> Callable[..., Any]:
        @contextmanager
        def around(*positional: Any, **named: Any) -> Iterator[Any]:
            start = time.perf_counter()
            with manager(*positional, **named) as held:
                inside = time.perf_counter()
                yield held
                left = time.perf_counter()
            seconds[name] += inside - start + time.perf_counter() - left

        return around

    YAML.load = timed("yaml", YAML.load)  # type: ignore[method-assign]
    dvc.output.build = timed("hashing", dvc.output.build)
    dvc.rwlock._edit_rwlock = timed_ends("locks", dvc.rwlock._edit_rwlock)
    code = dvc_main(arguments)
    Path(FILE).write_text(json.dumps(seconds), encoding="utf-8")
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
