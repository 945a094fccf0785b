"""How seeds are grouped into tasks: it depends on the experiment alone; each seed once, in order."""

import os

import pytest
import tiny

from modescope import machine
from modescope.engine import tasks
from modescope.params.config import steps_at


def planned(data_shape=(2,), effort=1.0, all_together=False, **changes):
    chosen = tiny.experiment(**changes)
    return tasks.plan("tiny", chosen, data_shape, effort=effort, n_samples=7, all_together=all_together)


def groups(**changes):
    return [task.seeds for task in planned(**changes)]


WIDE = {"networks__generator": {"hidden": [256] * 3}, "discriminator_batch": 256, "generator_batch": 512}


@pytest.mark.parametrize("seeds", [1, 2, 5, 12])
def test_all_seeds_of_an_arm_of_small_networks_step_together(seeds):
    assert groups(seeds=seeds) == [list(range(seeds))]
    assert groups(seeds=seeds, sweep={"latent_dim": [1, 2, 3]}) == [list(range(seeds))] * 3


def test_wide_networks_go_one_by_one():
    assert groups(seeds=4, **WIDE) == [[0], [1], [2], [3]]


def test_the_size_of_a_group_is_the_work_that_pays():
    # generator (2*5 + 5) + (5*2 + 2), discriminator (2*4 + 4) + (4 + 1): 44 parameters; batch 120,000 -> 5,280,000
    # a step, and 24,000,000 // 5,280,000 = 4
    assert [len(g) for g in groups(seeds=10, generator_batch=120_000)] == [4, 3, 3]
    assert [len(g) for g in groups(seeds=10, discriminator_batch=120_000)] == [4, 3, 3]


@pytest.mark.parametrize("all_together", [False, True])
@pytest.mark.parametrize("batch", [6, 20_000, 1_000_000])
@pytest.mark.parametrize("seeds", [1, 2, 3, 7, 40])
def test_every_seed_of_every_arm_once_and_in_order(seeds, batch, all_together):
    found = planned(seeds=seeds, generator_batch=batch, all_together=all_together, sweep={"latent_dim": [3, 1]})
    assert [(task.arm, seed) for task in found for seed in task.seeds] == [
        (arm, seed) for arm in ("latent_dim=3", "latent_dim=1") for seed in range(seeds)
    ]
    assert [task.settings.latent_dim for task in found] == [3 if "3" in task.arm else 1 for task in found]
    assert all(type(seed) is int for task in found for seed in task.seeds)


def test_a_gpu_takes_all_seeds_of_an_arm():
    assert groups(seeds=4, all_together=True, **WIDE) == [[0, 1, 2, 3]]


def test_the_machine_has_no_say(monkeypatch):
    sweep = {"latent_dim": [1, 2]}
    before = planned(seeds=9, sweep=sweep)

    def asked(*_):
        raise AssertionError("the grouping must not depend on the machine")

    for module, name in ((os, "cpu_count"), (os, "sched_getaffinity"), (machine, "cores")):
        monkeypatch.setattr(module, name, asked, raising=False)
    assert planned(seeds=9, sweep=sweep) == before


def test_a_task_carries_what_it_is_run_with():
    task = planned(steps=1_000, effort=0.5)[0]
    assert (task.experiment, task.arm, task.steps, task.n_samples) == ("tiny", "base", 500, 7)
    assert task.settings == tiny.experiment(steps=1_000)


@pytest.mark.parametrize(
    ("effort", "steps", "expected"),
    [(1.0, 30_000, 30_000), (0.045, 30_000, 1_350), (2.0, 7, 14), (1e-6, 30_000, 1), (0.1, 1, 1), (0.29, 100, 29)],
)
def test_effort_is_the_share_of_the_steps(effort, steps, expected):
    assert steps_at(effort, steps) == expected
