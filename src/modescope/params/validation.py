"""What is wrong with an entry of params.yaml, in one line: where, what, what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import ValidationError

from modescope.params.config import ConfigError

T = TypeVar("T")
NO_KEYS = {
    "[key]",
    "adam",
    "rmsprop",
    "sgd",
    "mlp",
    "conv",
    "point",
    "linear",
}  # parts that pydantic adds to a place: the tag of a union, or that a key is meant


def typed(path: str, build: Callable[[], T]) -> T:
    """The result of `build`. Raises ConfigError, one line, for its validation errors."""
    try:
        return build()
    except ValidationError as error:
        raise ConfigError(line(path, error)) from None
    except (ValueError, LookupError) as error:
        raise ConfigError(f"{path}: {error}") from None


def line(path: str, error: ValidationError) -> str:
    """The first error of a validation, as `path: value: what is allowed`."""
    first = error.errors(include_url=False)[0]
    where = ".".join([path, *(_part(part) for part in first["loc"] if part not in NO_KEYS)]).strip(".")
    match first["type"]:
        case "unknown_key":
            key, allowed = _part(first["ctx"]["key"]), first["ctx"]["allowed"]
            return f"{f'{where}.{key}' if where else key}: unknown key; allowed: {allowed}"
        case "missing":
            return f"{where}: missing; it must be given"
        case "union_tag_invalid":
            allowed = first["ctx"]["expected_tags"].replace("'", "")
            return f"{where}.kind: {shown(first['ctx']['tag'])} is unknown; allowed: {allowed}"
        case "string_pattern_mismatch":
            rule = "must be small letters, digits and underscores, beginning with a letter"
        case "model_type" | "dict_type":
            rule = "must be a mapping, `key: value`"
        case _:
            rule = first["msg"].removeprefix("Value error, ")
    return f"{where}: {shown(first['input'])}: {rule}"


def _part(key: Any) -> str:
    """A key as part of a path, quoted unless it is a plain name: a line break in it must not break the message."""
    return str(key) if re.fullmatch(r"\w+(\.\w+)*", str(key)) else shown(key)


def shown(value: Any) -> str:
    """A value as Python writes it, at most 80 characters."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
