"""A training problem of a few units and points, shared by the tests of the training side."""

import torch

from modescope.engine import tasks
from modescope.params.config import Experiment

torch.set_num_threads(1)  # as in the workers; on these sizes two threads are slower than one


def settings(**changes):
    """The keys of a tiny experiment as params.yaml has them; `a__b=3` changes the key b of a."""
    keys = {
        "study": "latent",
        "dataset": "blob",
        "variant": "gan",
        "steps": 20,
        "seeds": 3,
        "latent_dim": 2,
        "discriminator_batch": 8,
        "generator_batch": 6,
        "networks": {
            "generator": {"hidden": [5]},
            "discriminator": {"hidden": [4], "activation": "leaky_relu"},
        },
        "optimizers": {
            "generator": {"learning_rate": 0.01, "betas": [0.5, 0.9]},
            "discriminator": {"learning_rate": 0.02, "betas": [0.5, 0.9]},
        },
        "snapshots": {"points": 3, "rest": 4},
    }
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = keys
        for parent in parents:
            place = place[parent]
        place[last] = value
    return keys


def experiment(**changes):
    """The tiny experiment."""
    return Experiment.model_validate(settings(**changes))


def task(seeds=(0, 1, 2), n_samples=10, name="tiny", arm="base", **changes):
    """One task of the tiny experiment, on all its steps."""
    chosen = experiment(**changes)
    return tasks.Task(name, arm, chosen, list(seeds), chosen.steps, n_samples)


def params():
    """The content of a small valid params.yaml."""
    return {
        "effort": 0.5,
        "evaluation": {"samples": 100, "floor_repeats": 3},
        "datasets": {"blob": {"kind": "gaussian"}, "eight": {"kind": "ring", "n_modes": 8}},
        "metrics": {"modes": {}, "prdc": {"k": 50}},
        "studies": {"latent": {"title": "Latent dimension"}},
        "experiments": {
            "tiny": settings(sweep={"latent_dim": [1, 2]}),
            "other": settings(dataset="eight"),
        },
    }
