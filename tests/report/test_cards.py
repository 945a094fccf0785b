"""The cards of the remedies: what they say of runs, with declarations and without, and what can be tried."""

from __future__ import annotations

import copy
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import synthetic_modes
from access import violations
from ruamel.yaml import YAML
from synthetic import TEMPLATES, Open

from modescope import studies
from modescope.params.config import Experiment, Params
from modescope.params.reading import read
from modescope.plan.check import check
from modescope.report import view
from modescope.report.cards import Card
from modescope.report.cards.formula import formulas, meanings
from modescope.report.cards.sweeps import Sweep, charts
from modescope.report.cards.sweeps import read as read_sweep
from modescope.report.page import render
from modescope.report.provenance import Provenance
from modescope.store.plan import RemedyPage
from modescope.store.runs import Scores
from modescope.variants import find

MADE = Provenance("0123abc", {"python": "3.12.0"}, "dvc repro", "https://example.org/{commit}/{path}#L{line}")


def declared(name: str) -> RemedyPage:
    variant = find(name)
    tex = (variant.discriminator_tex, variant.generator_tex)
    path = f"src/modescope/variants/{name}.py"
    return RemedyPage(
        title=variant.title, idea=variant.idea, source=variant.source, link=variant.link, discriminator_tex=tex[0],
        generator_tex=tex[1], path=path, line=12,
    )  # fmt: skip


DECLARED = {name: declared(name) for name in ("gan", "r1", "bigan_pgp")}


def page(
    scores: Scores | None = None, sweeps: tuple[Sweep, ...] = (), figures: Any = (), **remedies: RemedyPage
) -> view.Page:
    scores = synthetic_modes.everything() if scores is None else scores
    plan = synthetic_modes.plan()
    plan["experiments"] = {name: plan["experiments"][name] for name in scores.datasets}
    material = view.Material(plan, studies.build("modes"), scores, figures, {})
    return view.build([material], DECLARED | remedies, MADE, None, sweeps)


def card(built: view.Page, variant: str) -> Card:
    return next(one for one in built.cards if one.variant == variant)


def html(built: view.Page, variant: str) -> str:
    return render(built, TEMPLATES)[f"remedy-{variant}.html"]


def only(scores: Scores, *experiments: str) -> Scores:
    """The scores of these experiments alone."""
    return replace(
        scores,
        runs=scores.runs[scores.runs["experiment"].isin(experiments)],
        datasets={e: d for e, d in scores.datasets.items() if e in experiments},
        settings={e: s for e, s in scores.settings.items() if e in experiments},
        diverged={run: step for run, step in scores.diverged.items() if run[0] in experiments},
    )


def without(scores: Scores, experiment: str) -> Scores:
    """The scores as if all runs of an experiment had diverged at step 5."""
    lost = scores.runs[scores.runs["experiment"] == experiment][["arm", "seed"]].drop_duplicates()
    return replace(
        scores,
        runs=scores.runs[scores.runs["experiment"] != experiment],
        diverged={**scores.diverged, **{(experiment, a, int(s)): 5 for a, s in lost.itertuples(index=False)}},
    )


def test_every_variant_of_the_plan_has_a_card_and_every_remedy_an_anchor_on_it():
    built = page()
    pages = render(built, TEMPLATES)
    used = {e["settings"]["variant"] for e in synthetic_modes.plan()["experiments"].values()}
    assert {one.variant for one in built.cards} == used
    assert built.cards[0].variant == "gan"
    for one in built.cards:
        for part in one.parts:
            assert pages[one.path].count(f'id="{part.remedy}"') == 1, f"{one.path}#{part.remedy}"
    assert {part.remedy for part in card(built, "gan").parts} >= {"gan", "gan_ema", "gan_saturating"}
    shown = {row.entry.remedy: row.entry.variant for one in built.standings for row in one.rows}
    assert all(remedy in {part.remedy for part in card(built, variant).parts} for remedy, variant in shown.items())


def test_a_card_says_what_its_file_declares_with_the_losses_as_mathml():
    built = page()
    text, one = html(built, "bigan_pgp"), DECLARED["bigan_pgp"]
    assert one.title in text
    assert f'<a href="{one.link}">Sharma &amp; Namboodiri 2018</a>' in text
    assert one.idea.split(".")[0].replace("'", "’") in text
    assert text.count('<math display="block">') == 5 + 3
    assert "https://example.org/0123abc/src/modescope/variants/bigan_pgp.py#L12" in text
    assert "style=" not in text


def test_a_variant_that_declares_nothing_has_a_card_of_its_runs():
    nothing = dict.fromkeys(("title", "idea", "source", "link", "discriminator_tex", "generator_tex"), "")
    text = html(page(bigan=RemedyPage(**nothing, path="a.py", line=1)), "bigan")
    assert "<math" not in text
    assert "What is minimised" not in text
    assert '<h1 id="card">Bigan</h1>' in text
    assert 'id="card-kept"' in text


def test_what_a_card_answers_is_what_its_rows_show():
    built = page()
    for one in built.cards:
        rows = [row for part in one.parts[:1] for row in part.kept]
        for result in ("more", "fewer"):
            named = {row.dataset for row in rows if row.direction == result}
            sentence = re.search(rf"significantly {result} modes on ([^.]*?)(?: and significantly|\.)", one.answer)
            assert bool(sentence) == (bool(named) and one.variant != "gan")
            assert not sentence or all(f"“{name}”" in sentence[1] for name in named)
    assert card(built, "gan").answer.startswith("All remedies are compared with it. It keeps ")


def test_marks_lie_between_no_mode_and_all_of_them():
    for one in page().cards:
        for row in (row for part in one.parts for row in part.kept):
            for lane in filter(None, (row.lane, row.beside)):
                assert lane.point is None or 0 <= lane.point <= 100
                assert lane.whisker is None or 0 <= lane.whisker[0] <= lane.whisker[1] <= 100


def test_without_a_plain_gan_nothing_is_compared():
    kept = [e for e in synthetic_modes.everything().datasets if "_gan" not in e]
    built = page(only(synthetic_modes.everything(), *kept))
    assert "gan" not in {one.variant for one in built.cards}
    for one in built.cards:
        assert "ignificant" not in one.answer
        assert html(built, one.variant)


def test_on_one_dataset_and_where_all_runs_diverged():
    everything = synthetic_modes.everything()
    name = next(e for e in everything.datasets if everything.datasets[e] == "ring8_heavy" and "_gan" not in e)
    variant = str(everything.settings[name]["variant"])
    lost = only(without(everything, name), "modes_ring8_heavy_gan", name)
    one = card(page(lost), variant)
    assert one.answer == "All of its runs diverged on “Ring8 Heavy”."
    assert one.worst == []
    assert re.fullmatch(r".* on Ring8 Heavy: 3 of 3 runs diverged, the first at step 5\.", one.diverged[0])
    assert "3 of 3 runs diverged" in html(page(lost), variant)


def test_a_variant_whose_modes_no_study_counts():
    (text,) = {one.answer for one in page().cards if one.variant == "encoder"}
    assert text == "No study counts the modes that it keeps."


def test_portraits_stand_on_the_card_of_their_variant_alone():
    piece = {"name": "portraits_wgan", "title": "WGAN", "alt": "converges", "width": 132, "height": 160}
    drawn = {"name": "portraits", "title": "Portraits", "caption": "", "alt": "", "width": 500, "height": 400}
    drawn |= {"animation": None, "experiments": [], "pieces": [piece | {"variant": "wgan", "remedy": "wgan"}]}
    built = page(figures=[drawn])
    assert [one.still for one in card(built, "wgan").portraits] == ["assets/modes_portraits_wgan.png"]
    assert card(built, "wgan").portrayed == "modes.html#modes-figure-portraits"
    assert 'src="assets/modes_portraits_wgan.png"' in html(built, "wgan")
    assert not card(built, "gan").portraits
    assert "card-portraits" not in html(built, "gan")


def test_the_worst_run_is_named():
    everything = synthetic_modes.everything()
    is_it = (everything.runs["experiment"] == "modes_ring8_heavy_gan") & (everything.runs["arm"] == "base")
    is_it &= (everything.runs["metric"] == "modes_covered") & (everything.runs["seed"] == 2)
    runs = everything.runs.assign(value=everything.runs["value"].where(~is_it, 0.0))
    one = card(page(replace(everything, runs=runs)), "gan")
    assert one.worst[0] == "Ring8 Heavy: seed 2 keeps 0 of 8 modes."


@pytest.mark.parametrize("variant", sorted({e.variant for e in synthetic_modes.EXPERIMENTS.values()}))
def test_the_entry_to_be_tried_passes_the_check(variant):
    text = card(page(), variant).trial
    entries: dict[str, Any] = YAML(typ="safe", pure=True).load(f"experiments:\n{text}")["experiments"]
    (name,) = entries
    params = {
        "effort": 1.0,
        "evaluation": {"samples": 100},
        "datasets": copy.deepcopy(synthetic_modes.KINDS),
        "metrics": {"modes": {}},
        "studies": {"modes": {"title": "Modes"}},
        "experiments": entries,
    }
    entry = check(params).experiments[name]
    assert entry.variant == variant
    assert name not in synthetic_modes.EXPERIMENTS
    planned = [arm for e in synthetic_modes.EXPERIMENTS.values() for _, arm in e.arms() if arm.dataset == entry.dataset]
    assert entry in [arm.model_copy(update={"title": None, "article_steps": None}) for arm in planned]


def test_a_sweep_is_drawn_with_the_settings_that_are_used():
    mine = Experiment.model_validate(synthetic_modes.plan()["experiments"]["modes_ring8_heavy_gan"]["settings"])
    rate = "optimizers.generator.learning_rate"
    swept = mine.model_copy(update={"seeds": 2, "sweep": {rate: [1e-4, 1e-3]}, "ema": None})
    rows = [
        ("tuning_ring8_heavy_gan", f"{rate}={value}", seed, "mode_tv", score)
        for value, seed, score in ((0.0001, 0, 0.2), (0.0001, 1, 0.4), (0.001, 0, 0.1))  # one run diverged
    ]
    scores = pd.DataFrame(rows, columns=["experiment", "arm", "seed", "metric", "value"])
    sweep = Sweep("modes_tuning", {"tuning_ring8_heavy_gan": swept}, scores)
    (chart,) = card(page(sweeps=(sweep,)), "gan").charts
    assert [(arm.words, arm.mean, arm.used, arm.diverged) for arm in chart.arms] == [
        ("rate of G 0.0001", "0.3", False, 0),
        ("rate of G 0.001", "0.55", True, 1),
    ]
    assert (chart.low, chart.high, chart.better) == ("0.1", "1", "lower")
    assert chart.arms[1].points == [0.0, 100.0]
    assert 'class="chosen"' in html(page(sweeps=(sweep,)), "gan")
    assert card(page(sweeps=(replace(sweep, extra="another"),)), "gan").charts == []


def test_a_formula_has_known_elements_alone_and_escaped_text():
    (line,) = formulas(r"\operatorname{sp}(-D(x))")
    assert '<mi>sp</mi><mo stretchy="false">(</mo><mo form="prefix">−</mo>' in line.mathml
    (coloured,) = formulas(r"\color{red}{x} \text{a \& b}")
    assert "style" not in coloured.mathml
    assert "&amp;" in coloured.mathml
    for broken in (r"\frac{<b>", r"\text{<script>}", r"\left("):
        (shown,) = formulas(broken)
        assert "<b>" not in shown.mathml
        assert "<script" not in shown.mathml
    assert formulas("") == []


def test_symbols_are_explained_where_they_stand_in_a_formula():
    def told(*tex: str) -> set[str]:
        return {re.sub(r"<[^>]*>", "", str(sign)) for sign, _ in meanings(*tex)}

    r1 = find("r1")
    assert told(r1.discriminator_tex, r1.generator_tex) == {"x", "g", "z", "D", "sp", "∇", "γ"}
    assert told(r"k(x_i, g_j)") == {"x", "g", "k"}
    assert told(r"\text{over the } k \text{ points}") == set()
    assert told("") == set()


def test_a_card_fits_a_phone_has_formulas_and_axe_finds_nothing_serious(visit: Open) -> None:
    tab = visit("remedy-bigan_pgp.html#bigan_pgp", 360, color_scheme="dark")
    assert violations(tab) == []
    assert tab.evaluate("document.documentElement.scrollWidth") == 360
    heights = tab.evaluate("[...document.querySelectorAll('.loss math')].map(m => m.getBoundingClientRect().height)")
    assert len(heights) == 3
    assert min(heights) > 12
    assert tab.locator("tr[data-remedy=bigan_pgp] svg.lane").first.is_visible()


def test_the_sweeps_in_the_repository_name_the_settings_in_use():
    folder = Path("extra/traffic_tuning")
    sweep = read_sweep(folder, Params.model_validate(read(folder / "params.yaml")))
    assert sweep is not None
    planned = Params.model_validate(read(Path("params.yaml"))).experiments
    arms = [arm for e in planned.values() if e.study == "traffic" for _, arm in e.arms()]
    (chart,) = charts([sweep], "r1", arms)
    assert [arm.used for arm in chart.arms].count(True) == 1
