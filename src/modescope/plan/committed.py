"""params.yaml against the commit: whether DVC's `--set-param` has written it anew, and what came of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node

from modescope.params.config import ConfigError
from modescope.params.reading import parsed

BASELINE = "DVC_EXP_BASELINE_REV"  # set by DVC in the stages of an experiment: the commit that it starts from
SHOWN = 4


def rewritten(file: Path) -> str | None:
    """A line about a file that was written anew since the commit, as DVC does it; None for any other.

    The sign of it: every value that an entry inherited by `<<` at the commit is written out in it now. The line says
    which values differ, since an override may have changed more than what it named, or nothing.
    """
    now = file.read_text(encoding="utf-8-sig")
    then = _committed(file)
    if then is None or then == now:
        return None
    try:
        before, after = parsed(then, "HEAD"), parsed(now, str(file))
    except ConfigError:
        return None
    earlier, still = dict(_inherited(_graph(then))), dict(_inherited(_graph(now)))
    taken = {(*path, key) for path, keys in earlier.items() for key in keys}
    values = {path for path in taken if not isinstance(_get(before, path), Mapping)}  # of a mapping only its parts are
    if not values or any(path[-1] in still.get(path[:2], set()) for path in values):
        return None
    changed = [".".join(path) for path in _changes(before, after)]
    more = f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
    found = f"these values differ: {', '.join(changed[:SHOWN])}{more}" if changed else "no value differs"
    return (
        f"{file}: written anew since the commit, as `dvc exp run --set-param` does: entries now have for "
        "themselves what they inherited by <<, and a value that entries share by an alias changed in all of them or in "
        f"none; {found}. `git checkout {file.name}`, then `python -m modescope set KEY=VALUE`, changes one entry alone"
    )


def _committed(file: Path) -> str | None:
    """The text of the file at the commit, or None where git has none."""
    revision = os.environ.get(BASELINE) or "HEAD"
    command = ["git", "-C", str(file.parent), "show", f"{revision}:./{file.name}"]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
        return done.stdout.decode("utf-8-sig") if done.returncode == 0 else None
    except (OSError, UnicodeDecodeError):
        return None


def _graph(text: str) -> Node:
    node: Node = YAML(typ="safe", pure=True).compose(text)
    return node


def _inherited(root: Node) -> Iterator[tuple[tuple[str, str], set[str]]]:
    """For each entry of a section that merges others by `<<`: the keys that it has from them alone."""
    for section, entries in _items(root):
        for name, entry in _items(entries):
            merged = [node for key, node in entry.value if key.value == "<<"] if isinstance(entry, MappingNode) else []
            if merged:
                yield (section, name), _keys(entry) - {key for key, _ in _items(entry)}


def _items(node: Node) -> Iterator[tuple[str, Node]]:
    """The keys that a mapping has for itself, with their nodes."""
    if isinstance(node, MappingNode):
        yield from ((str(key.value), value) for key, value in node.value if key.value != "<<")


def _keys(node: Node) -> set[str]:
    """All keys of a mapping, with those that it merges."""
    if not isinstance(node, MappingNode):
        return set().union(*map(_keys, node.value)) if isinstance(node.value, list) else set()
    merged = [value for key, value in node.value if key.value == "<<"]
    return {key for key, _ in _items(node)}.union(*map(_keys, merged))


def _get(content: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        content = content.get(part) if isinstance(content, Mapping) else None
    return content


def _changes(before: Any, after: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The innermost places at which two contents differ."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted(map(str, {*before, *after})):
            yield from _changes(before.get(key), after.get(key), (*at, key))
    elif before != after:
        yield at
