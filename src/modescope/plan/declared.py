"""What the files of the variants declare for readers, as pages of the plan, to be read without PyTorch."""

from __future__ import annotations

import inspect
from pathlib import Path

from modescope import variants
from modescope.params import registry
from modescope.store.plan import RemedyPage
from modescope.variants import Variant


def remedies() -> dict[str, RemedyPage]:
    """What every variant of the package declares for readers, by name."""
    return {name: _declared(variants.find(name)) for name in registry.names("variants")}


def _declared(variant: type[Variant]) -> RemedyPage:
    _, first = inspect.getsourcelines(variant)
    return RemedyPage(
        title=variant.title,
        idea=variant.idea,
        source=variant.source,
        link=variant.link,
        discriminator_tex=variant.discriminator_tex,
        generator_tex=variant.generator_tex,
        path=f"src/modescope/variants/{Path(inspect.getfile(variant)).name}",
        line=first,
    )
