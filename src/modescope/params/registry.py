"""Finds datasets, variants, samplers, metric families and studies by name: one file or folder each."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")
NAME = re.compile(r"[a-z][a-z0-9_]*")
SHARED = "common"  # the folder of a package for code that several of its plug-ins share


def names(package: str) -> list[str]:
    """The files and folders of `modescope.<package>`, sorted, without `common/`, which holds what they share."""
    path = importlib.import_module(f"modescope.{package}").__path__
    return sorted(m.name for m in pkgutil.iter_modules(path) if m.name != SHARED)


def module(package: str, name: str) -> ModuleType:
    """The module `modescope.<package>.<name>`.

    Raises LookupError, with the names that exist, for a name that is not a file of the package.
    """
    path = f"modescope.{package}.{name}"
    # What is imported exists: evaluation asks for every metric at every run, and listing a folder takes longer.
    known = NAME.fullmatch(name) and name != SHARED and (path in sys.modules or name in names(package))
    if not known:
        raise LookupError(f"no {name!r} in {package}; there are: {', '.join(names(package))}")
    return importlib.import_module(path)


def find(package: str, name: str, base: type[T]) -> type[T]:
    """The one subclass of `base` that the module `modescope.<package>.<name>` defines.

    Raises LookupError for an unknown name and TypeError for a file that defines none or several.
    """
    found = module(package, name)
    classes = [
        value
        for value in vars(found).values()
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == found.__name__
    ]
    if len(classes) != 1:
        raise TypeError(f"{found.__name__} must define exactly one {base.__name__}, not {len(classes)}")
    return classes[0]
