"""What the variants declare for readers: titles, ideas, links, and losses in TeX that are those of the docstrings."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from latex2mathml.converter import convert
from written import in_ascii, lines, stands_in

from modescope import variants
from modescope.params import registry
from modescope.params.config import Params
from modescope.params.reading import read
from modescope.variants import Variant

PARAMS = Params.model_validate(read(Path("params.yaml")))
USED = sorted({experiment.variant for experiment in PARAMS.experiments.values()})
SIDES = ("discriminator", "generator")


def formulas(variant: type[Variant], side: str) -> list[tuple[str, str]]:
    """(line of TeX, docstring that has it): first the loss, from its method; then what it is made of."""
    tex, method = getattr(variant, f"{side}_tex"), getattr(variant, f"{side}_loss").__doc__
    if not tex:
        return []
    loss, *made_of = lines(tex)
    return [(loss, method), *((line, f"{method} {variant.__doc__}") for line in made_of)]


@pytest.mark.parametrize("name", registry.names("variants"))
def test_the_losses_in_tex_are_those_of_the_docstrings(name):
    variant = variants.find(name)
    for side in SIDES:
        for line, docstring in formulas(variant, side):
            assert stands_in(line, docstring), f"{name}, {side}: {in_ascii(line)} is no formula of: {docstring}"


@pytest.mark.parametrize(
    ("line", "stands"),
    [
        (r"\operatorname{sp}(-D(x)) + \operatorname{sp}(D(g)) + \tfrac{\gamma}{2} \lVert \nabla D(x) \rVert^2", True),
        (r"\operatorname{sp}(-D(x)) + \operatorname{sp}(D(z)) + \tfrac{\gamma}{2} \lVert \nabla D(x) \rVert^2", False),
        (r"\operatorname{sp}(-D(x)) + \operatorname{sp}(D(g)) + \tfrac{\lambda}{2} \lVert \nabla D(x) \rVert^2", False),
        (r"\operatorname{sp}(-D(x)) - \operatorname{sp}(D(g)) + \tfrac{\gamma}{2} \lVert \nabla D(x) \rVert^2", False),
        (r"\operatorname{sp}(-D(x)) + \operatorname{sp}(D(g))", False),  # a term is missing
        (r"\operatorname{sp}(D(g)) + \tfrac{\gamma}{2} \lVert \nabla D(x) \rVert^2", False),
        (r"\operatorname{sp}(-D(x)) + \operatorname{sp}(D(g)) + \tfrac{\gamma}{2} \lVert \nabla D(x) \rVert", False),
    ],
)
def test_a_wrong_symbol_a_wrong_sign_or_a_missing_term_is_found(line, stands):
    assert stands_in(line, variants.find("r1").discriminator_loss.__doc__) is stands


def test_a_factor_that_is_missing_at_the_end_is_found():
    line = r"\tilde{x} = \varepsilon x + (1 - \varepsilon) "
    assert not stands_in(line, variants.find("bigan_pgp").__doc__)
    assert stands_in(line + r"\hat{x}", variants.find("bigan_pgp").__doc__)


@pytest.mark.parametrize("name", USED)
def test_every_variant_of_the_plan_tells_readers_what_it_is(name):
    variant = variants.find(name)
    assert 0 < len(variant.title) <= 32
    assert re.fullmatch(r"[^.]+(?:\.[^.]+)*\. [^.]+\.", variant.idea), "an idea is two sentences"
    assert 80 < len(variant.idea) < 420
    assert re.fullmatch(r"https://\S+|", variant.link)
    assert bool(variant.link) != (variant.source.startswith(("Article", "V. Pogribnyi")))  # articles have no address
    assert variant.generator_tex
    assert bool(variant.discriminator_tex) == ("discriminator" in variant.needs)


@pytest.mark.parametrize("name", USED)
def test_the_formulas_become_mathml_without_leftovers(name):
    variant = variants.find(name)
    for side in SIDES:
        for line in lines(getattr(variant, f"{side}_tex")) if getattr(variant, f"{side}_tex") else []:
            mathml = ElementTree.fromstring(convert(line, display="block"))  # noqa: S314, of our own TeX
            text = "".join(mathml.itertext())
            assert text.strip()
            assert not set(text) & set("\\{}_"), f"{name}: {line} leaves {text}"


def test_no_two_variants_have_one_title():
    titles = [variants.find(name).title for name in USED]
    assert len(set(titles)) == len(titles)


def test_an_entry_named_after_an_option_has_a_title_of_its_own():
    """A title is inherited through YAML anchors: an experiment of another variant must not have it."""
    for name, experiment in PARAMS.experiments.items():
        others = {e.variant for e in PARAMS.experiments.values() if e.title and e.title == experiment.title}
        assert len(others) <= 1, f"{name}: {experiment.title} names experiments of {', '.join(sorted(others))}"
    titled = {name: e.title for name, e in PARAMS.experiments.items()}
    for option in ("saturating", "instance_noise", "ttur", "momentum", "long"):
        named = {title for name, title in titled.items() if name.endswith(f"_gan_{option}")}
        assert len(named) == 1, f"{option} has the titles {named}"
        assert None not in named


def test_every_dataset_has_a_title_of_its_own():
    titles = [spec.get("title") for spec in PARAMS.datasets.values()]
    assert all(titles)
    assert len(set(titles)) == len(titles)
