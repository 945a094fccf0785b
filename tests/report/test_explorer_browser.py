"""The explorer in a real browser: what it draws are the runs' own points, and the address is a link to the view."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import synthetic
from access import violations
from jinja2 import Environment, FileSystemLoader
from playwright.sync_api import expect
from synthetic import Open

from modescope.explorer import index as shown_index
from modescope.explorer.frames import chosen
from modescope.explorer.pack import step
from modescope.report.explorer import explorer

LEFT, RIGHT = "gan_latent_dim_1", "gan_latent_dim_3"
VIEW = f"explorer.html?dataset=eight_gaussians&left={LEFT}&right={RIGHT}&seed=1"
SHOWN = "modescope.player.step"
# Pixels of a canvas whose colour is not that of an empty place: how many are coloured at all.
DRAWN = """canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
    .reduce((n, value, i) => n + (i % 4 === 3 && value > 0), 0)"""


def test_the_last_step_shows_the_runs_own_samples(visit: Open, requested: list[str]) -> None:
    tab = visit(f"{VIEW}&step=0", reduced_motion="reduce")
    expect(tab.locator(".player .step")).to_contain_text("step")
    slider = tab.get_by_role("slider")
    slider.focus()
    tab.keyboard.press("End")
    assert slider.get_attribute("aria-valuetext") == "step 900"
    runs = synthetic.runs("eight_gaussians")
    scores = synthetic.explored("eight_gaussians")
    counted = shown_index.counting(synthetic.plan(), scores, "eight_gaussians", runs.dataset)
    extent = shown_index.geometry(runs.dataset, counted)["extent"]
    for side, dim in enumerate((1, 3)):
        drawn = np.array(
            tab.evaluate(f"[...modescope.player.frame({side})].map(x => Number.isNaN(x) ? null : x)"), float
        )
        own = runs.snapshots[runs.rows(f"latent_dim={dim}")[1]][-1]
        inside = ((own >= np.array(extent)[[0, 2]]) & (own <= np.array(extent)[[1, 3]])).all(axis=1)
        points = drawn.reshape(-1, 2)
        assert len(points) == len(own) == 400
        assert (np.abs(points - own)[inside] <= step(extent) * 0.501).all()
        assert np.isnan(points[~inside]).all()
        recorded = scores.progress.query(f"arm == 'latent_dim={dim}' and seed == 1 and step == 900")["modes_covered"]
        pane = tab.locator(".pane").nth(side)
        assert pane.locator(".count").text_content() == f"{recorded.item():g} of 8 modes"
        assert "After training, on 10,000 fresh points: " in (pane.locator(".aside").text_content() or "")
        assert pane.locator("canvas").evaluate(DRAWN) > 3_000
    assert len([url for url in requested if "/explorer/latent/" in url]) == 3  # two runs and the real points
    assert violations(tab) == []


def test_the_keyboard_moves_and_plays_and_the_address_follows(visit: Open) -> None:
    tab = visit(f"{VIEW}&step=0", 360)
    expect(tab.locator(".player .step")).to_contain_text("step")
    steps = synthetic.runs("eight_gaussians").snapshot_steps
    steps = steps[chosen(steps)].tolist()
    words, slider, play = tab.locator(".words"), tab.get_by_role("slider"), tab.locator(".player button.play")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.evaluate(SHOWN) == 0
    slider.focus()
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate(SHOWN) == steps[1]
    assert f"step {steps[1]:,}. GAN" in (words.text_content() or "").replace("Gan", "GAN")
    assert words.get_attribute("aria-live") == "polite"
    tab.wait_for_url(f"**step={steps[1]}*")
    tab.keyboard.press("Space")
    assert play.text_content() == "Pause"
    assert words.get_attribute("aria-live") == "off"
    expect(tab.locator(".player .step")).not_to_have_text(f"step {steps[1]:,}")
    tab.keyboard.press("Space")
    assert play.text_content() == "Play"
    now = tab.evaluate(SHOWN)
    tab.locator("select[name=right]").select_option("gan_latent_dim_10")
    tab.wait_for_url("**right=gan_latent_dim_10*")
    assert tab.evaluate(SHOWN) == now  # another remedy at the same step
    asked = {name: values[0] for name, values in parse_qs(urlsplit(tab.url).query).items()}
    assert asked == {
        "dataset": "eight_gaussians", "left": LEFT, "right": "gan_latent_dim_10", "seed": "1", "step": str(now)
    }  # fmt: skip
    again = visit(tab.url.rsplit("/", 1)[1])
    expect(again.locator(".player .step")).to_contain_text("step")
    assert again.evaluate(SHOWN) == now
    assert again.locator(".words").text_content() == words.text_content()


def test_less_motion_shows_the_end_and_what_diverged_is_said(visit: Open) -> None:
    tab = visit(
        "explorer.html?dataset=eight_gaussians&left=nonsense&right=gan_latent_dim_100&seed=2", reduced_motion="reduce"
    )
    expect(tab.locator(".player .step")).to_contain_text("step")
    assert tab.evaluate(f"!modescope.player.playing && {SHOWN} === 900")
    assert tab.locator("select[name=left]").input_value() == LEFT  # an unknown name becomes the first
    assert tab.locator(".pane .count").nth(1).text_content() == "diverged at step 400"
    assert tab.locator(".pane canvas").nth(1).evaluate(DRAWN) > 1_000  # real points and rings
    tab.locator("select[name=dataset]").select_option("spiral")
    tab.wait_for_url("**dataset=spiral*")
    assert tab.locator(".timeline").is_hidden()  # no modes are counted
    assert re.fullmatch(
        r"After training, on 10,000 fresh points: coverage 0\.\d+\.( .*)?",
        tab.locator(".aside").first.text_content() or "",
    )


@pytest.fixture
def twin(index: Path) -> Iterator[str]:
    """The name of a page with one twin, of runs with one and three latent dimensions."""
    shown = explorer(index.parents[1] / "media", ["latent"], [])
    for field in shown.fields.values():
        for entry in field["entries"]:
            entry["remedy"] = entry["key"]
    pair = shown.pair("eight_gaussians", LEFT, RIGHT)
    environment = Environment(loader=FileSystemLoader(synthetic.TEMPLATES), autoescape=True)
    macros = environment.get_template("explorer_macros.html.j2").module
    file = index.with_name("twin_alone.html")
    parts = {"styles": (), "scripts": (), "twin": (pair, "See?")}
    body = "".join(str(getattr(macros, part)(*arguments)) for part, arguments in parts.items())
    file.write_text(f'<!doctype html><link rel="icon" href="data:,">{body}', encoding="utf-8")
    yield file.name
    file.unlink()


def test_a_twin_plays_in_view_and_is_a_still_without_motion_or_on_paper(visit: Open, twin: str) -> None:
    tab = visit(twin)
    figure, button = tab.locator("figure.twin.live"), tab.get_by_role("button")
    expect(button).to_have_text("Pause")
    assert figure.locator("canvas").count() == 2
    expect(figure.locator(".controls span")).not_to_have_text("step 900")  # the outcome first, then the film
    button.click()
    expect(button).to_have_text("Play")
    assert figure.locator("svg").first.is_hidden()
    tab.emulate_media(media="print")
    assert figure.locator("svg").first.is_visible()
    assert figure.locator("canvas").first.is_hidden()
    calm = visit(twin, reduced_motion="reduce")
    expect(calm.get_by_role("button")).to_have_text("Play")
    assert calm.locator(".controls span").text_content() == "step 900"
    assert re.fullmatch(r"\d of 8 modes", calm.locator(".count").first.text_content() or "")
    assert calm.locator("canvas").first.evaluate(DRAWN) > 1_000
    calm.locator("a.panes").click()
    expect(calm.locator(".player .step")).to_have_text("step 900")
    assert calm.locator("select[name=right]").input_value() == RIGHT


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_a_film_plays_by_itself_only_where_motion_is_wanted(visit: Open, motion: str) -> None:
    tab = visit(VIEW, reduced_motion=motion)
    expect(tab.locator(".player .step")).to_contain_text("step")
    assert tab.evaluate("modescope.player.playing") == (motion == "no-preference")
    if motion == "no-preference":
        tab.emulate_media(reduced_motion="reduce")
        expect(tab.locator(".player button.play")).to_have_text("Play")
        assert tab.evaluate(SHOWN) == 900
