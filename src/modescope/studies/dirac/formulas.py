"""The exact field of every remedy in one line each, for the page: what moves θ, what moves ψ, and the eigenvalues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from modescope.studies import Table
from modescope.studies.dirac.remedies import Arm


class Formula(NamedTuple):
    """The field at rate 1, with s the logistic function, and the eigenvalues of its Jacobian at the equilibrium."""

    theta: str  # dθ/dt
    psi: str  # dψ/dt
    eigenvalues: str
    source: str


DERIVED = "derived here"
# By variant; `instance_noise` and `saturating` are those of `gan`.
FORMULAS = {
    "gan": Formula("ψ s(−ψθ)", "−θ s(ψθ)", "±i/2", "Mescheder et al., section 2 and the non-saturating loss"),
    "saturating": Formula("ψ s(ψθ)", "−θ s(ψθ)", "±i f′(0) = ±i/2", "Mescheder et al., section 2"),
    "instance_noise": Formula(
        "E[ψ s(−ψ(θ+ε))]",
        "E[ε s(−ψε) − (θ+ε) s(ψ(θ+ε))], ε ~ N(0, σ²)",
        "f″(0) σ² ± √(f″(0)² σ⁴ − f′(0)²) = −σ²/4 ± √(σ⁴/16 − 1/4)",
        "Mescheder et al., section 3",
    ),
    "lsgan": Formula("ψ (1 − ψθ)", "−θ² ψ", "0 twice; every (θ, 0) is at rest", DERIVED),
    "hinge_sn": Formula("ψ", "−θ where ψθ > −1, else 0", "±i", DERIVED),
    "wgan": Formula("ψ", "−θ, then |ψ| ≤ c", "±i", "Mescheder et al., section 3 (f(t) = t)"),
    "wgan_gp": Formula(
        "ψ", "−θ − 2λ (|ψ| − 1) sign ψ", "none: a jump at ψ = 0 that pushes away", "Mescheder et al., section 3"
    ),
    "r1": Formula(
        "ψ s(−ψθ)", "−θ s(ψθ) − γψ", "−γ/2 ± √(γ²/4 − f′(0)²), f′(0) = 1/2", "Mescheder et al., sections 3 and 4"
    ),
    "r1r2": Formula("ψ s(−ψθ)", "−θ s(ψθ) − 2γψ", "−γ ± √(γ² − 1/4)", DERIVED),
    "ragan": Formula("2ψ s(−ψθ)", "−2θ s(ψθ)", "±i", DERIVED),
    "r3gan": Formula("ψ s(−ψθ)", "−θ s(ψθ) − 2γψ", "−γ ± √(γ² − 1/4), as D(0) = 0", DERIVED),
    "unrolled": Formula(
        "s(−ψ_K θ) (ψ_K + θ dψ_K/dθ), ψ_{k+1} = ψ_k − hθ s(ψ_k θ)",
        "−θ s(ψθ)",
        "−Kh/4 ± √(K²h²/16 − 1/4)",
        DERIVED,
    ),
}


def key(arm: Arm) -> str:
    """The formula of an arm: its variant, or what changes the field of `gan`."""
    if arm.settings.variant not in ("gan", "gan_sn"):
        return arm.settings.variant
    if arm.settings.instance_noise is not None:
        return "instance_noise"
    return "saturating" if arm.settings.hyperparameters.get("saturating") else "gan"


def table(arms: Sequence[Arm]) -> list[Table]:
    """One row a field, with the remedies that move in it; empty without arms."""
    used: dict[str, list[str]] = {}
    for arm in arms:
        used.setdefault(key(arm), []).append(arm.title)
    rows = [{"remedies": "; ".join(names), **FORMULAS[name]._asdict()} for name, names in used.items()]
    caption = (
        "theta, psi: how fast θ and ψ move under gradient descent at rate 1, minus the gradient of each side’s loss; s "
        "is the logistic function. Eigenvalues: of the Jacobian of this field at θ = ψ = 0. In the paper "
        "f(t) = −log(1 + e^−t), so f′(0) = 1/2 and f″(0) = −1/4; its discriminator is high on generated points, so its "
        "ψ is minus this one. Source: where the eigenvalues are from."
    )
    return [Table("fields", "The exact field of every remedy", caption, pd.DataFrame(rows))] if rows else []
