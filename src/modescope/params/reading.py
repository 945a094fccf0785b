"""Reading params.yaml: whatever the file is, it costs about two seconds at most, and a mistake in it is one line."""

from __future__ import annotations

import re
import stat
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from modescope.params.config import ConfigError, Params

# A file at these limits takes about two seconds. params.yaml itself has 33,000 bytes and 3,300 marks; a list of 10,000
# mode centres in the plane, the longest that a dataset may have, has 400,000 and 30,000.
BYTES = 512 << 10
MARKS, MOST_MARKS = "[{,:&*?\n", 50_000
DEPTH = 40  # mappings and lists in one another; params.yaml itself has 7
VALUES = 200_000  # with what aliases repeat; params.yaml itself has about 10,000
DIGITS = 18  # of a whole number: NumPy and PyTorch count in 64 bits
LONGEST = 200  # characters of a message that quotes the file
CORE = "tag:yaml.org,2002:"
PLAIN = {f"{CORE}{name}" for name in ("null", "bool", "int", "float", "str", "timestamp", "seq", "map", "merge")}


def read(path: Path) -> dict[str, Any]:
    """The YAML 1.2 mapping in `path` as plain Python (PyYAML would read 5e-3 as a string).

    Raises ConfigError, one line, when the file is missing, is not YAML, is not a mapping, or is made to take the
    memory of its reader: aliases of aliases, deep nesting, tags that ask for objects.
    """
    text = _text(path)
    if (marks := sum(map(text.count, MARKS))) > MOST_MARKS:
        raise ConfigError(f"{path}: has {marks:,} commas, colons, brackets and lines together; allowed: {MOST_MARKS:,}")
    content = parsed(text, str(path))
    if not isinstance(content, Mapping):
        raise ConfigError(f"{path}: must be a mapping with the keys {', '.join(Params.model_fields)}")
    return dict(content)


def parsed(text: str, label: str) -> Any:
    """The value of a YAML text, in which aliases share one object. Raises ConfigError as `read`, with the label."""
    loader = YAML(typ="safe", pure=True)
    try:
        # ruamel.yaml warns of an anchor that is given twice; below it is an error.
        with warnings.catch_warnings(action="error"):
            root = loader.compose(text)
            if root is None:
                return None
            _check(root, label)
            return loader.constructor.construct_document(root)
    except ConfigError:
        raise
    except (Warning, YAMLError, ValueError, LookupError, ArithmeticError, AssertionError) as error:
        raise ConfigError(f"{label}: not valid YAML{_place(error)}: {_problem(error)}") from None
    except RecursionError:
        raise ConfigError(f"{label}: nested too deeply; allowed: {DEPTH} mappings and lists in one another") from None


def _text(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        content = b""
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode):  # a folder has its own error
            with path.open("rb") as file:
                content = file.read(BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError:  # a NUL byte in the name
        raise ConfigError(f"{str(path)!r}: no file can have this name") from None
    if not stat.S_ISREG(mode):
        raise ConfigError(f"{path}: is a device or a pipe; name a file")
    if len(content) > BYTES:
        raise ConfigError(f"{path}: has more than {BYTES:,} bytes, the largest file that is read")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError(
            f"{path}: not UTF-8, line {line}: byte 0x{content[error.start]:02x}; save the file as UTF-8"
        ) from None


def _check(root: Node, label: str) -> None:
    """Raises ConfigError for what is YAML, but no parameters: see `read`."""
    values: dict[int, int] = {}  # of each node that is done, with all that is below it
    open_: set[int] = set()

    def count(node: Node, depth: int) -> int:
        place = f"{label}: line {node.start_mark.line + 1}"
        if id(node) in values:
            return values[id(node)]
        if node.tag not in PLAIN:
            tag = str(node.tag).replace(CORE, "!!")
            raise ConfigError(f"{place}: the tag {tag!r}: allowed are plain values, lists and mappings, without tags")
        if id(node) in open_:
            raise ConfigError(f"{place}: the anchor {node.anchor!r} contains itself")
        if depth > DEPTH:
            raise ConfigError(f"{place}: nested too deeply; allowed: {DEPTH} mappings and lists in one another")
        open_.add(id(node))
        total = 1 + sum(count(child, depth + 1) for child in _children(node))
        open_.remove(id(node))
        if total > VALUES:
            raise ConfigError(f"{place}: stands for {total:,} values by its aliases; allowed: {VALUES:,}")
        if node.tag == f"{CORE}int" and len(str(node.value)) > DIGITS:
            raise ConfigError(f"{place}: a whole number of more than {DIGITS} digits")
        values[id(node)] = total
        return total

    count(root, 1)


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, SequenceNode):
        yield from node.value


def _place(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return f", line {mark.line + 1}"
    lines = re.findall(r"line (\d+)", str(error)) if isinstance(error, Warning) else []  # of both occurrences
    return f", line {lines[-1]}" if lines else ""


def _problem(error: Exception) -> str:
    """The words of ruamel.yaml without its hints for programmers."""
    if isinstance(error, Warning):
        return f"{' '.join(str(error).split('first occurrence')[0].split())}; every anchor needs a name of its own"
    if isinstance(error, LookupError | ArithmeticError | AssertionError):  # of the code that makes a value of its text
        return "a value that does not fit its tag"
    words = " ".join(str(getattr(error, "problem", None) or error).split())
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}..."
