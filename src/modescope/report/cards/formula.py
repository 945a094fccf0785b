"""The losses of a variant for the page: its TeX as MathML, and what the symbols in it mean."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert
from markupsafe import Markup, escape

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
# Elements and attributes that a formula may have; the page has no others from here, so no script and no style.
ELEMENTS = {
    "math", "mrow", "mi", "mo", "mn", "mtext", "mspace", "mstyle", "mfrac", "msqrt", "msub", "msup", "msubsup", "mover",
    "munder", "munderover",
}  # fmt: skip
ATTRIBUTES = {"display", "displaystyle", "scriptlevel", "stretchy", "accent", "mathvariant", "fence", "width"}
MINUS, BARS, OPENING = "\u2212", ("\u2016", "|"), ("", "(", ",", "=", ":")
BREAK = r"\\"  # between the lines of a formula
# What a part of the TeX stands for, in the order in which it is told.
MEANINGS = {
    "x": "a real point",
    "g": "a generated point",
    "z": "noise, or a code",
    "D": "the discriminator’s output",
    "D_K": "the discriminator K updates ahead",
    "E": "the encoder",
    "F": "the network that maps points back to noise",
    "v": "the velocity",
    "t": "the time from noise (0) to data (1)",
    r"\operatorname{sp}": "softplus, log(1 + eᵗ) of t",
    r"\operatorname{relu}": "max(0, t) of t",
    r"\operatorname{mean}": "over the batch",
    "H": "the cross entropy of a label and a probability",
    "k": "the kernel",
    r"\nabla": "the gradient with respect to the point",
    r"\varepsilon": "uniform between 0 and 1, one a point",
    r"\gamma": "the weight of the penalty",
    r"\lambda": "the weight of the penalty",
    "w": "the weight of the reconstruction",
    "W": "a layer’s weights",
    r"\sigma": "the largest singular value",
}
FEW = {"k": r"k(", "w": r"w \l"}  # letters that mean this only where they stand so


@dataclass(frozen=True)
class Formula:
    """One line: MathML, safe to be put into a page, and its TeX."""

    mathml: Markup
    tex: str


def formulas(tex: str) -> list[Formula]:
    """The lines of a loss; none for an empty string. A line that cannot be converted is shown as its TeX."""
    return [Formula(_mathml(line), line) for line in map(str.strip, tex.split(BREAK)) if line]


def meanings(*tex: str) -> list[tuple[Markup, str]]:
    """(symbol as MathML, what it means) of all that is used in these formulas, in a fixed order."""
    whole = f" {' '.join(tex)} "
    return [(_mathml(sign, "inline"), words) for sign, words in MEANINGS.items() if _used(sign, whole)]


def _used(sign: str, tex: str) -> bool:
    if sign in FEW:
        return FEW[sign] in tex
    if sign.startswith("\\") or "_" in sign:
        return sign in tex
    bare = tex
    for name in ("operatorname", "text", "tfrac", "hat", "tilde"):
        bare = bare.replace(rf"\{name}", " ")
    letters = "".join(c if c.isalpha() or c == "_" else " " for c in _without_words(bare))
    return any(word == sign or word.startswith(f"{sign}_") for word in letters.split())


def _without_words(tex: str) -> str:
    """The TeX without the commands and the words of more than one letter in braces."""
    kept, depth = [], False
    for c in tex:
        depth = True if c == "\\" else depth and c.isalpha()
        kept.append(" " if depth else c)
    return "".join(kept)


def _mathml(tex: str, display: str = "block") -> Markup:
    try:
        math = ElementTree.fromstring(convert(tex, display=display))  # noqa: S314, written by the converter
    except Exception:  # the converter raises many kinds, and a file of the user's may have anything
        return Markup("<code>{}</code>").format(tex)
    return Markup(_written(math))  # noqa: S704, made of known elements and escaped text


def _written(element: Element, before: str = "") -> str:
    """The element as text, with known elements and attributes only; an unknown element leaves its content.

    `before` is the text of the element on its left, which tells a sign from a difference.
    """
    name = element.tag.removeprefix(f"{{{NAMESPACE}}}")
    text = element.text or ""
    left = ["", *((child.text or "") for child in element)]
    inside = str(escape(text)) + "".join(
        _written(child, left[place]) + str(escape(child.tail or "")) for place, child in enumerate(element)
    )
    if name not in ELEMENTS:
        return inside
    given = {key: value for key, value in element.attrib.items() if key in ATTRIBUTES}
    if name == "mo" and len(text) > 1 and text.isalpha():
        name = "mi"  # the name of a function, which stands close to its argument
    elif name == "mo" and text in BARS:
        given["stretchy"] = "false"  # as high as the letters, with its exponent or without
    elif name == "mo" and text == MINUS and before in OPENING:
        given["form"] = "prefix"
    attributes = "".join(f' {key}="{escape(value)}"' for key, value in given.items())
    return f"<{name}{attributes}>{inside}</{name}>"
