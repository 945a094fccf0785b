"""modescope: which modes does a GAN lose, and what fixes it?

`modescope.score(real, fake)` scores generated points against real ones: see `help(modescope.score)`.
"""

from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Find `score` when it is first asked for, so that importing the package costs nothing."""
    if name == "score":
        import importlib

        return importlib.import_module("modescope.scoring.api").score
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
