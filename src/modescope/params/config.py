"""Typed parameters: what params.yaml may say. Unknown keys and bad values are refused."""

from __future__ import annotations

import copy
import itertools
import math
import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints, field_validator

from modescope.params.settings import Ema, InstanceNoise, Latent, Networks, Optimizers, Snapshots, Strict, Width

DEVICES = re.compile(r"con|prn|aux|nul|(com|lpt)\d")  # no file can have these names there


def _portable(name: str) -> str:
    """The name itself. Raises ValueError for one that cannot be the name of a file on every system."""
    if DEVICES.fullmatch(name):
        raise ValueError("is the name of a device in Windows; choose another")
    return name


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60), AfterValidator(_portable)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=40)]
BASE_ARM = "base"
MOST_STEPS = 1_000_000_000
MOST_POINTS = 1_000_000_000  # of a batch or a set; whether they fit into memory, the check of the plan says
MOST_ARMS = 1_000  # of an experiment; a product of several swept keys grows fast
PLACES = ("commit", "path", "line")  # what a link to the code may have filled in
# Keys that a sweep cannot vary: the arms of an experiment are stored together, with one set of snapshot steps.
NOT_SWEPT = ("study", "dataset", "variant", "seeds", "steps", "article_steps", "snapshots", "title")


class ConfigError(ValueError):
    """A user's mistake in one line: where, what was found, what is allowed."""


class Experiment(Strict):
    """Dataset x variant with its settings; `sweep` gives its arms, `seeds` its repetitions."""

    study: Name
    dataset: Name
    variant: Name
    steps: int = Field(ge=1, le=MOST_STEPS, description="generator updates at effort 1, the default run")
    article_steps: int | None = Field(
        None,
        ge=1,
        le=MOST_STEPS,
        description="generator updates that the article states, at this batch size; for the page alone",
    )
    seeds: int = Field(ge=1, le=100_000, description="repetitions: seeds 0 ... seeds-1")
    latent_dim: int = Field(2, ge=1, le=65_536)
    latent: Latent = Latent()
    discriminator_batch: int = Field(
        ge=1, le=MOST_POINTS, description="real points a discriminator step, and as many generated"
    )
    generator_batch: int = Field(ge=1, le=MOST_POINTS, description="latent points a generator step")
    networks: Networks
    optimizers: Optimizers
    hyperparameters: dict[str, Any] = {}
    instance_noise: InstanceNoise | None = None
    ema: Ema | None = None
    snapshots: Snapshots = Snapshots()
    sweep: dict[str, Annotated[list[Any], Field(min_length=1)]] = Field({}, description="dotted key -> values")
    title: Title | None = Field(None, description="its name on the page; by default that of its variant")

    @field_validator("sweep")
    @classmethod
    def _few_arms(cls, sweep: dict[str, list[Any]]) -> dict[str, list[Any]]:
        arms = math.prod(len(values) for values in sweep.values())
        if arms > MOST_ARMS:
            raise ValueError(f"gives {arms:,} arms; allowed: {MOST_ARMS:,}")
        return sweep

    def all_arms(self) -> list[str]:
        """The names of the arms, then the names of their averaged weights (EMA) where those are kept."""
        arms = list(self.arms())
        return [arm for arm, _ in arms] + [averaged_arm(arm, e) for arm, e in arms if e.ema is not None]

    def arms(self) -> Iterator[tuple[str, Experiment]]:
        """(name, settings) of every arm: `latent_dim=10`, several keys joined by commas, `base` without a sweep.

        Raises ValueError for a swept key that an experiment does not have, or that cannot be swept,
        and pydantic.ValidationError for a bad value.
        """
        for values in itertools.product(*self.sweep.values()):
            chosen = dict(zip(self.sweep, values, strict=True))
            settings = self.model_dump(exclude={"sweep"})
            for key, value in chosen.items():
                _set(settings, key, value)
            yield ",".join(f"{k}={v}" for k, v in chosen.items()) or BASE_ARM, Experiment.model_validate(settings)


def averaged_arm(arm: str, settings: Experiment) -> str:
    """The arm name of an arm's averaged weights (EMA): `ema=0.999`, appended to what the arm sweeps."""
    decay = f"ema={settings.ema.decay}" if settings.ema else "ema"
    return decay if arm == BASE_ARM else f"{arm},{decay}"


class Sampling(Strict):
    """Dataset x sampler with its settings: points of a known distribution, drawn without training anything."""

    study: Name
    dataset: Name
    sampler: Name
    seeds: int = Field(ge=1, le=1_000, description="repetitions: seeds 0 ... seeds-1")
    settings: dict[str, Any] = {}
    title: Title | None = Field(None, description="its name on the page; by default that of its sampler")


class Classifying(Strict):
    """A classifier of single digits, by which a study counts the modes of stacked ones."""

    study: Name
    dataset: Name = Field(description="of stacked digits; its single ones are learnt from and held out")
    hidden: list[Width] = Field([256, 128], min_length=1, description="units of the hidden layers")
    steps: int = Field(3_000, ge=1, le=MOST_STEPS, description="updates by Adam")
    batch: int = Field(
        128, ge=10, le=MOST_POINTS, description="pictures a step; a part are blends of several, or noise"
    )
    learning_rate: float = Field(2e-3, gt=0, description="at the start; it falls to 0 along a cosine")
    shift: int = Field(1, ge=0, le=1_000, description="pixels, at most, by which a picture is moved at random")
    confidence: float = Field(0.8, gt=0, lt=1, description="probability from which a digit counts as recognised")
    seed: int = Field(0, ge=0)


class StudyEntry(Strict):
    """One article's question; its text and claims are in `studies/<name>/`."""

    title: str = Field(min_length=1)
    samples: int | None = Field(
        None, ge=20, le=MOST_POINTS, description="generated points a run of this study, in place of evaluation.samples"
    )
    published: dict[Name, str] = Field({}, description="dataset -> protocol of published results that its runs follow")
    evidence: bool = Field(
        False, description="of an extra: its verdicts stand beside those of the default run; not for a sweep"
    )


class Evaluation(Strict):
    """How many points each run is scored on, and how often the floor is measured."""

    samples: int = Field(
        10_000, ge=20, le=MOST_POINTS, description="generated points a run, and as many of the test set"
    )
    floor_repeats: int = Field(20, ge=2, le=10_000, description="real-against-real repeats for the floor")


class Reporting(Strict):
    """What only the pages are told."""

    source: str | None = Field(
        None,
        description="link to a line of the code, with {commit}, {path} and {line}; by default that of git's remote",
    )

    @field_validator("source")
    @classmethod
    def _a_link(cls, source: str | None) -> str | None:
        if source is not None:
            fields = set(re.findall(r"{(.*?)}", source))
            if not source.startswith(("https://", "http://")) or not {"commit", "path"} <= fields <= set(PLACES):
                raise ValueError(
                    "must be a link that begins with https:// and has {commit} and {path} in it, and {line} if it can, "
                    "such as https://github.com/OWNER/REPO/blob/{commit}/{path}#L{line}"
                )
        return source


class Params(Strict):
    """The whole of params.yaml; datasets, metrics, hyperparameters and samplers are typed by their own files."""

    effort: float = Field(gt=0, le=100, description="share of each experiment's steps that is run; 1: default run")
    evaluation: Evaluation
    datasets: dict[Name, dict[str, Any]]
    metrics: dict[Name, dict[str, Any]]
    experiments: dict[Name, Experiment] = Field(min_length=1)
    samplers: dict[Name, Sampling] = {}
    classifiers: dict[Name, Classifying] = {}
    studies: dict[Name, StudyEntry] = Field(min_length=1)
    report: Reporting = Reporting()

    def samples(self, study: str) -> int:
        """Generated points that a run of the study is scored on, at most."""
        entry = self.studies.get(study)
        return self.evaluation.samples if entry is None or entry.samples is None else entry.samples


def steps_at(effort: float, steps: int) -> int:
    """The number of steps that are run: effort x steps, at least one."""
    return max(1, round(effort * steps))


def _set(settings: dict[str, Any], key: str, value: Any) -> None:
    """Put value at the dotted key of nested settings; hyperparameters may be absent, all else must exist."""
    *parents, last = key.split(".")
    place: Any = settings
    for parent in parents:
        place = place.get(parent) if isinstance(place, dict) else None
    allowed = parents[:1] == ["hyperparameters"] or (isinstance(place, dict) and last in place)
    if not allowed or key.split(".")[0] in NOT_SWEPT or not isinstance(place, dict):
        raise ValueError(
            f"{key!r} cannot be swept; allowed: the dotted name of a setting, such as latent_dim or "
            f"optimizers.generator.learning_rate, but nothing of {', '.join(NOT_SWEPT)}"
        )
    place[last] = copy.deepcopy(value)  # another key of the sweep may set a part of it
