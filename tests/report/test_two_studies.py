"""Settings split into those that differ and those that do not; a report with two studies."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest
import synthetic
import synthetic_modes

from modescope import studies
from modescope.report import page, sheets, view
from modescope.report.tables import Grid, differing, settings

PROVENANCE = view.Provenance("0123abc", {"Python": "3.12.0"}, "dvc repro")


def test_differing_splits_by_row_and_turns_what_differs() -> None:
    grid = Grid(["a", "b", "c"], [("x", ["1", "1", "2"]), ("y", ["3", "3", "3"]), ("z", ["–", "4", "–"])])
    each, alike = differing(grid)
    assert each == Grid(["x", "z"], [("a", ["1", "–"]), ("b", ["1", "4"]), ("c", ["2", "–"])], "experiment")
    assert alike == Grid(["all experiments"], [("y", ["3"])])


def test_of_one_experiment_nothing_differs() -> None:
    each, alike = differing(settings({"a": {"x": 1, "y": {"z": [2, 3]}}}))
    assert each == Grid([], [("a", [])], "experiment")
    assert alike == Grid(["all experiments"], [("x", ["1"]), ("y.z", ["2, 3"])])


def test_a_setting_that_one_lacks_differs() -> None:
    each, alike = differing(settings({"a": {"x": 1}, "b": {"x": 1, "y": 2}}))
    assert each == Grid(["y"], [("a", ["–"]), ("b", ["2"])], "experiment")
    assert alike.rows == [("x", ["1"])]


def test_sheets_name_the_corner() -> None:
    each, alike = differing(settings({"a": {"x": 1, "y": 3}, "b": {"x": 2, "y": 3}}))
    assert sheets.grid(each) == "experiment,x\na,1\nb,2\n"
    assert sheets.grid(alike) == "key,all experiments\ny,3\n"


def figure(name: str) -> dict[str, object]:
    words = {key: f"{key} of {name}" for key in ("title", "caption", "alt")}
    return {"name": name, **words, "width": 900, "height": 300, "animation": True, "experiments": ["e"]}


@pytest.fixture(scope="module")
def built() -> view.Page:
    names = ("gaussian", "eight_gaussians")
    materials = [
        view.Material(synthetic.plan(names), studies.build("latent"), synthetic.scores(names), [figure("x")], {}),
        view.Material(
            synthetic_modes.plan(),
            studies.build("modes"),
            synthetic_modes.everything(),
            [figure("x"), figure("ring8_heavy_ranking")],
            {},
        ),
    ]
    return view.build(materials, {}, PROVENANCE)


@pytest.fixture(scope="module")
def pages(built: view.Page) -> dict[str, str]:
    return page.render(built, synthetic.TEMPLATES)


@pytest.fixture(scope="module")
def text(pages: dict[str, str]) -> str:
    return "".join(pages.values())


def test_both_studies_are_on_the_page(built: view.Page, pages: dict[str, str], text: str) -> None:
    latent, modes = built.studies
    assert [latent.name, modes.name] == ["latent", "modes"]
    assert latent.claims
    assert len(modes.claims) == 24
    assert sum(built.counts.values()) == len(latent.claims) + len(modes.claims)
    for study in built.studies:
        assert pages[f"{study.name}.html"].count('class="badge') == len(study.claims)
    assert [f.number for study in built.studies for row in study.figures for f in row] == [1, 2, 3]
    assert {t.anchor for t in modes.tables} == {
        "modes-table-headline",
        "modes-table-leaderboard-ring8-heavy",
        "modes-table-published-ring8-heavy",
        "modes-table-leaderboard-line5",
        "modes-table-leaderboard-swiss-roll",
        "modes-table-encoding",
    }
    assert "the plain GAN covers" in text
    assert "with 3 % and 8 % of the default steps" in built.lead


def test_all_anchors_are_unique_and_every_link_has_its_target(pages: dict[str, str]) -> None:
    for text in pages.values():
        ids = Counter(re.findall(r'\bid="([^"]+)"', text))
        assert [name for name, n in ids.items() if n > 1] == []
        assert len(ids) > 6
        assert {link.split("?")[0] for link in re.findall(r'href="#([^"]+)"', text)} <= set(ids)


def test_paths_are_unique_over_the_studies(built: view.Page) -> None:
    paths = [table.path for study in built.studies for table in study.tables]
    paths += [figure.still for study in built.studies for row in study.figures for figure in row]
    paths += [f"assets/{study.name}_{name}.csv" for study in built.studies for name in study.sheets]
    assert len(set(paths)) == len(paths)


def test_a_study_of_many_experiments_has_a_row_for_each(built: view.Page, text: str) -> None:
    grid = built.studies[1].settings
    assert grid.corner == "experiment"
    assert [name for name, _ in grid.rows] == list(synthetic_modes.EXPERIMENTS)
    by_name = {name: dict(zip(grid.columns, cells, strict=True)) for name, cells in grid.rows}
    assert by_name["modes_line5_bigan"]["latent_dim"] == "1"
    assert by_name["modes_ring8_heavy_wgan"]["variant"] == "wgan"
    alike = dict(built.studies[1].alike.rows)
    assert alike["steps"] == ["1000"]
    assert not set(alike) & set(grid.columns)
    assert built.studies[1].alike.columns == ["all experiments"]
    assert '<th scope="col">Experiment</th><th scope="col">dataset</th>' in text


def test_costs_and_metrics_are_explained_once(built: view.Page, text: str) -> None:
    assert {"modes_covered", "reconstruction_error", "code_coverage"} <= set(built.glossary)
    assert text.count('id="metric-modes_covered"') == 1


def test_a_column_is_explained_by_the_metrics_of_its_own_study(built: view.Page) -> None:
    def linked(page: view.Page) -> set[str]:
        return {c.metric for table in page.studies[1].tables for c in table.columns if c.key == "kl_qp"}

    assert linked(built) == {"kl_qp"}
    latent = view.Material(
        synthetic.plan(("gaussian",)), studies.build("latent"), synthetic.scores(("gaussian",)), [], {}
    )
    scores = synthetic_modes.everything()
    without = replace(scores, runs=scores.runs[scores.runs["metric"] != "kl_qp"])
    modes = view.Material(synthetic_modes.plan(), studies.build("modes"), without, [], {})
    page = view.build([latent, modes], {}, PROVENANCE)
    assert "kl_qp" in page.glossary
    assert linked(page) == {""}
