"""What all pages share."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from modescope import web


def test_a_template_is_filled_with_everything_escaped_and_nothing_missing(tmp_path: Path) -> None:
    (tmp_path / "a.j2").write_text("{% if true %}\n<p>{{ word | loud }}</p>\n{% endif %}\n", encoding="utf-8")
    template = web.environment(tmp_path, loud=lambda said: f"{said}!").get_template("a.j2")
    assert template.render(word="<b>") == "<p>&lt;b&gt;!</p>\n"
    with pytest.raises(UndefinedError, match="'word' is undefined"):
        template.render()


def test_a_number_and_its_per_cent_sign_stay_on_one_line() -> None:
    assert web.unbroken("<p>78 % of 100 %, 5%; a % of it</p>") == "<p>78\u00a0% of 100\u00a0%, 5%; a % of it</p>"


def test_every_colour_of_the_dark_scheme_has_one_in_the_light_scheme() -> None:
    light, dark = web.COLOURS.read_text(encoding="utf-8").split("@media (prefers-color-scheme: dark)")
    shared = re.findall(r"(--[\w-]+): #", dark)
    assert "--ink" in shared
    assert sorted(shared) == sorted(re.findall(r"(--[\w-]+): #", light))
