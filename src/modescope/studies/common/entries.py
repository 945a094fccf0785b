"""Leaderboard entries: every arm of every experiment on a dataset, under a short label."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from modescope.figures.marks import Named
from modescope.formatting import in_words, listing
from modescope.params.config import BASE_ARM
from modescope.store.runs import Scores
from modescope.studies.common import scores as ask

HYPERPARAMETER = "hyperparameters."
PLAIN = "gan"  # the label of the plain GAN
OF_LENGTH = {"steps", "article_steps", "seeds", "snapshots", "ema"}  # may differ where a training is only longer


@dataclass(frozen=True)
class Entry:
    """One arm of one experiment."""

    experiment: str
    arm: str
    variant: str  # or the sampler
    label: str  # unique within its dataset, from the names in params.yaml
    hyperparameters: Mapping[str, str]  # those set in params.yaml, as text
    title: str = ""  # the label for readers
    remedy: str = ""  # what is followed through the pages: the same for all arms, on all datasets

    @property
    def named(self) -> Named:
        """The title, for what is drawn: marks with it are found by the remedy."""
        return Named(self.title, self.remedy)

    @property
    def called(self) -> Named:
        """What a sentence calls it."""
        return Named("the plain GAN" if self.label == PLAIN else self.title, self.remedy)

    @property
    def averaged(self) -> bool:
        """Whether the averaged weights (EMA) are scored, not the live ones."""
        return "ema=" in self.arm


def datasets(scores: Scores) -> list[str]:
    """The datasets of a study, in the order of its experiments."""
    return list(dict.fromkeys(scores.datasets.values()))


def entries(scores: Scores, dataset: str) -> list[Entry]:
    """All entries on a dataset, in the order of params.yaml, without the plain GAN trained longer, a yardstick."""
    found = _all(scores, dataset)
    return [entry for entry in found if not _is_longer(scores, entry, _plain(found))]


def _all(scores: Scores, dataset: str) -> list[Entry]:
    found = []
    for experiment in (e for e, used in scores.datasets.items() if used == dataset):
        settings = scores.settings[experiment]
        variant = str(settings.get("variant") or settings["sampler"])  # entries without training have a sampler
        for arm in ask.arms(scores, experiment):
            swept = settings_of(arm)
            given = {name: str(value) for name, value in settings.get("hyperparameters", {}).items()}
            given |= {k.removeprefix(HYPERPARAMETER): v for k, v in swept.items() if k.startswith(HYPERPARAMETER)}
            sweep = list(settings.get("sweep", {}))
            label = label_of(experiment, dataset, variant, arm, sweep)
            title = title_of(scores.experiment_titles.get(experiment, in_words(variant)), arm, sweep)
            found.append(
                Entry(experiment, arm, variant, label, given, title, remedy_of(experiment, dataset, variant, arm))
            )
    return found


def remedy_of(experiment: str, dataset: str, variant: str, arm: str) -> str:
    """What an arm is an example of: modes_grid25_gan_ttur -> gan_ttur, its averaged weights -> gan_ttur_ema.

    The variant itself where the experiment has a sweep, or a name of its own that does not tell the remedy.
    """
    swept = any(key != "ema" for key in settings_of(arm))
    named = f"_{dataset}_" in experiment and not swept
    remedy = experiment.split(f"_{dataset}_", 1)[1] if named else variant
    return f"{remedy}_ema" if "ema" in settings_of(arm) else remedy


def title_of(title: str, arm: str, swept: list[str]) -> str:
    """The title of an experiment for one of its arms, without commas: titles stand in lists."""
    given = settings_of(arm)
    averaged = given.pop("ema", None) is not None
    words = [f"{short_of(key) if key in swept else key} {value}" for key, value in given.items()]
    words += ["averaged weights"] if averaged else []
    return f"{title} with {listing(words)}" if words else title


def settings_of(arm: str) -> dict[str, str]:
    """The settings in an arm's name: dotted key -> value as text. A value may be a list and contain commas."""
    parts = re.split(r",(?=[a-z][a-z0-9_.]*=)", arm)
    return dict(part.split("=", 1) for part in parts if "=" in part)


def label_of(experiment: str, dataset: str, variant: str, arm: str, swept: list[str]) -> str:
    """A short label: modes_grid25_gan -> gan. Swept settings follow by short name: bigan_pgp gp_weight=1.0."""
    name = experiment.split(f"{dataset}_", 1)[-1]
    if arm == BASE_ARM:
        return name
    words = " ".join(f"{short_of(key) if key in swept else key}={value}" for key, value in settings_of(arm).items())
    return f"{variant if swept else name} {words}"


def short_of(key: str) -> str:
    """The last words of a dotted key: hyperparameters.gp_weight -> gp_weight."""
    return key.removeprefix(HYPERPARAMETER).removeprefix("optimizers.").replace("learning_rate", "lr")


def plain(scores: Scores, dataset: str) -> Entry | None:
    """The plain GAN on a dataset; None if it was not trained."""
    return _plain(_all(scores, dataset))


def _plain(found: list[Entry]) -> Entry | None:
    return next((entry for entry in found if entry.label == PLAIN), None)


def longer(scores: Scores, dataset: str) -> Entry | None:
    """The plain GAN trained longer, a yardstick for remedies at equal compute; None if it was not trained."""
    found = _all(scores, dataset)
    return next((entry for entry in found if _is_longer(scores, entry, _plain(found))), None)


def _is_longer(scores: Scores, entry: Entry, base: Entry | None) -> bool:
    """Whether an entry has the settings of the plain GAN in everything but the length of the training."""
    if base is None or entry.averaged:
        return False
    mine, plain_ones = (dict(scores.settings[e.experiment]) for e in (entry, base))
    more = mine.get("steps", 0) > plain_ones.get("steps", 0)
    return more and all(mine.get(key) == plain_ones.get(key) for key in mine if key not in OF_LENGTH)


def cost(scores: Scores, dataset: str, entry: Entry) -> float:
    """Multiply-adds of a step relative to the plain GAN on the same dataset; NaN if either is unknown."""
    base = plain(scores, dataset)
    mine = scores.costs.get((entry.experiment, entry.arm), math.nan)
    return mine / scores.costs.get((base.experiment, base.arm), math.nan) if base else math.nan


def find(scores: Scores, dataset: str, variant: str, **hyperparameters: str) -> Entry | None:
    """The first entry of a variant with these hyperparameters, or None. Averaged weights (EMA) are skipped."""
    for entry in entries(scores, dataset):
        wanted = all(entry.hyperparameters.get(name) == value for name, value in hyperparameters.items())
        if entry.variant == variant and wanted and not entry.averaged:
            return entry
    return None
