"""The experiments listed under a figure: in the plan's order, with only the settings that set them apart."""

from __future__ import annotations

from typing import Any

import pandas as pd

from modescope.report.pictures import NARROW, Picture, Strip, picture, rows, sharing

SCORES = pd.DataFrame(
    [("a", "base", 0, "m", 1.0), ("b", "base", 0, "m", 2.0), ("c", "base", 0, "m", 3.0)],
    columns=["experiment", "arm", "seed", "metric", "value"],
)
RECORDS = {"a": {"data_sha256": "1" * 64, "samples_sha256": "2" * 64}}


def plan() -> dict[str, Any]:
    """Three experiments with nearly the same settings."""
    common = {"steps": 100, "seeds": 3, "latent": {"kind": "normal"}}
    own: dict[str, dict[str, Any]] = {"a": {}, "b": {}, "c": {"latent": {"kind": "uniform"}, "ema": 0.9}}
    return {
        "study": "s",
        "experiments": {
            name: {"settings": common | changes, "steps": 5, "arms": ["x", "y"] if name == "b" else ["base"]}
            for name, changes in own.items()
        },
    }


def described(**changes: Any) -> dict[str, Any]:
    words = {"name": "f_g", "title": "T", "caption": "C.", "alt": "A.", "width": 300, "height": 200}
    return {**words, "vector": True, "animation": True, "strip": None, "experiments": ["a", "b", "c"], **changes}


def made(**changes: Any) -> Picture:
    return picture(plan(), SCORES, RECORDS, 7, described(**changes), "dvc repro render@s")


def test_an_experiment_says_only_what_sets_it_apart() -> None:
    figure = made()
    assert [source.own for source in figure.sources] == ["", "", "latent.kind=uniform; ema=0.9"]
    assert figure.alike == "steps=100; seeds=3; latent.kind=normal"
    assert [source.seeds for source in figure.sources] == ["3 seeds", "3 seeds × 2 arms", "3 seeds"]
    assert (figure.sources[0].data, figure.sources[0].samples) == ("1" * 64, "2" * 64)
    assert (figure.sources[1].data, figure.sources[1].samples) == ("–", "–")
    assert [source.steps for source in figure.sources] == [5, 5, 5]


def test_what_most_lack_is_said_of_the_one_that_has_it_and_the_other_way_round() -> None:
    two = made(experiments=["a", "c"])  # on a tie, the first value counts as the usual one
    assert two.alike == "steps=100; seeds=3; latent.kind=normal"
    assert two.sources[1].own == "latent.kind=uniform; ema=0.9"
    turned = made(experiments=["c", "a"])
    assert turned.alike == "steps=100; seeds=3; latent.kind=uniform; ema=0.9"
    assert turned.sources[1].own == "latent.kind=normal; ema=–"


def test_what_is_missing_is_not_said_where_something_stands_in_its_place() -> None:
    with_noise, without = {"noise": {"std": 0.1, "until": 0.5}}, {"noise": None}
    entries = {name: {"settings": own, "steps": 1} for name, own in (("a", without), ("b", without), ("c", with_noise))}
    few = picture({"study": "s", "experiments": entries}, SCORES, {}, 1, described(), "make")
    assert few.alike == "noise=None"
    assert few.sources[2].own == "noise.std=0.1; noise.until=0.5"
    turned = {name: entries[{"a": "c", "b": "a", "c": "c"}[name]] for name in "abc"}
    most = picture({"study": "s", "experiments": turned}, SCORES, {}, 1, described(), "make")
    assert most.alike == "noise.std=0.1; noise.until=0.5"
    assert most.sources[1].own == "noise=None"


def test_the_scores_are_those_of_its_experiments() -> None:
    figure = made(experiments=["c", "a"])
    assert figure.path == "assets/s_scores_of_f_g.csv"
    assert figure.csv == "experiment,arm,seed,metric,value\na,base,0,m,1.0\nc,base,0,m,3.0\n"
    assert made(experiments=[]).path == ""


def test_figures_with_the_same_scores_share_a_file() -> None:
    figures = [made(), made(name="other"), made(name="third", experiments=["a"]), made(name="none", experiments=[])]
    paths = [figure.path for figure in sharing(figures)]
    assert paths == ["assets/s_scores_of_f_g.csv"] * 2 + ["assets/s_scores_of_third.csv", ""]


def test_paths_lie_beside_the_page() -> None:
    figure = made(strip={"columns": 2, "rows": 1, "steps": [0, 5]})
    assert (figure.still, figure.vector) == ("assets/s_f_g.png", "assets/s_f_g.svg")
    assert figure.animation == "assets/s_f_g.gif"
    assert figure.strip == Strip("assets/s_f_g.strip.png", 2, 1, [0, 5])
    assert figure.anchor == "s-figure-f-g"
    about = {"title": "R1", "alt": "Paths.", "width": 40, "height": 20, "variant": "r1", "remedy": "r1"}
    (piece,) = made(pieces=[about | {"name": "f_g_r1"}]).pieces
    assert (piece.still, piece.vector, piece.variant) == ("assets/s_f_g_r1.png", "assets/s_f_g_r1.svg", "r1")
    assert made(animation=False).animation is made(vector=False).vector is None


def test_narrow_figures_stand_in_pairs() -> None:
    figures = [made(name=str(i), width=w) for i, w in enumerate([NARROW, 300, 300, 900, NARROW + 1, 300])]
    assert [[f.width for f in row] for row in rows(figures)] == [[NARROW, 300], [300], [900], [NARROW + 1], [300]]
