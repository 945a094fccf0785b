"""`python -m modescope schema`: a JSON Schema of params.yaml from its types, for editors that complete and check.

It does not cover how keys depend on each other (a sweep's keys, a variant's networks); `check` does.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from modescope.commands.common.output import output
from modescope.datasets import Distribution
from modescope.metrics import Metric
from modescope.params import registry
from modescope.params.config import Params
from modescope.params.entry import Parser
from modescope.samplers import Sampler
from modescope.store import artifacts
from modescope.variants import Variant

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"  # the one that pydantic writes
ENTRY = "^[a-z][a-z0-9_]*$"  # names of entries, as `config.Name` has them


def main(arguments: Sequence[str]) -> int:
    """Print the schema, or write it."""
    parser = Parser(prog="modescope schema", description="A JSON Schema of params.yaml.")
    parser.add_argument("--output", type=Path, help="write it to this file instead")
    path = parser.parse_args(list(arguments)).output
    if path is None:
        print(json.dumps(schema(), indent=2))
    else:
        artifacts.write_json(output("--output", path), schema())
        print(f"{path}: written")
    return 0


def schema() -> Schema:
    """The schema of the whole file; entries are typed by the file that their `kind`, variant or name says."""
    datasets = {name: registry.find("datasets", name, Distribution) for name in registry.names("datasets")}
    metrics = {name: registry.find("metrics", name, Metric) for name in registry.names("metrics")}
    samplers = {name: registry.find("samplers", name, Sampler) for name in registry.names("samplers")}
    found = {name: registry.find("variants", name, Variant) for name in registry.names("variants")}
    hyperparameters = {name: variant.Hyperparameters for name, variant in found.items()}
    groups: list[dict[str, type[BaseModel]]] = [{**datasets}, {**metrics}, {**samplers}, {**hyperparameters}]
    models: list[type[BaseModel]] = [Params, *(model for group in groups for model in group.values())]
    # One call for all, so that models of one name, such as each variant's Hyperparameters, get separate definitions.
    references, rest = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(models)], ref_template="#/$defs/{model}"
    )
    definitions: dict[str, Schema] = rest["$defs"]
    dataset, metric, sampler, variant = (
        {name: references[model, "validation"] for name, model in group.items()} for group in groups
    )
    for name, reference in dataset.items():
        entry = _of(reference, definitions)
        entry["properties"]["kind"] = {"const": name}
        entry["required"] = ["kind", *(key for key in entry.get("required", []) if key != "kind")]
    for reference in variant.values():
        _of(reference, definitions).pop("required", None)  # a sweep may give a value that has no default
    whole = definitions.pop(references[Params, "validation"]["$ref"].rsplit("/", 1)[1])
    whole["properties"]["datasets"] = _entries(_chosen("kind", dataset))
    whole["properties"]["metrics"] = {"type": "object", "properties": metric, "additionalProperties": False}
    whole["properties"]["studies"]["propertyNames"] = {"enum": registry.names("studies")}
    _extend(definitions["Experiment"], _chosen("variant", variant, "hyperparameters"))
    _extend(definitions["Sampling"], _chosen("sampler", sampler, "settings", definitions))
    body: Schema = _plain(whole | {"$defs": definitions})
    return {"$schema": DIALECT, "title": "params.yaml of modescope"} | body


def _chosen(key: str, choices: dict[str, Schema], part: str | None = None, definitions: Schema | None = None) -> Schema:
    """An object whose `key` selects the schema of the object, or of its `part`, from the choices.

    Built of if and then instead of oneOf, so that an editor reports the one mistake and completes the right keys. Where
    `definitions` are given, a part with required keys is itself required.
    """
    rules = []
    for name, reference in choices.items():
        then: Schema = reference if part is None else {"properties": {part: reference}}
        if part is not None and definitions is not None and "required" in _of(reference, definitions):
            then = then | {"required": [part]}
        rules.append({"if": {"required": [key], "properties": {key: {"const": name}}}, "then": then})
    return {"required": [key], "properties": {key: {"enum": list(choices)}}, "allOf": rules}


def _entries(entry: Schema) -> Schema:
    """A mapping from names to entries of this schema."""
    return {"type": "object", "propertyNames": {"pattern": ENTRY}, "additionalProperties": {"type": "object"} | entry}


def _extend(definition: Schema, rules: Schema) -> None:
    """Add the rules of `_chosen` to a definition that already has properties."""
    definition["properties"] |= rules["properties"]
    definition["allOf"] = rules["allOf"]


def _of(reference: Schema, definitions: Schema) -> Schema:
    """The definition that a reference points to."""
    found: Schema = definitions[reference["$ref"].rsplit("/", 1)[1]]
    return found


def _plain(node: Any) -> Any:
    """The schema without the titles that pydantic derives from names; a property called title stays."""
    if isinstance(node, dict):
        return {k: _plain(v) for k, v in node.items() if k != "title" or not isinstance(v, str)}
    return [_plain(item) for item in node] if isinstance(node, list) else node
