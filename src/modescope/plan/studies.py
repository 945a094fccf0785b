"""What evaluation, figures and report have to know of params.yaml: one plan a study, with names for readers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from modescope import datasets
from modescope.formatting import in_words
from modescope.params.config import BASE_ARM, Experiment, Params, Sampling, steps_at
from modescope.store.plan import RemedyPage


def plans(params: Params, declared: Mapping[str, RemedyPage]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(study, plan): all that evaluation, figures and report have to know of a study's parameters.

    `declared` has the variants' titles, which name the experiments that have none of their own.
    """
    for study, entry in params.studies.items():
        members = {name: e for name, e in params.experiments.items() if e.study == study}
        samplings = {name: s for name, s in params.samplers.items() if s.study == study}
        entries: dict[str, Experiment | Sampling] = {**members, **samplings}
        used = {e.dataset for e in members.values()} | {s.dataset for s in samplings.values()}
        yield (
            study,
            {
                "study": study,
                "title": entry.title,
                "published": entry.published,
                "effort": params.effort,
                "evaluation": params.evaluation.model_dump() | {"samples": params.samples(study)},
                "metrics": params.metrics,
                "experiments": {
                    name: {
                        "settings": e.model_dump(exclude={"title"}),
                        "steps": steps_at(params.effort, e.steps),
                        "arms": e.all_arms(),
                    }
                    for name, e in members.items()
                }
                | {
                    name: {"settings": s.model_dump(exclude={"title"}), "steps": 0, "arms": [BASE_ARM]}
                    for name, s in samplings.items()
                },
                "datasets": {name: untitled(spec) for name, spec in params.datasets.items() if name in used},
                "titles": {
                    "datasets": {
                        name: spec.get("title") or in_words(name)
                        for name, spec in params.datasets.items()
                        if name in used
                    },
                    "experiments": {name: title_of(name, e, declared) for name, e in entries.items()},
                },
                "classifiers": {
                    name: {"settings": c.model_dump(), "shape": datasets.build(params.datasets[c.dataset]).shape}
                    for name, c in params.classifiers.items()
                    if c.study == study
                },
            },
        )


def untitled(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The entry of a dataset without its title, an edit of which must not make new points."""
    return {key: value for key, value in spec.items() if key != "title"}


def title_of(name: str, entry: Experiment | Sampling, declared: Mapping[str, RemedyPage]) -> str:
    """The title of an experiment: its own, or that of its variant, with what its name adds to the variant's."""
    variant = entry.variant if isinstance(entry, Experiment) else entry.sampler
    title = declared[variant].title if variant in declared and declared[variant].title else in_words(variant)
    _, found, own = name.partition(f"_{entry.dataset}_")
    if entry.title or not found or own == variant:
        return entry.title or title
    return f"{title} ({own.removeprefix(f'{variant}_').replace('_', ' ')})"
