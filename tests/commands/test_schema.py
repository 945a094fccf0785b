"""The JSON Schema of params.yaml: up to date, takes every params.yaml there is, and refuses wrong keys."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from modescope.commands import schema
from modescope.params import registry
from modescope.params.config import ConfigError
from modescope.params.reading import read
from modescope.plan.check import check

ROOT = Path(__file__).resolve().parents[2]
PARAMS = [ROOT / "params.yaml", *sorted((ROOT / "extra").glob("*/params.yaml"))]


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return schema.schema()


@pytest.fixture(scope="module")
def validator(made: dict[str, Any]) -> Draft202012Validator:
    Draft202012Validator.check_schema(made)
    return Draft202012Validator(made)


def test_the_committed_schema_is_up_to_date(made: dict[str, Any]) -> None:
    committed = (ROOT / "params.schema.json").read_text(encoding="utf-8")
    assert committed == json.dumps(made, indent=2) + "\n", "run: python -m modescope schema --output params.schema.json"


@pytest.mark.parametrize("path", PARAMS, ids=lambda path: path.parent.name)
def test_every_params_file_fits(validator: Draft202012Validator, path: Path) -> None:
    assert [error.message for error in validator.iter_errors(read(path))] == []


def test_all_that_there_is_can_be_named(made: dict[str, Any]) -> None:
    datasets = made["properties"]["datasets"]["additionalProperties"]
    assert datasets["properties"]["kind"]["enum"] == registry.names("datasets")
    assert list(made["properties"]["metrics"]["properties"]) == registry.names("metrics")
    assert made["$defs"]["Experiment"]["properties"]["variant"]["enum"] == registry.names("variants")
    assert made["$defs"]["Sampling"]["properties"]["sampler"]["enum"] == registry.names("samplers")
    assert made["properties"]["studies"]["propertyNames"]["enum"] == registry.names("studies")


def small() -> dict[str, Any]:
    adam = {"kind": "adam", "learning_rate": 1e-3}
    return {
        "effort": 1,
        "evaluation": {"samples": 100},
        "datasets": {
            "ring8": {"kind": "ring"},
            "line": {"kind": "line"},
            "mine": {"kind": "points", "path": "mine.csv", "columns": ["x", 1], "window": [0, 1, 0, 1]},
        },
        "metrics": {"prdc": {"k": 3}, "modes": {}},
        "studies": {"modes": {"title": "Modes"}},
        "experiments": {
            "one": {
                "study": "modes",
                "dataset": "ring8",
                "variant": "wgan_gp",
                "steps": 10,
                "seeds": 1,
                "discriminator_batch": 4,
                "generator_batch": 4,
                "networks": {"generator": {"hidden": [8]}, "discriminator": {"hidden": [8]}},
                "optimizers": {"generator": adam, "discriminator": {"kind": "rmsprop", "learning_rate": 1e-3}},
                "hyperparameters": {"gp_weight": 1.0},
                "ema": None,
                "sweep": {"latent_dim": [1, 2]},
            }
        },
        "samplers": {
            "chain": {
                "study": "modes",
                "dataset": "line",
                "sampler": "metropolis_hastings",
                "seeds": 1,
                "settings": {"step": 0.5},
            }
        },
    }


GONE = object()
WRONG = [
    ("efort", 1),
    ("effort", 0),
    ("effort", "1"),
    ("effort", GONE),
    ("evaluation/sample", 10),
    ("datasets/ring8/kind", "rnig"),
    ("datasets/ring8/kind", GONE),
    ("datasets/ring8/sigma", 0.1),
    ("datasets/ring8/std", -1),
    ("datasets/ring8/columns", ["x"]),  # a key of another kind
    ("datasets/mine/path", GONE),
    ("datasets/Ring", {"kind": "ring"}),
    ("metrics/fid", {}),
    ("metrics/prdc/n", 5),
    ("studies/modes/name", "x"),
    ("studies/unknown", {"title": "x"}),
    ("experiments/one/step", 3),
    ("experiments/one/steps", GONE),
    ("experiments/one/variant", "wgan-gp"),
    ("experiments/one/hyperparameters/gp", 1.0),
    ("experiments/one/hyperparameters/clip", 0.1),  # of another variant
    ("experiments/one/networks/generator/width", 3),
    ("experiments/one/networks/critic", {"hidden": [3]}),
    ("experiments/one/optimizers/generator/kind", "lion"),
    ("experiments/one/optimizers/discriminator/betas", [0.5, 0.9]),  # of another optimiser
    ("experiments/one/latent", {"kind": "cauchy"}),
    ("samplers/chain/sampler", "dice"),
    ("samplers/chain/settings/width", 1.0),
    ("samplers/chain/settings/step", GONE),
    ("samplers/chain/settings", GONE),
]


def test_the_small_example_fits_and_is_valid(validator: Draft202012Validator) -> None:
    content = small()
    assert [error.message for error in validator.iter_errors(content)] == []
    del content["datasets"]["mine"]  # whose file is not there
    check(content)


@pytest.mark.parametrize(("path", "value"), WRONG, ids=[f"{path}={value!s:.20}" for path, value in WRONG])
def test_what_the_check_refuses_the_schema_refuses_at_the_same_place(
    validator: Draft202012Validator, path: str, value: Any
) -> None:
    content = copy.deepcopy(small())
    *parents, last = path.split("/")
    place = content
    for parent in parents:
        place = place[parent]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    errors = list(validator.iter_errors(content))
    assert errors
    places = [[*error.absolute_path] for error in errors]
    assert all(one[: len(path.split("/"))] == path.split("/")[: len(one)] for one in places), places
    with pytest.raises(ConfigError):
        check(content)
