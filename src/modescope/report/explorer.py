"""The explorer's page, and the twins of other pages: two runs side by side, from media/<study>/explorer/."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal
from urllib.parse import urlencode

import numpy as np

from modescope.explorer import script
from modescope.explorer.pack import BYTES, unpack
from modescope.studies.common.standings import Standings

PAGE = "explorer.html"
WIDTH = 400  # units across a still
Pick = Literal["median", "worst"]


@dataclass(frozen=True)
class Side:
    """One run of a twin."""

    key: str
    remedy: str
    title: str
    run: str  # name of its script
    words: str  # what is told of its samples after training
    still: str  # SVG path of the points of its last snapshot
    kept: list[bool]  # by mode, at that snapshot


@dataclass(frozen=True)
class Twin:
    """Two runs with the same seed, which play beside each other; or one alone."""

    title: str  # of the dataset
    seed: int
    rule: str  # how the seed was chosen
    href: str  # the same view in the explorer
    real: str  # name of the script of the dataset
    size: tuple[int, int]  # width and height of a still
    modes: list[tuple[float, float]]  # where they lie in a still
    radius: float  # of the ring around each
    sides: list[Side]

    @property
    def alt(self) -> str:
        """What is seen, for those who do not see it."""
        after = "; ".join(f"{side.title}: {side.words}" if side.words else side.title for side in self.sides)
        return f"Training on {self.title}, seed {self.seed}. {after}."


@dataclass(frozen=True)
class Explorer:
    """The datasets of the explorer by key: their names, after that of the study where an earlier study has the same."""

    fields: dict[str, dict[str, Any]]  # items of explorer.json, and the name of the study
    standings: Sequence[Standings]
    media: Path

    @property
    def files(self) -> list[tuple[str, Path]]:
        """(path in the report, file) of every script, in order."""
        found = []
        for field in self.fields.values():
            names = [field["real"], *(run["file"] for entry in field["entries"] for run in entry["runs"])]
            found += [
                (f"assets/explorer/{field['study']}/{name}", self.media / field["study"] / script.FOLDER / name)
                for name in names
            ]
        return found

    @property
    def data(self) -> list[dict[str, Any]]:
        """What the page's script needs to know: datasets, entries, and the script of every seed."""
        return [
            {
                "key": key,
                "title": field["title"],
                "rule": field["rule"],
                "metric": field["metric"],
                "final_points": field["final_points"],
                "real": _script(field, field["real"]),
                **_opening(field),
                "entries": [
                    {
                        "key": entry["key"],
                        "remedy": entry["remedy"],
                        "title": entry["title"],
                        "runs": {str(run["seed"]): _script(field, run["file"]) for run in entry["runs"]},
                    }
                    for entry in field["entries"]
                ],
            }
            for key, field in self.fields.items()
        ]

    @property
    def start(self) -> str:
        """The dataset that the page opens with: the one with most modes where there is something to compare."""
        return max(
            self.fields, key=lambda key: (len(self.fields[key]["entries"]) > 1, self.fields[key]["n_modes"] or 0)
        )

    def link(self, experiments: Sequence[str]) -> str:
        """The first runs of a figure in the explorer, two at most; empty if none of its experiments is there."""
        for key, field in self.fields.items():
            found = [entry["key"] for entry in field["entries"] if entry["experiment"] in experiments]
            if found:
                return f"{PAGE}?{urlencode({'dataset': key, **dict(zip(('left', 'right'), found, strict=False))})}"
        return ""

    def pair(self, dataset: str, left: str, right: str | None, pick: Pick = "median") -> Twin | None:
        """Two remedies on a dataset with one seed; None where the explorer has no such runs. `right` may be None.

        Of the seeds that both have there, `median` takes the one whose results lie closest to the two medians over all
        seeds, and `worst` the one with the worst result of the last remedy: a diverged run, else the fewest modes.
        """
        for key, field in self.fields.items():
            of_remedy = {entry["remedy"]: entry for entry in reversed(field["entries"])}
            sides = [of_remedy.get(remedy) for remedy in (left, right) if remedy is not None]
            found = [entry for entry in sides if entry is not None]
            if field["dataset"] == dataset and len(found) == len(sides):
                seed = self._seed(field, found, pick)
                return None if seed is None else self._twin(key, field, found, seed, pick)
        return None

    def _seed(self, field: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], pick: Pick) -> int | None:
        results = [self._results(field, entry) for entry in entries]
        seeds: list[int] = sorted(set.intersection(*({run["seed"] for run in entry["runs"]} for entry in entries)))
        if not seeds or pick == "worst":
            return min(seeds, key=lambda seed: results[-1].get(seed, -np.inf), default=None)
        scored = [seed for seed in seeds if all(seed in by_seed for by_seed in results)]
        medians = [median(by_seed.values()) if by_seed else 0.0 for by_seed in results]
        off = {seed: sum(abs(r[seed] - m) for r, m in zip(results, medians, strict=True)) for seed in scored}
        return min(scored, key=lambda seed: off[seed], default=seeds[0])

    def _results(self, field: Mapping[str, Any], entry: Mapping[str, Any]) -> Mapping[int, float]:
        """The score after training by seed, of all seeds where the remedy has a standing, else of those shown."""
        for one in self.standings:
            if (one.study, one.dataset, one.metric) == (field["study"], field["dataset"], field["metric"]):
                for row in one.rows:
                    if (row.entry.experiment, row.entry.arm) == (entry["experiment"], entry["arm"]):
                        return row.by_seed
        return {run["seed"]: run["final"] for run in entry["runs"] if run["final"] is not None}

    def _twin(
        self, key: str, field: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], seed: int, pick: Pick
    ) -> Twin:
        x_min, x_max, y_min, y_max = field["extent"]
        scale = WIDTH / (x_max - x_min)
        sides = [self._side(field, entry, seed, scale) for entry in entries]
        names = dict(zip(("left", "right"), (side.key for side in sides), strict=False))
        others = {
            "median": "of those shown, the one closest to the medians over all seeds",
            "worst": f"of those shown, the worst one of {sides[-1].title}",
        }
        return Twin(
            title=field["title"],
            seed=seed,
            rule=others[pick],
            href=f"{PAGE}?{urlencode({'dataset': key, **names, 'seed': seed})}",
            real=_script(field, field["real"]),
            size=(WIDTH, round((y_max - y_min) * scale)),
            modes=[(round((x - x_min) * scale, 1), round((y_max - y) * scale, 1)) for x, y in field["centres"] or []],
            radius=round((field["radius"] or 0) * scale, 1),
            sides=sides,
        )

    def _side(self, field: Mapping[str, Any], entry: Mapping[str, Any], seed: int, scale: float) -> Side:
        run = next(run for run in entry["runs"] if run["seed"] == seed)
        _, content = script.read((self.media / field["study"] / script.FOLDER / run["file"]).read_bytes())
        last = base64.b64decode(content["packed"])[-BYTES * content["points"] :]
        points = unpack(last, field["extent"])
        places = (points[np.isfinite(points[:, 0])] - [field["extent"][0], field["extent"][3]]) * [scale, -scale]
        return Side(
            key=entry["key"],
            remedy=entry["remedy"],
            title=entry["title"],
            run=_script(field, run["file"]),
            words=_words(field, run),
            still="".join(f"M{x:.0f} {y:.0f}h0" for x, y in places),
            kept=[mode == "1" for mode in content["kept"][-1]] if "kept" in content else [],
        )


def _opening(field: Mapping[str, Any]) -> dict[str, str]:
    """The two entries that a dataset opens with: its first, and of the others the best mean after training."""
    first, *others = field["entries"]
    best = max(others, key=_mean, default=first)
    return {"left": first["key"], "right": best["key"]}


def _mean(entry: Mapping[str, Any]) -> float:
    finals = [run["final"] for run in entry["runs"] if run["final"] is not None]
    return sum(finals) / len(finals) if finals else -1.0


def _words(field: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    if run["diverged"] is not None:
        return f"diverged at step {run['diverged']:,}"
    if run["final"] is None or field["n_modes"] is None:
        return ""
    return f"{run['final']:g} of {field['n_modes']} modes"


def _script(field: Mapping[str, Any], file: str) -> str:
    return f"{field['study']}/{file.removesuffix('.js')}"


def explorer(media: Path | None, studies: Sequence[str], standings: Sequence[Standings]) -> Explorer:
    """What `render` wrote into media/<study>/ for these studies; one without an index has nothing to explore."""
    fields: dict[str, dict[str, Any]] = {}
    for study, file in ((study, media / study / script.INDEX) for study in studies if media is not None):
        for item in json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []:
            key = item["dataset"] if item["dataset"] not in fields else f"{study}_{item['dataset']}"
            fields[key] = {**item, "study": study}
    return Explorer(fields, standings, media or Path())
