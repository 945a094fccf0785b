"""What the queue says of itself: a bar in a terminal, lines elsewhere."""

import io
import sys

import pytest

from modescope.queue import progress
from modescope.queue.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """The time, in seconds, as the test sets it."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_lines_now_and_then_where_there_is_no_terminal(clock, capsys):
    with Progress(4, 1000) as shown:
        shown.show(0, 0, 0, 2)
        clock[0] += 10
        shown.show(0, 100, 50, 2)  # too soon for a line
        clock[0] += 30
        shown.show(1, 250, 400, 2)
        clock[0] += 120
        shown.show(4, 1000, 1600, 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "trainings: 25%, experiments 1 of 4, 10 model-steps/s, workers 2, 02:00 left",
        "trainings: 100%, experiments 4 of 4, 10 model-steps/s, workers 2, 00:00 left",
    ]


def test_what_a_checkpoint_brings_counts_as_done_but_not_as_speed(clock, capsys):
    with Progress(2, 1000) as shown:
        shown.show(0, 900, 9000, 1)
        clock[0] += 50
        shown.show(1, 950, 9500, 1)
    assert capsys.readouterr().err.startswith("trainings: 95%, experiments 1 of 2, 10 model-steps/s, workers 1, ")


def test_a_bar_in_a_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Progress(3, 1000) as shown:
        shown.show(2, 500, 77, 2)
    text = terminal.getvalue()
    assert "trainings:  50%|" in text
    assert "experiments 2 of 3" in text
    assert "workers 2" in text
