"""Pairs of runs for twins, which seed they show, and what a page without anything to explore looks like."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import synthetic

from modescope import studies
from modescope.report import page, view
from modescope.report.explorer import PAGE, Explorer, explorer
from modescope.statistics import Estimate
from modescope.studies.common.entries import Entry
from modescope.studies.common.standings import Standing, Standings

FINALS = {"gan": [14, 9, 20, 15], "r1": [24, 23, 18, 25], "lost": [None, None, None, None], "wgan": [20, None, 21, 22]}


def standing(remedy: str, by_seed: dict[int, float]) -> Standing:
    entry = Entry(remedy, "base", remedy, remedy, {}, remedy.upper(), remedy)
    return Standing(entry, Estimate(math.nan, math.nan, math.nan, 0), None, math.nan, math.nan, by_seed, 0, True)


def item(name: str, remedies: list[str]) -> dict[str, object]:
    entries = [
        {
            "key": remedy,
            "remedy": remedy,
            "title": remedy.upper(),
            "experiment": remedy,
            "arm": "base",
            "runs": [
                {
                    "seed": seed,
                    "file": f"{name}_{remedy}_{seed}.js",
                    "final": final,
                    "diverged": None if final is not None else 70,
                }
                for seed, final in enumerate(FINALS[remedy])
            ],
        }
        for remedy in remedies
    ]
    return {
        "dataset": name,
        "title": f"The {name}",
        "extent": [0.0, 2.0, 0.0, 1.0],
        "centres": [[0.5, 0.25], [1.5, 0.75]],
        "radius": 0.1,
        "n_modes": 25,
        "metric": "modes_covered",
        "rule": "",
        "final_points": 5_000,
        "real": f"{name}.js",
        "entries": entries,
    }


@pytest.fixture
def found(tmp_path: Path) -> Explorer:
    """Two studies that both have a grid; the runs' scripts hold one point each, the left lower corner."""
    for study, items in {"a": [item("grid", list(FINALS))], "b": [item("grid", ["gan"])]}.items():
        folder = tmp_path / study
        (folder / "explorer").mkdir(parents=True)
        (folder / "explorer.json").write_text(json.dumps(items), encoding="utf-8")
        for remedy in FINALS:
            for seed in range(4):
                content = {"steps": [0], "points": 1, "packed": "AAAA", "kept": ["10"]}
                text = f'modescopeRun("{study}/grid_{remedy}_{seed}",{json.dumps(content)});\n'
                (folder / "explorer" / f"grid_{remedy}_{seed}.js").write_text(text, encoding="utf-8")
    more = {"gan": dict(enumerate([14, 9, 20, 15, 9, 9, 9])), "r1": dict(enumerate(FINALS["r1"]))}
    rows = [standing(remedy, {k: float(v) for k, v in values.items()}) for remedy, values in more.items()]  # type: ignore[arg-type]
    return explorer(
        tmp_path, ["a", "b", "none"], [Standings("a", "grid", "", "modes_covered", "modes", 25, None, rows)]
    )


def test_the_median_seed_is_close_to_both_medians_over_all_seeds(found: Explorer) -> None:
    twin = found.pair("grid", "gan", "r1")
    assert twin is not None
    # Medians 9 and 23.5. Off by |14 - 9| + |24 - 23.5| = 5.5, 0.5, 16.5 and 7.5.
    assert twin.seed == 1
    assert twin.href == "explorer.html?dataset=grid&left=gan&right=r1&seed=1"
    assert [(side.run, side.words) for side in twin.sides] == [
        ("a/grid_gan_1", "9 of 25 modes"),
        ("a/grid_r1_1", "23 of 25 modes"),
    ]
    assert twin.size == (400, 200)
    assert twin.modes == [(100.0, 150.0), (300.0, 50.0)]
    assert twin.sides[0].still == "M0 200h0"
    assert twin.sides[0].kept == [True, False]
    assert twin.alt == "Training on The grid, seed 1. GAN: 9 of 25 modes; R1: 23 of 25 modes."


def test_the_worst_seed_is_that_of_the_last_remedy_and_a_diverged_run_is_worse_than_any(found: Explorer) -> None:
    worst = found.pair("grid", "gan", "r1", "worst")
    assert worst is not None
    assert worst.seed == 2
    diverged = found.pair("grid", "gan", "wgan", "worst")
    assert diverged is not None
    assert (diverged.seed, diverged.sides[1].words) == (1, "diverged at step 70")
    assert found.pair("grid", "gan", "wgan").seed != 1  # type: ignore[union-attr]
    everywhere = found.pair("grid", "gan", "lost")
    assert everywhere is not None
    assert everywhere.seed == 0


def test_one_remedy_alone_and_what_is_not_there(found: Explorer) -> None:
    alone = found.pair("grid", "gan", None)
    assert alone is not None
    assert len(alone.sides) == 1
    assert "right" not in alone.href
    assert found.pair("grid", "gan", "nothing") is None
    assert found.pair("spiral", "gan", "r1") is None


def test_a_figure_links_to_its_runs(found: Explorer) -> None:
    assert found.link(["wgan", "r1", "elsewhere"]) == "explorer.html?dataset=grid&left=r1&right=wgan"
    assert found.link(["gan"]) == "explorer.html?dataset=grid&left=gan"
    assert found.link(["elsewhere"]) == ""


def test_a_name_that_two_studies_use_gets_the_study_before_it(found: Explorer) -> None:
    assert list(found.fields) == ["grid", "b_grid"]
    assert found.start == "grid"
    first, second = found.data
    assert (first["left"], first["right"]) == ("gan", "r1")
    assert (second["left"], second["right"]) == ("gan", "gan")
    assert len({path for path, _ in found.files}) == len(found.files) == 4 * 5 + 2


def test_without_anything_in_the_plane_there_is_no_page_and_no_link(tmp_path: Path) -> None:
    names = ("gaussian",)
    material = view.Material(synthetic.plan(names), studies.build("latent"), synthetic.scores(names), [], {})
    built = view.build([material], {}, view.Provenance("0123abc", {}, "dvc repro"), tmp_path)
    pages = page.render(built, synthetic.TEMPLATES)
    assert len(pages) > 1
    assert PAGE not in pages
    assert not any(PAGE in text for text in pages.values())
