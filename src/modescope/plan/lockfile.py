"""dvc.lock may be cut short: DVC rewrites it in place after every stage, so a DVC that is killed may leave a part."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from modescope.params.config import ConfigError

KILLED = "not whole, as after DVC was killed while it wrote it"


def check(root: Path) -> None:
    """Raises ConfigError where a file of DVC in this project is not whole, which DVC would report without a way out."""
    mend = "`git checkout dvc.lock`, or remove it: what is finished is then taken from DVC's cache"
    _check(root, root / "dvc.lock", _is_lock, mend)
    _check(root, root / ".dvc" / "tmp" / "rwlock", _is_json, "remove it")


def _check(root: Path, file: Path, whole: Callable[[str], bool], mend: str) -> None:
    for _ in range(2):  # a DVC that was about to end has written it by the second look
        if not file.is_file() or whole(file.read_text(encoding="utf-8", errors="replace")) or _at_work(root):
            return
    raise ConfigError(f"{file}: {KILLED}; {mend}")


def _is_lock(text: str) -> bool:
    try:
        content = YAML(typ="safe").load(text)  # by libyaml, as the file has 10,000 lines
    except YAMLError:
        return False
    return isinstance(content, dict) and {"schema", "stages"} <= content.keys() and text.endswith("\n")


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _at_work(root: Path) -> bool:
    """Whether a DVC has the lock under which it writes these files."""
    try:
        import fcntl

        with (root / ".dvc" / "tmp" / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (ImportError, OSError):  # no such locks here, or DVC has never run
        return False
    return False
