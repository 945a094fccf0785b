"""What does each remedy for mode collapse buy? All remedies under one protocol, and article 003's claims."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import ClassVar

import pandas as pd

from modescope.formatting import number
from modescope.store.runs import Runs, Scores
from modescope.studies import Claim, Figure, Study, Table, some
from modescope.studies.common import courses, grids
from modescope.studies.common import scores as ask
from modescope.studies.common.claims import claim, effect
from modescope.studies.common.entries import datasets, entries, find
from modescope.studies.common.standings import Standings, standings
from modescope.studies.common.tables import columns, last
from modescope.studies.modes import (
    bigan_claims,
    compute,
    copies,
    latent_planes,
    leaderboard,
    penalty,
    progress,
    published,
    robustness,
)

ENCODING = ["reconstruction_error", "recode_error", "code_coverage", "modes_kept"]
UNIFORM_COVERAGE = 1 - 2**-5  # code coverage if codes are distributed as the latent points, k = 5 neighbours
JOINT = ("line5", 4)  # the dataset drawn in the plane of x and z, and the most entries drawn


class Modes(Study):
    """Works with any experiments, grouped by dataset; labels come from their names."""

    question: ClassVar[str] = "What does each remedy for mode collapse buy, and what does it cost?"
    introduction: ClassVar[str] = (
        "A generator can fool its discriminator and still lose whole modes of the data. Each remedy for this was "
        "published with different networks, data and ways to count modes. Here all remedies train the same small "
        "networks, with the same batches and for the same number of generator steps, on data whose modes and density "
        "are known exactly. The settings of every remedy were chosen in the same way, in a separate sweep on other "
        "seeds. One dataset is a ring of eight modes, one of which holds 65 % of the mass: the imbalance that "
        "article 003 is about. Another is a grid of 25 equal modes. The plain GAN covers some modes of each, but not "
        "all. It is also trained much longer, so that remedies can be compared at equal compute. Data with sharp modes "
        "follow the protocol of article 003: BiGAN, a reconstruction loss, and the pairwise gradient penalty."
    )
    source: ClassVar[str] = "Article 003, “A simple regularisation for your GANs”, and the papers of the remedies"
    headline_metric: ClassVar[str] = "modes_covered"

    def answer(self, scores: Scores) -> list[str]:
        """How the remedies differ from the plain GAN, whether they copy, then what the penalty buys BiGAN."""
        kinds = (leaderboard.answer, compute.answer)
        remedies = (tell(scores, dataset) for dataset in datasets(scores) for tell in kinds)
        bought = (penalty.answer(scores, dataset) for dataset in datasets(scores))
        return [sentence for sentence in (*remedies, copies.answer(scores), *bought) if sentence]

    def figures(self, runs: Mapping[str, Runs], scores: Scores) -> list[Iterator[Figure]]:
        """For each dataset the ranking, samples, and modes against steps and compute; then other settings, encoders."""
        of_datasets = (part for dataset in datasets(scores) for part in self._of_dataset(runs, scores, dataset))
        return [*of_datasets, some(robustness.figure, scores), self._encoders(runs, scores)]

    def _of_dataset(self, runs: Mapping[str, Runs], scores: Scores, dataset: str) -> list[Iterator[Figure]]:
        return [
            some(leaderboard.figure, scores, dataset),
            some(grids.figure, runs, scores, dataset),
            some(progress.figure, scores, dataset),
            some(compute.figure, scores, dataset),
        ]

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
        """What remedies buy; by dataset the leaderboard, equal compute, what others published; what encoders keep."""
        kinds = (leaderboard.table, compute.table, published.similar)
        found = [table(scores, dataset) for dataset in datasets(scores) for table in kinds]
        bought = compute.beside(scores, leaderboard.headline(scores, datasets(scores)))
        return [table for table in [bought, *found, self._encoding(scores)] if table is not None]

    def standings(self, scores: Scores) -> list[Standings]:
        """Modes covered on every dataset with modes; where they are sharp, those resolved."""
        found = (standings("modes", scores, d, courses.counted(scores, d), "modes") for d in datasets(scores))
        return [one for one in found if one is not None]

    def _encoding(self, scores: Scores) -> Table | None:
        rows, whose = [], []
        for dataset in datasets(scores):
            for e in entries(scores, dataset):
                measured = [m for m in ENCODING if ask.values(scores, e.experiment, e.arm, m).size]
                if measured:
                    row: dict[str, object] = {"dataset": dataset, "remedy": e.label}
                    for metric in ENCODING:
                        row |= columns(metric, ask.mean(scores, e.experiment, e.arm, metric))
                    rows.append(row | {"seeds": ask.n_scored(scores, e.experiment, e.arm)})
                    whose.append(e)
        if not rows:
            return None
        caption = (
            "Variants with an encoder: means over seeds with 95 % bootstrap intervals. Codes with the distribution of "
            f"the latent points would cover {number(UNIFORM_COVERAGE)} of them."
        )
        headings = {"dataset": "Data", "remedy": "Remedy"}
        return Table("encoding", "What encoders keep", caption, last(pd.DataFrame(rows), ["seeds"]), whose, headings)

    def claims(self, scores: Scores) -> list[Claim]:
        """Article 003's claims, on every dataset with the experiments that they need."""
        return [*bigan_claims.claims(scores), *_encoder_claims(scores)]


def _encoder_claims(scores: Scores) -> Iterator[Claim]:
    """An adversarial encoder trained towards a uniform latent: it keeps modes apart and fills the latent space."""
    for dataset in datasets(scores):
        entry = find(scores, dataset, "encoder")
        n_modes = ask.floor(scores, dataset, "modes_covered").max(initial=0.0)
        if entry is None or not n_modes:
            continue
        key = f"encoder_keeps_{dataset}"
        yield claim(
            key,
            "an encoder trained towards a uniform latent loses no mode.",
            f"The mean number of modes kept, out of {n_modes:g}, is at least {n_modes - 0.5:g}. A mode is kept if for "
            "at least half of its points most of the nearest codes belong to the same mode.",
            effect(ask.values(scores, entry.experiment, entry.arm, "modes_kept"), "modes", key),
            n_modes - 0.5,
            math.inf,
            where=ask.title(scores, dataset),
            remedies=(entry.variant,),
        )
        key = f"encoder_fills_{dataset}"
        yield claim(
            key,
            "the codes of an encoder trained towards a uniform latent fill the latent space.",
            f"Mean code coverage is at least {number(0.9 * UNIFORM_COVERAGE)}, nine tenths of what codes with the same "
            "distribution as the latent points would score.",
            effect(ask.values(scores, entry.experiment, entry.arm, "code_coverage"), "modes", key),
            0.9 * UNIFORM_COVERAGE,
            math.inf,
            where=ask.title(scores, dataset),
            remedies=(entry.variant,),
        )
