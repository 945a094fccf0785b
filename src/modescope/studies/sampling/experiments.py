"""The experiments of the study `sampling`: samplers and trainings, with their names and their metric."""

from __future__ import annotations

from modescope.formatting import number
from modescope.store.runs import Scores
from modescope.studies.common import scores as ask

STUDY = "sampling"
NAMES = {
    "inverse_transform": "Inverse transform sampling",
    "rejection": "Rejection sampling",
    "metropolis_hastings": "Metropolis–Hastings",
    "gan": "GAN",
    "gmn": "Moment matching (MMD)",
}


def on(scores: Scores, experiment: str) -> str:
    """The dataset of an experiment."""
    return ask.dataset(scores, experiment)


def where(scores: Scores, experiment: str) -> str:
    """The dataset of an experiment, for readers."""
    return ask.title(scores, on(scores, experiment))


def drawn(scores: Scores, sampler: str | None = None) -> list[str]:
    """The experiments with this sampler, or with any, in the order of params.yaml."""
    found = [e for e, settings in scores.settings.items() if "sampler" in settings]
    return [e for e in found if sampler in (None, scores.settings[e]["sampler"])]


def trained(scores: Scores, dataset: str | None = None) -> list[str]:
    """The trained experiments, of one dataset or of all, in the order of params.yaml."""
    found = [e for e in ask.experiments(scores) if "sampler" not in scores.settings[e]]
    return [e for e in found if dataset in (None, on(scores, e))]


def variant(scores: Scores, experiment: str) -> str:
    """What was trained."""
    return str(scores.settings[experiment].get("variant"))


def name(scores: Scores, experiment: str) -> str:
    """A sampler or a variant in words, with the step of a random walk, as there may be several."""
    settings = scores.settings[experiment]
    key = str(settings["sampler"] if "sampler" in settings else variant(scores, experiment))
    step = settings["settings"].get("step") if "sampler" in settings else None
    title = scores.experiment_titles.get(experiment) or NAMES.get(key, key)
    return title + ("" if step is None else f" (step {number(step)})")


def measure(scores: Scores, dataset: str) -> str:
    """The metric for probability in the wrong place: KS distance on the line, total variation of modes elsewhere."""
    return "ks" if ask.floor(scores, dataset, "ks").size else "mode_tv"
