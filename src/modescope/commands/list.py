"""`python -m modescope list`: every dataset, variant, metric, sampler and study that params.yaml can name."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from modescope.datasets import Distribution
from modescope.metrics import Metric
from modescope.params import registry
from modescope.params.entry import Parser
from modescope.samplers import Sampler
from modescope.studies import Study

WIDTH = 118


def main(arguments: Sequence[str]) -> int:
    """Print one section, or the names of all."""
    parser = Parser(prog="modescope list", description="What there is, from the files that define it.")
    parser.add_argument("section", nargs="?", choices=SECTIONS, help="without it: the names of all")
    section = parser.parse_args(list(arguments)).section
    lines = names() if section is None else SECTIONS[section]()
    print("\n".join(lines))
    return 0


def names() -> Iterator[str]:
    """One line a section."""
    for section in SECTIONS:
        yield from textwrap.wrap(
            f"{section}: {', '.join(registry.names(section))}", WIDTH, subsequent_indent="    ", break_on_hyphens=False
        )


def datasets() -> Iterator[str]:
    """Every kind of dataset, with the keys of its entries."""
    for name in registry.names("datasets"):
        yield from _head(name, _first_line("datasets", name))
        yield from _fields(registry.find("datasets", name, Distribution))


def variants() -> Iterator[str]:
    """Every variant, with its source, its networks and its hyperparameters."""
    from modescope.variants import Variant  # takes PyTorch with it, which the other sections do without

    for name in registry.names("variants"):
        variant = registry.find("variants", name, Variant)
        yield from _head(name, _first_line("variants", name))
        yield f"    networks: {', '.join(variant.needs)}; source: {variant.source}"
        yield from _fields(variant.Hyperparameters)


def metrics() -> Iterator[str]:
    """Every family, with its settings, and its metrics with their direction and range."""
    for name in registry.names("metrics"):
        family = registry.find("metrics", name, Metric)
        yield from _head(name, _first_line("metrics", name))
        yield from _fields(family)
        for metric, about in family.about.items():
            words = f"{metric} ({about.better} is better, {about.range}): {about.sentence}"
            yield from _wrapped(words.replace("neither is better, ", ""), 4)


def samplers() -> Iterator[str]:
    """Every sampler, with its source and its settings."""
    for name in registry.names("samplers"):
        sampler = registry.find("samplers", name, Sampler)
        yield from _head(name, _first_line("samplers", name))
        yield f"    source: {sampler.source}"
        yield from _fields(sampler)


def studies() -> Iterator[str]:
    """Every study, with its question and its source."""
    for name in registry.names("studies"):
        study = registry.find("studies", name, Study)
        yield from _head(name, study.question)
        yield from _wrapped(f"source: {study.source}", 4)


SECTIONS: dict[str, Callable[[], Iterator[str]]] = {
    "datasets": datasets,
    "variants": variants,
    "metrics": metrics,
    "samplers": samplers,
    "studies": studies,
}


def _head(name: str, words: str) -> Iterator[str]:
    yield from _wrapped(f"{name}: {words}", 0)


def _first_line(package: str, name: str) -> str:
    """The first sentence or paragraph of the file's docstring."""
    text = inspect.getdoc(registry.module(package, name)) or ""
    return " ".join(text.split("\n\n")[0].split())


def _fields(model: type[BaseModel]) -> Iterator[str]:
    """`name = default: description` of every key except `kind`, which the heading names."""
    for key, field in model.model_fields.items():
        if key != "kind":
            described = f": {field.description}" if field.description else ""
            yield from _wrapped(f"{key}{_default(field)}{described}", 4)


def _default(field: FieldInfo) -> str:
    """` = 3`, as params.yaml has it, or ` (required)`."""
    if field.is_required():
        return " (required)"
    value: Any = field.get_default(call_default_factory=True)
    shown = value.model_dump() if isinstance(value, BaseModel) else value
    return f" = {'null' if shown is None else str(shown).lower() if isinstance(shown, bool) else shown}"


def _wrapped(text: str, indent: int) -> list[str]:
    before = " " * indent
    return textwrap.wrap(text, WIDTH, initial_indent=before, subsequent_indent=before + "    ", break_on_hyphens=False)
