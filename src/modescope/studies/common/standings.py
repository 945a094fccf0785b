"""How every remedy stands on a dataset: modes kept beside the plain GAN, and the cost of a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from modescope.seeding import stream
from modescope.statistics import Estimate, bootstrap_mean, widened
from modescope.store.runs import Scores
from modescope.studies.common import against
from modescope.studies.common import scores as ask
from modescope.studies.common.against import Against, Direction
from modescope.studies.common.entries import PLAIN, Entry, cost, entries


@dataclass(frozen=True)
class Standing:
    """One entry on one dataset."""

    entry: Entry
    kept: Estimate  # modes, mean over seeds with the wider of the bootstrap and Student's t interval; n = 0: no scores
    direction: Direction | None  # against the plain GAN; None for the plain GAN and where it cannot be compared
    p: float  # adjusted for all entries of the dataset; NaN without a comparison
    cost: float  # multiply-adds of a step in units of the plain GAN's; NaN if unknown
    by_seed: Mapping[int, float]  # seed -> modes kept, runs with scores only
    diverged: int  # runs
    adversary: bool  # whether it trains a discriminator

    @property
    def plain(self) -> bool:
        """Whether this is the plain GAN."""
        return self.entry.label == PLAIN


@dataclass(frozen=True)
class Standings:
    """All entries on one dataset in one count, in the order of params.yaml."""

    study: str
    dataset: str
    title: str  # of the dataset
    metric: str
    noun: str  # what is counted, in the plural: modes, combinations
    n_modes: float  # as many as a real sample shows at most
    floor: tuple[float, float] | None  # real against real, 5th and 95th percentile
    rows: list[Standing]

    @property
    def plain(self) -> Standing | None:
        """The plain GAN's row, if it was trained."""
        return next((row for row in self.rows if row.plain), None)

    def row(self, remedy: str) -> Standing | None:
        """The first row of a remedy: what the leaderboard shows of it."""
        return next((row for row in self.rows if row.entry.remedy == remedy), None)


def standings(study: str, scores: Scores, dataset: str, metric: str, noun: str) -> Standings | None:
    """The standings on a dataset; None where real points show no mode, or were not measured."""
    floor = ask.floor(scores, dataset, metric)
    if not floor.max(initial=0.0):
        return None
    beside = against.compared(scores, dataset, metric)
    rows = [_standing(scores, dataset, entry, metric, beside.get(entry.label)) for entry in entries(scores, dataset)]
    rows = [row for row in rows if row.kept.n or row.diverged]
    title, most = ask.title(scores, dataset), float(floor.max())
    return Standings(study, dataset, title, metric, noun, most, ask.floor_range(scores, dataset, metric), rows)


def _standing(scores: Scores, dataset: str, entry: Entry, metric: str, beside: Against | None) -> Standing:
    found = ask.by_seed(scores, entry.experiment, entry.arm, metric)
    values = found.to_numpy()
    mean = Estimate(float("nan"), float("nan"), float("nan"), 0)
    if values.size:
        mean = widened(bootstrap_mean(values, stream("standing", dataset, entry.label, metric)), values)
    return Standing(
        entry=entry,
        kept=mean,
        direction=None if beside is None else beside.direction,
        p=float("nan") if beside is None else beside.p,
        cost=cost(scores, dataset, entry),
        by_seed=dict(zip(found.index.tolist(), values.tolist(), strict=True)),
        diverged=ask.n_diverged(scores, entry.experiment, entry.arm),
        adversary=scores.settings[entry.experiment].get("networks", {}).get("discriminator", "unknown") is not None,
    )
