"""An entry of params.yaml that trains a remedy as the plan does, to be pasted and changed."""

from __future__ import annotations

import io

from ruamel.yaml import YAML

from modescope.params.config import Experiment

OF_THE_PLAN = {"title", "article_steps", "sweep"}  # that the reader's own runs do not share


def trial(remedy: str, arm: Experiment) -> str:
    """`<study>_<dataset>_my_<remedy>` with the settings of an arm, as YAML indented to stand under `experiments:`."""
    settings = arm.model_dump(mode="json", exclude_defaults=True, exclude=OF_THE_PLAN)
    yaml, text = YAML(typ="safe", pure=True), io.StringIO()
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # its default is None
    yaml.width = 10_000
    yaml.dump({f"{arm.study}_{arm.dataset}_my_{remedy}"[:60]: settings}, text)
    return "".join(f"  {line}\n" for line in text.getvalue().splitlines())
