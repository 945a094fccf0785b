"""What DVC plots and compares: the column that dvc.yaml names is in every history, and params.yaml is seen whole."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from pipeline_copy import ROOT, Copy

from modescope import datasets
from modescope.engine.tasks import Task
from modescope.engine.training import train
from modescope.params.config import Params
from modescope.params.reading import read

PARAMS = Params.model_validate(read(ROOT / "params.yaml"))
FIRST: dict[str, str] = {}  # variant -> its first experiment
for name, experiment in PARAMS.experiments.items():
    FIRST.setdefault(experiment.variant, name)


@pytest.mark.parametrize("variant", FIRST)
def test_every_variant_writes_the_column_that_is_plotted(variant: str) -> None:
    (plot,) = read(ROOT / "dvc.yaml")["stages"]["train"]["do"]["plots"]
    (plotted,) = plot.values()
    _, settings = next(iter(PARAMS.experiments[FIRST[variant]].arms()))
    dataset = datasets.build(PARAMS.datasets[settings.dataset])
    data = dataset.sample(64, np.random.default_rng(0)).astype(np.float32)
    history = train(Task("plots", "base", settings, [0], 1, 4), data).history
    assert {plotted["x"], plotted["y"]} <= set(history)


def test_dvc_plots_the_losses_and_tells_which_parameter_differs(changed: Copy) -> None:
    params = changed.params()
    params["effort"] = 0.3
    changed.write_params(params)
    differs = answer(changed, "params", "diff", "--json")["params.yaml"]
    assert list(differs) == ["effort"]
    assert (differs["effort"]["old"], differs["effort"]["new"]) == (0.1, 0.3)
    shown = answer(changed, "plots", "show", "--json")
    assert not shown.get("errors")
    assert {f"history/latent/latent_{name}.csv" for name in ("spiral", "eight_gaussians")} <= set(shown["data"])
    losses = shown["data"]["history/latent/latent_spiral.csv"][0]["content"]
    assert '"field": "generator_loss"' in json.dumps(losses)


def answer(copy: Copy, *command: str) -> Any:
    """What a command of DVC prints as JSON."""
    done = copy.dvc(*command)
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout[done.stdout.index("{") :])
