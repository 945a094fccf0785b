"""TeX written out as the docstrings write formulas, so that both can be compared sign by sign."""

import re

# Names that a docstring takes from params.yaml, in place of the paper's letters.
LETTERS = {"r1_gamma": "gamma", "gp_weight": "lambda"}
COMMANDS = {
    r"\varepsilon": "eps",
    r"\hat{x}": "x_hat",
    r"\tilde{x}": "x~",
    r"\nabla": "grad ",
    r"\lVert": "||",
    r"\rVert": "||",
    r"\lvert": "|",
    r"\rvert": "|",
    r"\ldots": "...",
    r"\ne": "!=",
    "R_1": "R1",
    "R_2": "R2",
}


def lines(tex: str) -> list[str]:
    """The lines of a formula, split at TeX's line break."""
    return [line.strip() for line in tex.split(r"\\")]


def in_ascii(tex: str) -> str:
    r"""A line of TeX as a docstring has it, without spaces: \tfrac{\gamma}{2} D(\hat{x}) -> (gamma/2)D(x_hat)."""
    for command, written in COMMANDS.items():
        tex = tex.replace(command, written)
    tex = re.sub(r"\\(?:operatorname|text)\{([^}]*)\}", r"\1", tex)
    tex = re.sub(r"\\tfrac\{(\d+)\}\{(\d+)\}", r"\1/\2", tex)
    tex = re.sub(r"\\tfrac\{([^}]*)\}\{([^}]*)\}", r"(\1/\2)", tex)
    tex = re.sub(r"_\{([^}]*)\}", r"_(\1)", tex)
    return re.sub(r"\s", "", tex.replace("\\", ""))


def stands_in(line: str, docstring: str) -> bool:
    """Whether a docstring has this line of TeX as the whole of a formula, not as a part of one."""
    text = " ".join(docstring.split())
    for name, letter in LETTERS.items():
        text = text.replace(name, letter)
    formula = r"\s*".join(re.escape(sign) for sign in in_ascii(line))
    before = r"(?<![-+*/=] )(?<![-+*/=\w(|])"
    after = r"(?!\s*[-+*/^(|]|\w|\s(?:[b-zB-Z]\b|\w+_))"  # a word may follow, but no term and no factor
    return bool(re.search(before + formula + after, text))
