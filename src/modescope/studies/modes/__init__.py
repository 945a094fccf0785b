"""What does each remedy for mode collapse buy? All of them under one protocol, and article 003's claims."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import ClassVar

import pandas as pd

from modescope.formatting import number
from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure, Study, Table
from modescope.studies.common import grids
from modescope.studies.common import scores as ask
from modescope.studies.common.claims import claim, effect
from modescope.studies.common.entries import datasets, entries, find
from modescope.studies.common.tables import columns, last
from modescope.studies.modes import bigan_claims, latent_planes, leaderboard, progress

ENCODING = ["reconstruction_error", "recode_error", "code_coverage", "modes_kept"]
UNIFORM_COVERAGE = 1 - 2**-5  # of latent points by codes that are distributed as they are, k = 5 neighbours
JOINT = ("line5", 4)  # the dataset of the plane of x and z, and how many entries stand in it


class Modes(Study):
    """Whatever experiments there are, by dataset; labels come from their names."""

    question: ClassVar[str] = "What does each remedy for mode collapse buy, and what does it cost?"
    introduction: ClassVar[str] = (
        "A generator that fools its discriminator need not produce everything that the data hold: it may leave out "
        "whole modes. Each remedy here was published with its own networks, data and count of modes. Here all of them "
        "train the same small networks with the same batches for the same number of generator steps on data whose "
        "modes and density are known exactly. The settings of each were chosen alike, in a sweep of its own on other "
        "seeds. One dataset holds 65 % of its mass in one of eight modes, the imbalance that article 003 is about; "
        "the other is a grid of 25 equal modes, on which the plain GAN stands between nothing and everything."
    )
    source: ClassVar[str] = "Article 003, “A simple regularisation for your GANs”, and the papers of the remedies"
    headline_metric: ClassVar[str] = "modes_covered"

    def answer(self, scores: Scores) -> list[str]:
        """What is told apart from the plain GAN, a sentence or two a dataset."""
        found = (leaderboard.answer(scores, dataset, "modes") for dataset in datasets(scores))
        return [sentence for sentence in found if sentence]

    def figures(self, runs: Mapping[str, Runs], scores: Scores) -> list[Iterator[Figure]]:
        """For each dataset the ranking, all samples, and modes during training; then encoders."""
        return [*(self._of_dataset(runs, scores, d) for d in datasets(scores)), self._encoders(runs, scores)]

    def _of_dataset(self, runs: Mapping[str, Runs], scores: Scores, dataset: str) -> Iterator[Figure]:
        for figure in (
            leaderboard.figure(scores, dataset),
            grids.figure(runs, scores, dataset),
            progress.figure(runs, scores, dataset),
        ):
            if figure is not None:
                yield figure

    def _encoders(self, runs: Mapping[str, Runs], scores: Scores) -> Iterator[Figure]:
        dataset, most = JOINT
        names = [
            ("bigan", {}),
            ("bigan_reconstruction", {"reconstruction_weight": "1.0"}),
            ("bigan_pgp", {"gp_weight": "1.0"}),
            ("bigan_pgp", {"form": "authors"}),
        ]
        chosen = [find(scores, dataset, variant, **fixed) for variant, fixed in names]
        plane = latent_planes.joint(runs, scores, [e for e in chosen if e is not None][:most])
        if plane is not None:
            yield plane
        for name in datasets(scores):
            entry = find(scores, name, "encoder")
            figure = None if entry is None else latent_planes.encoded(runs[entry.experiment], scores, entry)
            if figure is not None:
                yield figure

    def tables(self, scores: Scores) -> list[Table]:
        """A leaderboard a dataset, then what encoders keep."""
        found = [leaderboard.table(scores, dataset) for dataset in datasets(scores)]
        return [table for table in [*found, self._encoding(scores)] if table is not None]

    def headline(self, scores: Scores) -> Table | None:
        """What every remedy buys on each dataset that the plain GAN is trained on, and what its steps cost."""
        return leaderboard.headline(scores, datasets(scores), "modes")

    def _encoding(self, scores: Scores) -> Table | None:
        rows = []
        for dataset in datasets(scores):
            for e in entries(scores, dataset):
                measured = [m for m in ENCODING if ask.values(scores, e.experiment, e.arm, m).size]
                if measured:
                    row: dict[str, object] = {"dataset": dataset, "remedy": e.label}
                    for metric in ENCODING:
                        row |= columns(metric, ask.mean(scores, e.experiment, e.arm, metric))
                    rows.append(row | {"seeds": ask.n_scored(scores, e.experiment, e.arm)})
        if not rows:
            return None
        caption = (
            "Variants with an encoder: means over seeds with 95 % bootstrap intervals. Codes distributed as the latent "
            f"points would cover {number(UNIFORM_COVERAGE)} of them."
        )
        return Table("encoding", "What encoders keep", caption, last(pd.DataFrame(rows), ["seeds"]))

    def claims(self, scores: Scores) -> list[Claim]:
        """Article 003's sentences, on every dataset that has what they speak of."""
        return [*bigan_claims.claims(scores), *_encoder_claims(scores)]


def _encoder_claims(scores: Scores) -> Iterator[Claim]:
    """An adversarial encoder alone, towards a uniform latent: no mode mixed up, and the latent filled."""
    for dataset in datasets(scores):
        entry = find(scores, dataset, "encoder")
        n_modes = ask.floor(scores, dataset, "modes_covered").max(initial=0.0)
        if entry is None or not n_modes:
            continue
        key = f"encoder_keeps_{dataset}"
        yield claim(
            key,
            f"{ask.title(dataset)}: an encoder towards a uniform latent loses no mode.",
            f"The mean number of modes kept, of {n_modes:g}, is at least {n_modes - 0.5:g}: by their nearest codes "
            "most of a mode’s points are still told from the other modes.",
            effect(ask.values(scores, entry.experiment, entry.arm, "modes_kept"), "modes", key),
            n_modes - 0.5,
            math.inf,
        )
        key = f"encoder_fills_{dataset}"
        yield claim(
            key,
            f"{ask.title(dataset)}: its codes fill the latent.",
            f"Mean code coverage is at least {number(0.9 * UNIFORM_COVERAGE)}, nine tenths of what "
            "latent points score.",
            effect(ask.values(scores, entry.experiment, entry.arm, "code_coverage"), "modes", key),
            0.9 * UNIFORM_COVERAGE,
            math.inf,
        )
