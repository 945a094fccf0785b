"""The parameters that differ between two revisions, by dotted key; equal changes of several entries are one row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modescope.formatting import NONE

NAMED = ("datasets", "metrics", "studies", "samplers", "classifiers", "experiments")  # sections of named entries
HERE = "present"
_ABSENT: Any = object()


@dataclass(frozen=True)
class Setting:
    """One row: a key with its value on each side; `*` in the key stands for each of `entries`."""

    key: str
    entries: list[str]
    a: str
    b: str


@dataclass(frozen=True)
class _Leaf:
    section: str  # empty outside the sections of named entries
    entry: str
    tail: str
    a: Any
    b: Any


def differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[list[Setting], list[Setting]]:
    """(settings that differ, settings that are equal), keys in the order of B, then those only in A.

    Values are compared as parsed: 1 and 1.0 are equal, true and 1 are not. An entry that one side lacks
    is one row, not one row per setting.
    """
    leaves = list(_leaves(a, b))
    changed = [leaf for leaf in leaves if not _same(leaf.a, leaf.b)]
    return _grouped(changed), _grouped([leaf for leaf in leaves if _same(leaf.a, leaf.b)])


def _leaves(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[_Leaf]:
    for name in _keys(a, b):
        x, y = a.get(name, _ABSENT), b.get(name, _ABSENT)
        if name not in NAMED or not all(isinstance(v, Mapping) or v is _ABSENT for v in (x, y)):
            for tail, left, right in _flat(str(name), x, y):
                yield _Leaf("", "", tail, left, right)
            continue
        sections = [{} if v is _ABSENT else v for v in (x, y)]
        for entry in _keys(*sections):
            left, right = (section.get(entry, _ABSENT) for section in sections)
            if left is _ABSENT or right is _ABSENT:
                yield _Leaf(str(name), str(entry), "", *(v if v is _ABSENT else HERE for v in (left, right)))
                continue
            for tail, u, v in _flat("", left, right):
                yield _Leaf(str(name), str(entry), tail, u, v)


def _flat(prefix: str, x: Any, y: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield (dotted key, value in A, value in B) of every leaf of either side; a list is a leaf."""
    parts = [v for v in (x, y) if isinstance(v, Mapping) and v]
    if parts and all(isinstance(v, Mapping) or v is _ABSENT for v in (x, y)):
        left, right = ({} if v is _ABSENT else v for v in (x, y))
        for key in _keys(left, right):
            inner = f"{prefix}.{key}" if prefix else str(key)
            yield from _flat(inner, left.get(key, _ABSENT), right.get(key, _ABSENT))
    else:
        yield prefix, x, y


def _grouped(leaves: list[_Leaf]) -> list[Setting]:
    groups: dict[tuple[str, ...], list[_Leaf]] = {}
    for leaf in leaves:
        groups.setdefault((leaf.section, leaf.tail, _text(leaf.a), _text(leaf.b)), []).append(leaf)
    rows = []
    for (section, tail, a, b), members in groups.items():
        entries = [leaf.entry for leaf in members] if section else []
        named = [section, "*" if len(entries) > 1 else entries[0]] if section else []
        rows.append(Setting(".".join(filter(None, [*named, tail])), entries if len(entries) > 1 else [], a, b))
    return rows


def _keys(a: Mapping[Any, Any], b: Mapping[Any, Any]) -> list[Any]:
    return list(dict.fromkeys([*b, *a]))


def _same(x: Any, y: Any) -> bool:
    if x is _ABSENT or y is _ABSENT:
        return x is y
    if isinstance(x, list) and isinstance(y, list):
        return len(x) == len(y) and all(_same(u, v) for u, v in zip(x, y, strict=True))
    if isinstance(x, Mapping) and isinstance(y, Mapping):
        return x.keys() == y.keys() and all(_same(x[key], y[key]) for key in x)
    return isinstance(x, bool) == isinstance(y, bool) and bool(x == y)


def _text(value: Any) -> str:
    if value is _ABSENT:
        return NONE
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
