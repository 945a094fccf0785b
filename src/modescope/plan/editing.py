"""Changes one value in the text of params.yaml: anchors, comments and the layout stay, and no other entry changes.

DVC's `--set-param` reads the file, changes the value and writes all of it anew. A mapping that several entries share by
an alias is one object then, so a change of one entry is a change of all, or is undone by the next one that has the old
value; and what entries inherit by `<<` is written out in each of them.
"""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node

from modescope.params.config import ConfigError
from modescope.params.reading import parsed
from modescope.params.validation import shown

Path = tuple[str, ...]
MERGE = "<<"
VERBATIM = re.compile(r"[\w.+-]+|[\[{][^#&*\n]*[\]}]")  # what is written as it was given: 1e-3 stays 1e-3
ALIAS = re.compile(r"\s*:\s*(\*[^\s,\]}]+)")  # after a key
HEAD = re.compile(r"\s*:([ \t]*&[^\s,\]}]+)?")  # after a key: to the value, or behind its anchor
MOST_HEIRS = 200  # entries that get the old value for themselves


@dataclass(frozen=True)
class Edited:
    """The new text, and the places that got the old value, since they would have got the new one too."""

    text: str
    kept: list[Path]


def assign(text: str, key: str, value: str, label: str) -> Edited:
    """The text with the value, a piece of YAML, at the dotted key; every other value of the file is as before.

    Raises ConfigError, one line, for a key that cannot be, and where the text would have to be written anew.
    """
    before = _unshared(parsed(text, label))
    new = parsed(value, f"{label}: {key}") if value.strip() else None
    path = _path(before, key)
    wanted = copy.deepcopy(before)
    _put(wanted, path, new, key)
    written = value.strip() if VERBATIM.fullmatch(value.strip()) else flow(new)
    kept: list[Path] = []
    text = _write(text, path, wanted, written, label)
    while wrong := next(_different(wanted, _again(text, key, label)), None):
        kept.append(wrong)
        if len(kept) > MOST_HEIRS or wrong[: len(path)] == path or not wrong:
            raise ConfigError(f"{key}: {label} cannot be changed there and nowhere else; edit it by hand")
        text = _write(text, wrong, wanted, flow(_get(wanted, wrong)), label)
    return Edited(text, kept)


def _again(text: str, key: str, label: str) -> Any:
    """What the changed text says."""
    try:
        return parsed(text, label)
    except ConfigError:
        raise ConfigError(f"{key}: the text of {label} cannot be changed there; edit it by hand") from None


def flow(value: Any) -> str:
    """A plain value as YAML on one line."""
    match value:
        case Mapping():
            return f"{{{', '.join(f'{_key(key)}: {flow(item)}' for key, item in value.items())}}}"
        case list() | tuple():
            return f"[{', '.join(map(flow, value))}]"
        case float() if not math.isfinite(value):
            return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
        case date():
            return value.isoformat()
        case str():
            return _key(value)
        case _:
            return json.dumps(value)


def _key(text: Any) -> str:
    """A string without quotes where YAML reads the same from it."""
    plain = re.fullmatch(r"[A-Za-z_][\w.-]*( [\w.-]+)*", str(text)) and parsed(str(text), "") == text
    if plain:
        return str(text)
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in quoted)


def _unshared(value: Any) -> Any:
    """A copy in which nothing is one object with something else."""
    if isinstance(value, Mapping):
        return {key: _unshared(item) for key, item in value.items()}
    return [_unshared(item) for item in value] if isinstance(value, list) else value


def _path(content: Any, key: str) -> Path:
    """The parts of a dotted key; a swept key such as `hyperparameters.clip` has dots itself."""
    parts, found, place = key.split("."), [], content
    while parts:
        known = [n for n in range(len(parts), 0, -1) if isinstance(place, Mapping) and ".".join(parts[:n]) in place]
        n = known[0] if known else 1
        found.append(".".join(parts[:n]))
        place, parts = place.get(found[-1]) if isinstance(place, Mapping) else None, parts[n:]
    return tuple(found)


def _get(content: Any, path: Path) -> Any:
    for part in path:
        content = content[part]
    return content


def _put(content: Any, path: Path, value: Any, key: str) -> None:
    for place, part in enumerate(path[:-1]):
        if content.get(part) is None:
            content[part] = {}
        content = content[part]
        if not isinstance(content, dict):
            where = ".".join(path[: place + 1])
            raise ConfigError(f"{key}: {where} is {shown(content)}, no mapping; set {where} as a whole")
    content[path[-1]] = value


def _different(one: Any, other: Any, at: Path = ()) -> Iterator[Path]:
    """The outermost places at which two contents differ."""
    if isinstance(one, Mapping) and isinstance(other, Mapping) and set(one) == set(other):
        for key in one:
            yield from _different(one[key], other[key], (*at, key))
    elif repr(one) != repr(other):  # 1, 1.0 and true are equal in Python
        yield at


def _write(text: str, path: Path, wanted: Any, value: str, label: str) -> str:
    """The text with the value at the path, written into the innermost mapping that is the path's own."""
    place: Node | None = YAML(typ="safe", pure=True).compose(text)
    for depth, part in enumerate(path):
        last = depth == len(path) - 1
        if not isinstance(place, MappingNode):
            raise ConfigError(f"{label}: {'.'.join(path[:depth])} is no mapping; edit it by hand")
        whole = value if last else flow(_get(wanted, path[: depth + 1]))
        found = next(((key, node) for key, node in place.value if key.value == part and key.value != MERGE), None)
        if found is None:
            return _insert(text, place, f"{_key(part)}: {whole}")
        key, node = found
        alias = ALIAS.match(text, key.end_mark.index)
        if alias:
            return text[: alias.start(1)] + whole + text[alias.end(1) :]
        if last or not isinstance(node, MappingNode):
            head = HEAD.match(text, key.end_mark.index)
            start = head.end() if head else key.end_mark.index
            between = text[start : max(start, node.start_mark.index)]
            if "\n" in between:  # a mapping in lines; a comment may stand behind its name
                return f"{text[:start]} {whole}{between.rstrip()}{text[_end(text, node) :]}"
            return f"{text[:start]}{between or ' '}{whole}{text[_end(text, node) :]}"
        place = node
    raise AssertionError("a path has at least one part")


def _insert(text: str, mapping: MappingNode, item: str) -> str:
    """The text with an item more in the mapping: below its merges where it is in lines, else at its end."""
    if mapping.flow_style:
        end = mapping.end_mark.index - 1
        head = text[:end].rstrip()
        return f"{head}{'' if head[-1] in '{,' else ','}{'' if head[-1] == '{' else ' '}{item}{text[end:]}"
    first, value = mapping.value[0]
    indent = " " * first.start_mark.column
    line_end = text.find("\n", first.end_mark.index)
    if first.value == MERGE and isinstance(value, MappingNode) and line_end > 0:
        return f"{text[:line_end]}\n{indent}{item}{text[line_end:]}"
    return f"{text[: first.start_mark.index]}{item}\n{indent}{text[first.start_mark.index :]}"


def _end(text: str, node: Node) -> int:
    """Where the text of a node ends: for one in lines, where its last part does, before comments that follow it."""
    if not isinstance(node, CollectionNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    if isinstance(node, MappingNode):
        key, last = node.value[-1]
        alias = ALIAS.match(text, key.end_mark.index)  # the node of an alias lies elsewhere
        return alias.end(1) if alias else _end(text, last)
    return _end(text, node.value[-1])
