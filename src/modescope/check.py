"""The whole of params.yaml against what the code knows, before anything is trained; and each study's plan."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

from pydantic import ValidationError

from modescope import datasets, metrics, registry, variants
from modescope.config import ConfigError, Experiment, Params, steps_at

T = TypeVar("T")


def check(content: Mapping[str, Any]) -> Params:
    """The typed parameters.

    Raises ConfigError with one line for the first thing that is wrong: the path in params.yaml, the
    value, and what is allowed.
    """
    params = _typed("", lambda: Params.model_validate(dict(content)))
    for name, spec in params.datasets.items():
        _named(f"datasets.{name}.kind", spec.get("kind"), "datasets")
        _typed(f"datasets.{name}", partial(datasets.build, spec))
    for name, spec in params.metrics.items():
        _named(f"metrics.{name}", name, "metrics")
        _typed(f"metrics.{name}", partial(metrics.build, {name: spec}))
    for name in params.studies:
        _named(f"studies.{name}", name, "studies")
    for name, experiment in params.experiments.items():
        _check_experiment(f"experiments.{name}", experiment, params)
    return params


def plans(params: Params) -> Iterator[tuple[str, dict[str, Any]]]:
    """(study, plan): all that evaluation, rendering and report have to know of a study's parameters."""
    for study, entry in params.studies.items():
        members = {name: e for name, e in params.experiments.items() if e.study == study}
        used = {e.dataset for e in members.values()}
        yield (
            study,
            {
                "study": study,
                "title": entry.title,
                "effort": params.effort,
                "evaluation": params.evaluation.model_dump(),
                "metrics": params.metrics,
                "experiments": {
                    name: {
                        "settings": e.model_dump(),
                        "steps": steps_at(params.effort, e.steps),
                        "arms": [arm for arm, _ in e.arms()],
                    }
                    for name, e in members.items()
                },
                "datasets": {name: spec for name, spec in params.datasets.items() if name in used},
            },
        )


def _check_experiment(path: str, experiment: Experiment, params: Params) -> None:
    for key, known in (("dataset", params.datasets), ("study", params.studies)):
        value = getattr(experiment, key)
        if value not in known:
            raise ConfigError(f"{path}.{key}: {value!r} is not one of the {key} entries: {', '.join(known) or 'none'}")
    _named(f"{path}.variant", experiment.variant, "variants")
    dataset = datasets.build(params.datasets[experiment.dataset])
    arms = _typed(f"{path}.sweep", lambda: list(experiment.arms()))
    if min(len({arm for arm, _ in arms}), len({settings.model_dump_json() for _, settings in arms})) < len(arms):
        raise ConfigError(f"{path}.sweep: {_shown(experiment.sweep)} gives the same arm twice; every arm must differ")
    in_sweep = any(key.startswith("hyperparameters") for key in experiment.sweep)
    for _, settings in arms:
        where = f"{path}.sweep.hyperparameters" if in_sweep else f"{path}.hyperparameters"
        _typed(where, partial(variants.find(settings.variant), settings, dataset.shape))


def _named(path: str, name: Any, package: str) -> None:
    """Raises ConfigError unless `name` is a file of the package."""
    if name not in registry.names(package):
        raise ConfigError(f"{path}: {_shown(name)} is unknown; allowed: {', '.join(registry.names(package))}")


def _typed(path: str, build: Callable[[], T]) -> T:
    """What `build` returns; its validation errors become one line."""
    try:
        return build()
    except ValidationError as error:
        raise ConfigError(_line(path, error)) from None
    except (ValueError, LookupError) as error:
        raise ConfigError(f"{path}: {error}") from None


def _line(path: str, error: ValidationError) -> str:
    """The first error of a validation, as `path: value: what is allowed`."""
    first = error.errors(include_url=False)[0]
    where = ".".join([path, *(_part(part) for part in first["loc"] if part != "[key]")]).strip(".")
    match first["type"]:
        case "unknown_key":
            key, allowed = _part(first["ctx"]["key"]), first["ctx"]["allowed"]
            return f"{f'{where}.{key}' if where else key}: unknown key; allowed: {allowed}"
        case "missing":
            return f"{where}: missing; it must be given"
        case "string_pattern_mismatch":
            rule = "must be small letters, digits and underscores, beginning with a letter"
        case "model_type" | "dict_type":
            rule = "must be a mapping, `key: value`"
        case _:
            rule = first["msg"].removeprefix("Value error, ")
    return f"{where}: {_shown(first['input'])}: {rule}"


def _part(key: Any) -> str:
    """A key as part of a path; quoted unless it is a plain name, so that the line stays one line."""
    return str(key) if re.fullmatch(r"\w+(\.\w+)*", str(key)) else _shown(key)


def _shown(value: Any) -> str:
    """A value as the user may have written it, cut to fit the line."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
