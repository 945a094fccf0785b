"""Groups runs into tasks: replicas of small networks train together, larger networks one by one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from modescope import variants
from modescope.params.config import Experiment, steps_at
from modescope.params.settings import Conv

# The most multiply-adds of a network pass (parameters x batch) in one task. Far below it, calling the operations
# costs more than their arithmetic: a thousand models of a few units train in the time of ten.
STACKED_WORK = 24_000_000


@dataclass(frozen=True)
class Task:
    """Some seeds of one arm that train together: the unit of work of an executor."""

    experiment: str
    arm: str
    settings: Experiment  # of the arm
    seeds: list[int]
    steps: int
    n_samples: int


def plan(
    name: str,
    experiment: Experiment,
    data_shape: tuple[int, ...],
    *,
    effort: float,
    n_samples: int,
    all_together: bool = False,
) -> list[Task]:
    """The tasks of an experiment, in the order of arms and seeds.

    The grouping depends on the experiment, not on the machine, so the same commit gives the same bits on one
    core or sixteen. `all_together` (for a GPU) puts all seeds of an arm into one task.
    """
    tasks = []
    for arm, settings in experiment.arms():
        size = settings.seeds if all_together else replicas_per_task(settings, data_shape)
        groups = np.array_split(np.arange(settings.seeds), math.ceil(settings.seeds / size))
        steps = steps_at(effort, settings.steps)
        tasks += [Task(name, arm, settings, seeds.tolist(), steps, n_samples) for seeds in groups]
    return tasks


def replicas_per_task(settings: Experiment, data_shape: tuple[int, ...]) -> int:
    """How many replicas of an arm share a task: all of them, up to where stacking stops helping."""
    if any(isinstance(getattr(settings.networks, name), Conv) for name in settings.networks.given):
        return 1  # one image network fills a core
    with torch.device("meta"):
        networks = variants.find(settings.variant)(settings, data_shape).networks()
    n_parameters = sum(p.numel() for network in networks.values() for p in network.parameters())
    work = n_parameters * max(settings.generator_batch, settings.discriminator_batch)
    return max(1, min(settings.seeds, STACKED_WORK // work))
