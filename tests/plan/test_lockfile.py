"""A dvc.lock that DVC did not write to its end is refused with a way out."""

from contextlib import closing

import pytest
import zc.lockfile

from modescope import __main__ as program
from modescope.params.config import ConfigError
from modescope.plan import lockfile

WHOLE = """\
schema: '2.0'
stages:
  check:
    cmd: sh stages/python.sh -m modescope check --plan plan
    outs:
    - path: plan
      hash: md5
      md5: 0123456789abcdef.dir
"""


@pytest.mark.parametrize("length", [0, 3, 13, 14, 20, 40, WHOLE.index("outs:"), WHOLE.index("md5: 01"), len(WHOLE) - 9])
def test_one_that_was_cut_short_is_refused(tmp_path, length):
    (tmp_path / "dvc.lock").write_text(WHOLE[:length])
    with pytest.raises(ConfigError, match=r"dvc\.lock: not whole.*`git checkout dvc\.lock`, or remove it"):
        lockfile.check(tmp_path)


@pytest.mark.parametrize("text", [WHOLE, "schema: '2.0'\nstages: {}\n", None])
def test_a_whole_one_or_none_is_not(tmp_path, text):
    if text is not None:
        (tmp_path / "dvc.lock").write_text(text)
    lockfile.check(tmp_path)


@pytest.mark.parametrize("text", ["", '{"write": {"plan": {"pi'])
def test_so_is_the_list_of_what_dvc_writes_now(tmp_path, text):
    (tmp_path / ".dvc" / "tmp").mkdir(parents=True)
    (tmp_path / ".dvc" / "tmp" / "rwlock").write_text(text)
    with pytest.raises(ConfigError, match=r"rwlock: not whole.*; remove it$"):
        lockfile.check(tmp_path)
    (tmp_path / ".dvc" / "tmp" / "rwlock").write_text("{}")
    lockfile.check(tmp_path)


def test_nothing_is_said_while_dvc_writes(tmp_path):
    (tmp_path / ".dvc" / "tmp").mkdir(parents=True)
    (tmp_path / "dvc.lock").write_text(WHOLE[:40])
    with closing(zc.lockfile.LockFile(str(tmp_path / ".dvc" / "tmp" / "lock"))):  # as DVC takes it
        lockfile.check(tmp_path)
    with pytest.raises(ConfigError, match="not whole"):
        lockfile.check(tmp_path)


def test_check_says_so_before_dvc_is_called(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dvc.lock").write_text(WHOLE[:40])
    (tmp_path / "params.yaml").write_text("{}\n")
    assert program.main(["check"]) == 1
    assert capsys.readouterr().err.startswith("modescope: dvc.lock: not whole")
