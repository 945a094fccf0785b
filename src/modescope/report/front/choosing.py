"""What the front page shows first: the dataset, the remedies that help there, and the best affordable one."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from modescope.studies.common.standings import Standing, Standings

AFFORDABLE = 2.0  # at most so many times the cost of the plain GAN's step


def with_plain(standings: Sequence[Standings]) -> list[Standings]:
    """Those in which the plain GAN has scores."""
    return [one for one in standings if one.plain is not None and one.plain.kept.n]


def dataset(standings: Sequence[Standings], planar: Collection[str]) -> Standings | None:
    """The dataset of the answer: in the plane, where points can be shown, if there is one; then that of most modes.

    The rule does not look at results. None where no plain GAN has scores.
    """
    return max(with_plain(standings), key=lambda one: (one.dataset in planar, one.n_modes), default=None)


def better(one: Standings) -> list[Standing]:
    """The rows that keep significantly more than the plain GAN, the highest mean first."""
    return sorted((row for row in one.rows if row.direction == "more"), key=lambda row: (-row.kept.value, row.cost))


def helpful(one: Standings, standings: Sequence[Standings]) -> list[Standing]:
    """The rows of `better` that keep significantly more on most datasets that have a plain GAN.

    All of `better` where no GAN is among them: then what is said holds for this dataset alone.
    """
    compared = with_plain(standings)

    def most(row: Standing) -> bool:
        found = [other.row(row.entry.remedy) for other in compared]
        return 2 * sum(other is not None and other.direction == "more" for other in found) > len(compared)

    found = [row for row in better(one) if most(row)]
    return found if any(row.adversary for row in found) else better(one)


def affordable(row: Standing) -> bool:
    """Whether a step costs at most AFFORDABLE times the plain GAN's; an unknown cost is not affordable."""
    return row.cost <= AFFORDABLE


def best(rows: Sequence[Standing]) -> Standing | None:
    """Of rows that help, the highest mean among the affordable ones, else the cheapest; None without rows."""
    cheap = [row for row in rows if affordable(row)]
    if cheap:
        return max(cheap, key=lambda row: row.kept.value)
    return min(rows, key=lambda row: math.inf if math.isnan(row.cost) else row.cost, default=None)
