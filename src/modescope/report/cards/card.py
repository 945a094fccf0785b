"""The card of one variant: what it is, how it did, what is claimed of it, where it fails, and how to try it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from modescope.formatting import in_words, number, plural
from modescope.params.config import Experiment, averaged_arm
from modescope.report import divergence, forest
from modescope.report.cards import kept, sweeps
from modescope.report.cards.formula import Formula, formulas, meanings
from modescope.report.cards.kept import Kept
from modescope.report.cards.settings import Arm, Used, used
from modescope.report.cards.sweeps import Chart, Sweep
from modescope.report.cards.trial import trial
from modescope.report.chapter import Chapter, Material
from modescope.report.explorer import Explorer, Pick, Twin
from modescope.report.pictures import Piece
from modescope.statistics import Verdict
from modescope.store.plan import RemedyPage
from modescope.studies import Claim
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import PLAIN, Entry, datasets, entries
from modescope.studies.common.standings import Standing, Standings

Rows = list[tuple[Standings, Standing]]


@dataclass(frozen=True)
class Part:
    """What is known of one remedy of the variant: itself, or one of its options."""

    remedy: str  # the anchor
    title: str
    kept: list[Kept]
    studies: list[tuple[str, str]]  # (study, its title) in which it was trained


@dataclass(frozen=True)
class Said:
    """A claim that concerns the variant."""

    href: str
    text: str
    effect: str
    row: forest.Row
    told: str  # the row in words
    verdict: Verdict
    reason: str


@dataclass(frozen=True)
class Card:
    """The page of one variant."""

    variant: str
    title: str
    idea: str
    source: str
    link: str
    code: str  # path:line; empty where the variant is not of this package
    answer: str
    discriminator: list[Formula]
    generator: list[Formula]
    symbols: list[tuple[Markup, str]]  # with what they mean
    portraits: list[Piece]  # of its smallest GAN that can be solved
    portrayed: str  # where they are explained
    parts: list[Part]
    used: list[Used]
    charts: list[Chart]
    claims: list[Said]
    worst: list[str]  # by data, the run that kept least
    diverged: list[str]
    twin: Twin | None  # a typical run beside the plain GAN's
    failing: Twin | None  # the worst run there is to see, on the data of the worst run
    trial: str

    @property
    def path(self) -> str:
        """Its page."""
        return f"remedy-{self.variant}.html"


@dataclass(frozen=True)
class _Trained:
    """An entry of the plan's leaderboards."""

    material: Material
    dataset: str
    entry: Entry


def build(
    materials: Sequence[Material],
    chapters: Sequence[Chapter],
    standings: Sequence[Standings],
    remedies: Mapping[str, RemedyPage],
    swept: Sequence[Sweep],
    explorer: Explorer,
) -> list[Card]:
    """A card for every variant that an experiment of the plan has, in the order of the plan, the plain GAN first."""
    by_variant: dict[str, list[_Trained]] = {}
    for one in _trained(materials):
        by_variant.setdefault(one.entry.variant, []).append(one)
    order = sorted(by_variant, key=lambda variant: variant != PLAIN)
    return [_card(v, by_variant[v], chapters, standings, remedies.get(v), swept, explorer) for v in order]


def _trained(materials: Sequence[Material]) -> Iterator[_Trained]:
    for material in materials:
        for dataset in datasets(material.scores):
            for entry in entries(material.scores, dataset):
                if "variant" in material.scores.settings[entry.experiment]:
                    yield _Trained(material, dataset, entry)


def _card(
    variant: str,
    trained: Sequence[_Trained],
    chapters: Sequence[Chapter],
    standings: Sequence[Standings],
    page: RemedyPage | None,
    swept: Sequence[Sweep],
    explorer: Explorer,
) -> Card:
    titles = _titles(trained)
    rows = {remedy: _rows(standings, variant, remedy) for remedy in titles}
    first = next(iter(titles))
    failing = sorted(kept.worst(rows[first], titles[first]), key=lambda one: one.share)
    arms = [arm for one in trained for arm in _arms(one, titles)]
    drawn = list(_drawn(chapters, variant))
    tex = (page.discriminator_tex, page.generator_tex) if page else ("", "")
    return Card(
        variant=variant,
        title=(page.title if page else "") or in_words(variant),
        idea=page.idea.replace("'", "’") if page else "",
        source=page.source if page else "",
        link=page.link if page else "",
        code=f"{page.path}:{page.line}" if page else "",
        answer=kept.answer(rows[first]),
        discriminator=formulas(tex[0]),
        generator=formulas(tex[1]),
        symbols=meanings(*tex),
        portraits=[piece for _, pieces in drawn for piece in pieces],
        portrayed=next((href for href, pieces in drawn if pieces), ""),
        parts=[_part(remedy, title, rows[remedy], trained) for remedy, title in titles.items()],
        used=used(arms),
        charts=sweeps.charts(swept, variant, [arm.settings for arm in arms]),
        claims=[said for chapter in chapters for said in _claims(chapter, variant)],
        worst=[one.words for one in kept.worst(rows[first], titles[first])],
        diverged=_diverged(trained),
        twin=_twin(explorer, rows[first]),
        failing=next(filter(None, (_pair(explorer, one.dataset, one.row, "worst") for one in failing)), None),
        trial=_trial(first, rows[first], trained),
    )


def _drawn(chapters: Sequence[Chapter], variant: str) -> Iterator[tuple[str, list[Piece]]]:
    """The address of every figure and its pieces about the variant."""
    for chapter in chapters:
        for figure in (figure for row in chapter.figures for figure in row):
            yield f"{chapter.name}.html#{figure.anchor}", [p for p in figure.pieces if p.variant == variant]


def _titles(trained: Sequence[_Trained]) -> dict[str, str]:
    """Remedy -> its title without what is swept; the variant itself first."""
    found: dict[str, str] = {}
    for one in trained:
        title = one.material.scores.experiment_titles.get(one.entry.experiment, in_words(one.entry.variant))
        found.setdefault(one.entry.remedy, f"{title}, averaged weights" if one.entry.averaged else title)
    return dict(sorted(found.items(), key=lambda pair: pair[0] != trained[0].entry.variant))


def _rows(standings: Sequence[Standings], variant: str, remedy: str) -> Rows:
    mine = (variant, remedy)
    return [(one, row) for one in standings for row in one.rows if (row.entry.variant, row.entry.remedy) == mine]


def _part(remedy: str, title: str, rows: Rows, trained: Sequence[_Trained]) -> Part:
    studies = {
        str(one.material.plan["study"]): str(one.material.plan["title"])
        for one in trained
        if one.entry.remedy == remedy
    }
    return Part(remedy, title, [kept.kept(one, row, title) for one, row in rows], list(studies.items()))


def _settings(one: _Trained) -> Experiment | None:
    """The settings of an entry's arm; its averaged weights (EMA) have those of the arm."""
    planned = Experiment.model_validate(one.material.plan["experiments"][one.entry.experiment]["settings"])
    for name, arm in planned.arms():
        if one.entry.arm in (name, averaged_arm(name, arm)):
            return arm
    return None


def _arms(one: _Trained, titles: Mapping[str, str]) -> Iterator[Arm]:
    settings = None if one.entry.averaged else _settings(one)
    if settings is not None:
        steps = int(one.material.plan["experiments"][one.entry.experiment]["steps"])
        yield Arm(titles[one.entry.remedy], ask.title(one.material.scores, one.dataset), settings, steps)


def _claims(chapter: Chapter, variant: str) -> Iterator[Said]:
    for claim in chapter.judged:
        if variant in claim.remedies:
            yield _said(chapter.name, claim)


def _said(study: str, claim: Claim) -> Said:
    return Said(
        href=f"{study}.html#{study}-claim-{claim.key}",
        text=claim.text,
        effect=number(claim.effect.value),
        row=forest.row(claim.effect, claim.low, claim.high),
        told=forest.told(claim.effect, claim.low, claim.high),
        verdict=claim.verdict,
        reason=claim.reason,
    )


def _diverged(trained: Sequence[_Trained]) -> list[str]:
    """A line for every entry with diverged runs: how many of how many, and when the first one did."""
    found = []
    for one in trained:
        runs = {
            run: step
            for run, step in one.material.scores.diverged.items()
            if run[:2] == (one.entry.experiment, one.entry.arm)
        }
        if runs:
            seeds = int(one.material.scores.settings[one.entry.experiment].get("seeds", len(runs)))
            where = ask.title(one.material.scores, one.dataset)
            found.append(
                f"{one.entry.title} on {where}: {len(runs)} of {plural(seeds, 'run')} diverged, the first at "
                f"{divergence.first(one.material.scores, runs)}."
            )
    return found


def _twin(explorer: Explorer, rows: Rows) -> Twin | None:
    """Beside the plain GAN on the data with most modes that the explorer has."""
    for one, row in sorted(rows, key=lambda pair: -pair[0].n_modes):
        twin = _pair(explorer, one.dataset, row, "median")
        if twin is not None:
            return twin
    return None


def _pair(explorer: Explorer, dataset: str, row: Standing, pick: Pick) -> Twin | None:
    remedy = row.entry.remedy
    beside = None if row.plain else explorer.pair(dataset, PLAIN, remedy, pick)
    return beside or explorer.pair(dataset, remedy, None, pick)


def _trial(remedy: str, rows: Rows, trained: Sequence[_Trained]) -> str:
    """The entry on the data with most modes of the first study that counts them; else on the first data there are."""
    mine = [one for one in trained if one.entry.remedy == remedy]
    counted = [one for one, _ in rows if one.study == rows[0][0].study]
    data = max(counted, key=lambda one: one.n_modes).dataset if counted else mine[0].dataset
    chosen = next((one for one in mine if one.dataset == data), mine[0])
    settings = _settings(chosen)
    return "" if settings is None else trial(remedy, settings)
