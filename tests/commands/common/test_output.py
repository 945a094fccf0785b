"""Where a command may write."""

from __future__ import annotations

from pathlib import Path

import pytest

from modescope.commands.common.output import output
from modescope.params.config import ConfigError


def test_a_link_stays_and_the_file_behind_it_is_written(tmp_path: Path) -> None:
    link, there, new = tmp_path / "link", tmp_path / "there", tmp_path / "new"
    link.symlink_to(there)
    assert output("--html", link) == there
    there.touch()
    assert output("--html", link) == there
    assert output("--html", new) == new


@pytest.mark.parametrize(
    ("path", "found"), [("/dev", "a folder"), ("/dev/null", "neither a file nor a folder"), ("", "a folder")]
)
def test_what_would_be_lost_is_refused(path: str, found: str) -> None:
    with pytest.raises(ConfigError, match=rf"--output {Path(path)}: {found}; name a file"):
        output("--output", Path(path))
