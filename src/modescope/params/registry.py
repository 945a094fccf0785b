"""Finds datasets, variants, samplers, metric families and studies by name: one file or folder each."""

from __future__ import annotations

import importlib
import importlib.util
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
    whole = f"modescope.{package}"
    if whole in sys.modules:
        path = sys.modules[whole].__path__
    else:  # to list what there is, a package need not be imported: that of the variants takes PyTorch with it
        spec = importlib.util.find_spec(whole)
        path = [] if spec is None else spec.submodule_search_locations or []
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
