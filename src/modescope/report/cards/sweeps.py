"""The sweeps that chose a remedy's settings: the scores of every arm, from the extras that were run for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from modescope.formatting import number, plural
from modescope.params.config import BASE_ARM, Experiment, Params
from modescope.studies.common.entries import settings_of

BEST = 6  # arms that are shown, beside those that are used
SETTINGS = ("optimizers", "hyperparameters", "instance_noise")  # what a sweep chooses
WORDS = {
    "optimizers.generator.learning_rate": "rate of G",
    "optimizers.discriminator.learning_rate": "rate of D",
    "optimizers.generator.betas": "β of G",
    "optimizers.discriminator.betas": "β of D",
}


@dataclass(frozen=True)
class Criterion:
    """The score by which the settings of a study were chosen."""

    metric: str
    words: str
    lower: bool  # is better
    worst: float  # what a diverged run counts as


CRITERIA = {
    "modes_tuning": Criterion("mode_tv", "distance between the modes’ shares and those of the data", True, 1.0),
    "thousand_tuning": Criterion("modes_confident", "combinations recognised with confidence", False, 0.0),
    "traffic_tuning": Criterion("pattern_tv", "distance between the patterns’ shares and those of the data", True, 1.0),
}


@dataclass(frozen=True)
class Sweep:
    """The experiments of an extra that sweeps settings, and the scores that it keeps in git."""

    extra: str  # its folder in extra/
    experiments: Mapping[str, Experiment]
    scores: pd.DataFrame  # experiment, arm, seed, metric, value; a diverged run has no rows


@dataclass(frozen=True)
class Arm:
    """One setting: its runs on the line from the smallest score (0) to the largest (100)."""

    words: str
    points: list[float]
    diverged: int
    mean: str
    place: float
    used: bool  # in the plan


@dataclass(frozen=True)
class Chart:
    """The arms of one variant in one sweep, best first."""

    extra: str
    words: str  # what the score is
    better: str  # lower or higher
    low: str
    high: str
    runs: int
    arms: list[Arm]

    @property
    def shown(self) -> list[Arm]:
        """The best arms, and those that are used."""
        return [arm for place, arm in enumerate(self.arms) if place < BEST or arm.used]

    @property
    def rest(self) -> str:
        """What is told of the other arms; empty for none."""
        others = [arm for arm in self.arms if arm not in self.shown]
        if not others:
            return ""
        means = " to ".join(dict.fromkeys((others[0].mean, others[-1].mean)))
        return f"Not shown: {plural(len(others), 'setting')} with means of {means}."


def charts(sweeps: Sequence[Sweep], variant: str, planned: Sequence[Experiment]) -> list[Chart]:
    """The sweeps that a variant was in; `planned` are the arms of the plan, with which settings are compared."""
    return [
        chart
        for sweep in sweeps
        if (criterion := CRITERIA.get(sweep.extra)) is not None
        and (chart := _chart(sweep, criterion, variant, planned)) is not None
    ]


def _chart(sweep: Sweep, criterion: Criterion, variant: str, planned: Sequence[Experiment]) -> Chart | None:
    table = sweep.scores[sweep.scores["metric"] == criterion.metric]
    scores = table.set_index(["experiment", "arm", "seed"])["value"].to_dict()
    found: dict[str, list[float]] = {}
    lost: dict[str, int] = {}
    used: dict[str, bool] = {}
    for name, experiment in sweep.experiments.items():
        for arm, settings in experiment.arms() if experiment.variant == variant else ():
            values = [scores.get((name, arm, seed)) for seed in range(experiment.seeds)]
            words = _words(name, experiment, arm)
            found.setdefault(words, []).extend(criterion.worst if v is None else float(v) for v in values)
            lost[words] = lost.get(words, 0) + sum(v is None for v in values)
            used[words] = used.get(words, False) or any(_same(settings, mine) for mine in planned)
    if not any(len(values) > lost[words] for words, values in found.items()) or len(found) < 2:
        return None
    every = [value for values in found.values() for value in values]
    low, high = min(every), max(every)

    def place(value: float) -> float:
        return round(100 * (value - low) / (high - low), 2) if high > low else 50.0

    means = {words: sum(values) / len(values) for words, values in found.items()}
    order = sorted(found, key=means.__getitem__, reverse=not criterion.lower)
    arms = [Arm(w, [place(v) for v in found[w]], lost[w], number(means[w]), place(means[w]), used[w]) for w in order]
    better = "lower" if criterion.lower else "higher"
    return Chart(sweep.extra, criterion.words, better, number(low), number(high), len(every), arms)


def _words(name: str, experiment: Experiment, arm: str) -> str:
    """What is swept, in words, and what the experiment's own name adds: rate of D 0.003, momentum."""
    swept = {key: value for key, value in settings_of(arm).items() if arm != BASE_ARM}
    parts = [f"{WORDS.get(key, key.split('.')[-1].replace('_', ' '))} {value}" for key, value in swept.items()]
    own = name.split(f"_{experiment.dataset}_", 1)[-1].removeprefix(experiment.variant).strip("_").replace("_", " ")
    return ", ".join([*parts, *([own] if own else [])]) or "as it is"


def _same(swept: Experiment, mine: Experiment) -> bool:
    """Whether the plan trains a variant on the same data with these settings."""
    alike = (swept.study, swept.dataset, swept.variant) == (mine.study, mine.dataset, mine.variant)
    return alike and all(getattr(swept, key) == getattr(mine, key) for key in SETTINGS)


def read(folder: Path, params: Params) -> Sweep | None:
    """The sweep of an extra, with what its scores/ hold; None where it sweeps nothing or nothing is scored."""
    swept = {name: e for name, e in params.experiments.items() if e.sweep}
    files = [folder / "scores" / f"{study}.csv" for study in dict.fromkeys(e.study for e in swept.values())]
    tables = [pd.read_csv(file) for file in files if file.is_file()]
    return Sweep(folder.name, swept, pd.concat(tables)) if tables else None
