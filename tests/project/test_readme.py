"""The README: its example of a remedy works as printed, its settings are valid, its links and commands exist."""

from __future__ import annotations

import copy
import re
import sys
from pathlib import Path

import pytest
import tiny
import torch
from pipeline_copy import ROOT
from ruamel.yaml import YAML

from modescope import variants
from modescope.params.reading import read
from modescope.plan.check import check
from modescope.variants import Batch

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
MOST = 18_900  # bytes; what belongs to a topic is in docs/


def blocks(language: str, text: str = README) -> list[str]:
    """The contents of the code blocks of a language."""
    fenced = re.findall(r"^```(.*?)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return [content for name, content in fenced if name == language]


def test_it_stays_short() -> None:
    assert len(README.encode()) <= MOST


def test_the_remedy_trains_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (source,) = blocks("python")
    (tmp_path / "rgan.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(variants, "__path__", [*variants.__path__, str(tmp_path)])
    try:
        variant = variants.find("rgan")(tiny.experiment(variant="rgan"), (2,))
    finally:
        sys.modules.pop("modescope.variants.rgan", None)
    nets = {"generator": lambda z: z, "discriminator": lambda x: x.sum(1)}
    batch = Batch(torch.tensor([[1.0, 1.0]]), torch.tensor([[0.5, 0.0]]), torch.zeros(1))  # D(x) = 2, D(g) = 0.5
    d, g = variant.discriminator_loss(nets, batch), variant.generator_loss(nets, batch)
    assert d["pairs"].item() == pytest.approx(torch.nn.functional.softplus(torch.tensor(-1.5)).item())
    assert g["pairs"].item() == pytest.approx(torch.nn.functional.softplus(torch.tensor(1.5)).item())
    # The entry beside it, with the anchors of params.yaml.
    (entry,) = re.findall(r"`(modes_grid25_rgan: \{.*?\})`", README)
    text = (ROOT / "params.yaml").read_text(encoding="utf-8") + f"  {entry}\n"
    added = YAML(typ="safe", pure=True).load(text)["experiments"]["modes_grid25_rgan"]
    assert (added["dataset"], added["variant"]) == ("grid25", "rgan")


def test_the_changed_params_are_valid() -> None:
    (example,) = [block for block in blocks("yaml") if "experiments:" in block]
    lines = (ROOT / "params.yaml").read_text(encoding="utf-8").rstrip() + "\n" + example.split("experiments:\n")[1]
    content = YAML(typ="safe", pure=True).load(lines)
    before = read(ROOT / "params.yaml")["experiments"]
    assert [name for name in content["experiments"] if name not in before] == [
        "modes_grid25_wgan_gp_stronger",
        "latent_spiral_more_seeds",
    ]
    check(copy.deepcopy(content), ROOT)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\]\(([^)#:]+)\)", prose)
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_targets_of_make_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([a-z-]+)", README)) | set(
        re.findall(r"^make ([a-z-]+)", README, flags=re.MULTILINE)
    )
    assert {"report", "test", "extra", "compare", "page-file", "page-pdf", "bench", "setup", "clean"} <= named
    assert [target for target in named if not re.search(rf"^{target}:", makefile, flags=re.MULTILINE)] == []


def test_the_extras_that_it_names_exist() -> None:
    row = next(line for line in README.splitlines() if "make extra NAME=pacgan_ring" in line)
    extras = {path.parent.name for path in (ROOT / "extra").glob("*/params.yaml")}
    assert extras == set(re.findall(r"`([a-z_]+)`", row)) | {"pacgan_ring"}


def test_the_rooms_that_it_draws_are_those_of_the_package() -> None:
    tree = next(block for block in blocks("") if "src/modescope/" in block)
    drawn = set(re.findall(r"([a-z]+)/", tree))
    rooms = {path.name for path in (ROOT / "src" / "modescope").iterdir() if (path / "__init__.py").exists()}
    assert rooms <= drawn
