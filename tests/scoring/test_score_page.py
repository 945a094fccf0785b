"""The page of `modescope score`: whole in itself, escaped, and true to the scores beside it."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser

from modescope.__main__ import main
from modescope.datasets import Array
from modescope.scoring import page, words
from modescope.scoring.asked import ask
from modescope.scoring.found import Found, find
from modescope.scoring.modes import modes, uncovered
from modescope.scoring.picture import panels
from modescope.scoring.plane import plane, ticks

CENTRES = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
STD = 0.05


def mixture(rng: np.random.Generator, counts: list[int]) -> Array:
    """So many points of each mode, and far from all of them, in random order."""
    around = np.repeat([*CENTRES, [9.0, 9.0]][: len(counts)], counts, axis=0)
    points: Array = rng.permutation(around + STD * rng.standard_normal(around.shape))
    return points


def found(counts: list[int], **options: Any) -> Found:
    """Scores of so many generated points of each mode against 200 real ones of each."""
    rng = np.random.default_rng(0)
    known = {"centres": CENTRES, "std": STD, "chosen": ["modes", "moments", "prdc"], "repeats": 2}
    return find(ask(mixture(rng, [200] * 3), mixture(rng, counts), **{**known, **options}))


def html(of: Found, fake: str = "fake.csv", failed: tuple[str, ...] = ()) -> str:
    return page.render(of, {"real": "real.csv", "fake": fake}, ["real.csv: row 1: names"], [], list(failed))


def text(of: str) -> str:
    """The page as a reader sees it."""
    return " ".join(re.sub(r"<[^>]*>", " ", of).replace("\u00a0", " ").split())


def test_it_loads_and_runs_nothing_and_its_policy_holds_for_its_style() -> None:
    made = html(found([150, 150, 0]))
    (style,) = re.findall(r"<style>(.*?)</style>", made, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="(.*?)"', made)
    assert unescape(policy).split("; ")[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]
    assert not re.search(r"<script|<img|<link(?! rel=\"icon\")|style=|https?:|url\(|@import|\bon\w+=", made)
    assert [link for link in re.findall(r'(?:href|src)="([^"]*)"', made) if link[0] != "#"] == ["data:,"]
    anchors = set(re.findall(r'href="#(\w+)"', made))
    assert anchors == set(re.findall(r'<div id="(\w+)">', made))
    assert "mode_kl" in anchors


def test_what_a_user_named_is_escaped() -> None:
    name = '<script>alert(1)</script>&".csv'
    made = html(found([100, 100, 100]), name, failed=(f"--fail-below {name}",))
    assert name not in made
    assert made.count("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&#34;.csv") >= 3


@pytest.mark.parametrize(
    ("counts", "title", "said"),
    [
        ([100, 100, 100], "All three modes are covered.", "Every mode has at least half of its true share"),
        ([150, 150, 0], "Two of three modes are covered, one is lost.", "Mode 3 has no generated point."),
        ([280, 10, 10], "One of three modes is covered, two are too thin.", "Modes 2 and 3 have less than half"),
        (
            [0, 0, 0, 100],
            "None of three modes is covered, three are lost.",
            "Modes 1, 2 and 3 have no generated point.",
        ),
        ([290, 10, 0], "One of three modes is covered, one is lost and one is too thin.", "Mode 2 has less than half"),
    ],
)
def test_lost_modes_are_named(counts: list[int], title: str, said: str) -> None:
    of = found(counts)
    each = modes(of)
    assert [mode.number for mode in each] == [1, 2, 3]
    assert sum(mode.state == "covered" for mode in each) == of.scores["modes_covered"].value
    assert sum(mode.state != "lost" for mode in each) == of.scores["modes_hit"].value
    assert sum(mode.share for mode in each) == pytest.approx(of.scores["high_quality_fraction"].value)
    assert " ".join(words.headline(of, each)).strip() == title
    made = text(html(of))
    assert title in made
    assert said in made


def test_the_real_points_that_are_marked_are_those_that_coverage_misses() -> None:
    of = found([150, 150, 0])
    far = uncovered(of)
    assert far is not None
    assert 1 - far.mean() == of.scores["coverage"].value
    third = of.real[:, 1] > 1
    assert far[third].all()
    assert far[~third].mean() < 0.1
    real, generated = panels(of, modes(of), far)
    assert [d.count("M") for _, d in real.paths] == [int(np.sum(~far)), int(np.sum(far))]
    assert [circle.state for circle in generated.circles] == ["covered", "covered", "lost"]
    assert generated.circles[2].y < generated.circles[0].y  # upwards in the picture is upwards in the data
    assert generated.circles[0].x < generated.circles[1].x
    assert generated.outside == 0


@pytest.mark.parametrize(
    ("counts", "chosen", "title", "said"),
    [
        (
            [150, 150, 0],
            "prdc",
            "The generated points cover 6",
            "within the distance to their 5 nearest real neighbours",
        ),
        ([200, 200, 200], "prdc", "The generated points cover the real ones as well as other real points do.", "Real"),
        ([150, 150, 0], "moments", "One of 2 metrics is worse than between real points.", "prdc was not chosen."),
        ([200, 200, 200], "moments", "None of 2 metrics is worse than between real points.", "prdc was not chosen."),
    ],
)
def test_without_modes_coverage_is_the_finding_or_the_metrics_are_counted(
    counts: list[int], chosen: str, title: str, said: str
) -> None:
    made = text(html(found(counts, centres=None, std=None, chosen=[chosen], repeats=5)))
    assert title in made
    assert said in made
    assert "How much does each mode get?" not in made


def test_a_metric_stands_within_or_beside_its_floor() -> None:
    scores = found([150, 150, 0]).scores
    assert [scores[name].standing for name in ("modes_hit", "coverage", "mean_error", "std_ratio")] == [
        *["worse"] * 3,
        "differs",
    ]
    same = found([200, 200, 200]).scores
    assert same["modes_hit"].standing == "as real"
    hit, kl = page.strip(scores["modes_hit"], 3), page.strip(scores["mode_kl"], 3)
    assert hit is not None
    assert (hit.low, hit.width, hit.value) == (page.TRACK, 0, pytest.approx(page.TRACK * 2 / 3))
    assert kl is not None
    assert (kl.low, kl.value) == (0, page.TRACK)


def test_what_is_not_defined_says_why_and_has_no_dot() -> None:
    rng = np.random.default_rng(0)
    real, fake = np.round(rng.standard_normal((200, 2))), np.round(rng.standard_normal((90, 2)))
    of = find(ask(real, fake, chosen=["moments", "prdc"], repeats=1))
    assert of.scores["coverage"].standing == "unknown"
    assert page.strip(of.scores["coverage"], 0) is None
    assert uncovered(of) is None
    made = text(html(of))
    assert f"Coverage is not measured here: {of.scores['coverage'].reason}." in made
    assert "are not defined" in made


def test_directions_are_those_of_other_points_so_that_equal_sets_look_equal() -> None:
    rng = np.random.default_rng(0)
    real, fake, others = rng.standard_normal((3, 60, 400))
    seen = plane(real, fake, others, None)
    assert np.allclose(seen.directions.T @ seen.directions, np.eye(2))
    assert seen.of(real).std() == pytest.approx(seen.of(fake).std(), rel=0.1)
    assert seen.of(others).std() > 1.5 * seen.of(fake).std()  # which is why these are not drawn


def test_the_window_shows_the_real_points_and_follows_generated_ones_only_so_far() -> None:
    rng = np.random.default_rng(0)
    real = rng.uniform(0, 1, (500, 2))
    near, far = (plane(real, real + np.array([shift, 0]), real, np.array([[1.5, 0.5]])) for shift in (0.2, 1000))
    for seen in (near, far):
        assert (seen.low <= real.min(axis=0)).all()
        assert (seen.high >= [1.5, 1]).all()
        width, height = seen.high - seen.low
        assert width == pytest.approx(height)
    assert far.high[0] < 3.3
    assert ticks(-0.3, 1.2) == [0, 0.5, 1]
    assert ticks(980.0, 1020.0) == [980, 990, 1000, 1010, 1020]


def test_points_on_the_line_are_histograms() -> None:
    rng = np.random.default_rng(0)
    of = find(ask(rng.standard_normal((400, 1)), 9 + rng.standard_normal((100, 1)), chosen=["moments"], repeats=1))
    (panel,) = panels(of, [], None)
    assert panel.outside > 90
    assert [kind for kind, _ in panel.paths] == ["bars", "outline"]
    assert "Real and generated" in text(html(of))


def test_a_browser_shows_it_without_errors_in_both_widths_and_schemes(tmp_path: Path, browser: Browser) -> None:
    rng = np.random.default_rng(0)
    for name, points in (("real", mixture(rng, [80] * 3)), ("fake", mixture(rng, [60, 60])), ("centres", CENTRES)):
        np.save(tmp_path / f"{name}.npy", points)
    sides = [word for name in ("real", "fake", "centres") for word in (f"--{name}", str(tmp_path / f"{name}.npy"))]
    limits = [
        "--fail-below",
        "coverage=0.9",
        "--fail-above",
        "modes_hit=3",
        "--metrics",
        "modes,prdc",
        "--repeats",
        "1",
    ]
    assert main(["score", *sides, "--std", str(STD), *limits, "--html", str(tmp_path / "report.html")]) == 3
    assert not list(tmp_path.glob(".*"))
    for width, scheme in ((360, "light"), (1_400, "dark")):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        tab, wrong = context.new_page(), list[str]()
        tab.on("console", lambda message, wrong=wrong: wrong.append(message.text))
        tab.on("pageerror", lambda error, wrong=wrong: wrong.append(str(error)))
        tab.on("request", lambda request, wrong=wrong: wrong.append(request.url))
        tab.goto((tmp_path / "report.html").as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert tab.locator("h1").inner_text() == "Two of three modes are covered, one is lost."
        assert tab.locator(".failed").count() == tab.locator(".kept").count() == 1
        style = "getComputedStyle(document.body).backgroundColor"
        assert tab.evaluate(style) == ("rgb(253, 253, 252)" if scheme == "light" else "rgb(21, 24, 28)")
        assert wrong == [(tmp_path / "report.html").as_uri()]
        context.close()
