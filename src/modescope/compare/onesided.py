"""What only one of two revisions has, from coarse to fine: studies, experiments, scores, arms, metrics, seeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from modescope.compare.paired import Key, values
from modescope.compare.sides import Side
from modescope.formatting import listing, plural

MOST = 4  # experiments listed by name; more are counted


@dataclass(frozen=True)
class OneSided:
    """`what` is "study", "experiment", "scores", "arm", "metric" or "seeds"; `only` is "A" or "B"."""

    what: str
    name: str
    only: str
    where: str


def one_sided(a: Side, b: Side) -> list[OneSided]:
    """What only A or only B has, coarsest first. A missing experiment is listed once, without its arms."""
    x, y = values(a.planned_scores()), values(b.planned_scores())
    rows = [OneSided(what, name, "A", where) for what, name, where in _only(a, b, x, y)]
    rows += [OneSided(what, name, "B", where) for what, name, where in _only(b, a, y, x)]
    order = ["study", "experiment", "scores", "arm", "metric", "seeds"]
    return sorted(rows, key=lambda row: order.index(row.what))


def _only(
    mine: Side, other: Side, keys: dict[Key, dict[int, float]], others: dict[Key, dict[int, float]]
) -> Iterator[tuple[str, str, str]]:
    """Yield (what, name, where) of everything that `mine` has and `other` lacks."""
    gone = [study for study in mine.studies() if study not in other.studies()]
    yield from (("study", study, "") for study in gone)
    planned = other.experiments()
    for experiment, study in mine.experiments().items():
        if experiment not in planned and study not in gone:
            yield "experiment", experiment, study
    yield from _scores(mine, other, {key[:2] for key in keys}, {key[:2] for key in others})
    arms, metrics = {key[:3] for key in others}, {(key[0], key[1], key[3]) for key in others}
    known = {key[:2] for key in others}
    for study, experiment, arm in dict.fromkeys(key[:3] for key in keys):
        if (study, experiment) in known and (study, experiment, arm) not in arms:
            yield "arm", arm, experiment
    missing: dict[str, list[str]] = {}
    for study, experiment, _, metric in keys:
        if (study, experiment) in known and (study, experiment, metric) not in metrics:
            missing.setdefault(metric, []).append(experiment)
    for metric, found in missing.items():
        yield "metric", metric, _among(list(dict.fromkeys(found)))
    yield from _seeds(keys, others)


def _scores(
    mine: Side, other: Side, here: set[tuple[str, ...]], there: set[tuple[str, ...]]
) -> Iterator[tuple[str, str, str]]:
    """Experiments that both sides plan but only `mine` has scores of; one row if all of a study is missing."""
    shared = {e: s for e, s in mine.experiments().items() if e in other.experiments()}
    for study in dict.fromkeys(shared.values()):
        lacking = [e for e, s in shared.items() if s == study and (s, e) in here and (s, e) not in there]
        if lacking and not any(s == study for s, _ in there):
            yield "scores", study, f"{plural(len(lacking), 'experiment')}; the other side has not been run"
        else:
            yield from (("scores", experiment, study) for experiment in lacking)


def _seeds(keys: dict[Key, dict[int, float]], others: dict[Key, dict[int, float]]) -> Iterator[tuple[str, str, str]]:
    """Seeds that the other side lacks for an arm it has: fewer were run there, or a run diverged."""
    missing: dict[tuple[str, str], dict[int, None]] = {}
    for key, seeds in keys.items():
        if key in others:
            missing.setdefault((key[1], key[2]), {}).update(dict.fromkeys(seeds.keys() - others[key].keys()))
    for (experiment, arm), found in missing.items():
        if found:
            yield "seeds", _ranges(sorted(found)), f"{experiment}, {arm}"


def _ranges(seeds: list[int]) -> str:
    """`0, 3–5`."""
    runs: list[list[int]] = []
    for seed in seeds:
        if runs and seed == runs[-1][-1] + 1:
            runs[-1].append(seed)
        else:
            runs.append([seed])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _among(experiments: list[str]) -> str:
    return listing(experiments) if len(experiments) <= MOST else plural(len(experiments), "experiment")
