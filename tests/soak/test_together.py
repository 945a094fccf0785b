"""`make soak` on two at once, at a small scale: the pair that needs no project."""

from __future__ import annotations

from soak import together


def test_two_setups_take_turns(tmp_path):
    row = together.setups(tmp_path / "setups")
    assert row.ok, row.outcome
    assert row.outcome == "one after the other, installed once"
