"""A finished copy of the pipeline that a test may change."""

from __future__ import annotations

from pathlib import Path

import pipeline_copy
import pytest
from pipeline_copy import Copy


@pytest.fixture
def changed(finished: Copy, tmp_path: Path) -> Copy:
    """A duplicate of the finished copy, with all its results."""
    return pipeline_copy.duplicate(finished, tmp_path / "changed")
