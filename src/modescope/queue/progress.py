"""How far the queue of trainings is: a bar in a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

from tqdm import tqdm

LINE_EVERY_S = 20.0


class Progress:
    """Shown on stderr: experiments done, model-steps a second, time left by the arithmetic that is left.

    A step of one variant costs a hundred times that of another, so the bar counts multiply-adds.
    """

    def __init__(self, experiments: int, work: int) -> None:
        self._experiments, self._begun = experiments, time.monotonic()
        self._line_at = self._begun
        self._terminal = sys.stderr.isatty()
        self._resumed: int | None = None
        self._bar: Any = tqdm(
            total=max(1, work),
            desc="trainings",
            file=sys.stderr,
            disable=not self._terminal,
            mininterval=0.5,
            smoothing=0.02,
            bar_format="{desc}: {percentage:3.0f}%|{bar}| {postfix} [{elapsed}, {remaining} left]",
        )

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bar.close()

    def show(self, experiments: int, work: int, steps: int, workers: int) -> None:
        """What is done by now: experiments, multiply-adds and model-steps; and how many workers there are."""
        if self._resumed is None:
            self._resumed = steps
        now = time.monotonic()
        speed = (steps - self._resumed) / max(now - self._begun, 1e-9)
        said = f"experiments {experiments} of {self._experiments}, {speed:,.0f} model-steps/s, workers {workers}"
        if self._terminal:
            self._bar.set_postfix_str(said, refresh=False)
            self._bar.update(work - self._bar.n)
        elif now - self._line_at > LINE_EVERY_S or experiments == self._experiments:
            share = work / self._bar.total
            left = tqdm.format_interval((now - self._begun) * (1 - share) / share) if share else "?"
            print(f"trainings: {share:.0%}, {said}, {left} left", file=sys.stderr, flush=True)
            self._line_at = now
