"""The vector field of every remedy in the Dirac-GAN, from the papers' formulas and not from `variants/`.

The data are the point 0, G is the point theta and D(x) = psi x (Mescheder et al. 2018, section 2). A field is minus the
gradient of both losses: how fast theta and psi change under gradient descent at rate 1. D is high on real points here,
as in `variants/`; the paper lets D be high on generated ones, so its psi is minus this one.

s is the logistic function; f(t) = -log(1 + e^-t) of the paper has f'(t) = s(-t), f'(0) = 1/2 and f''(0) = -1/4. Below,
J is the Jacobian of the field at theta = psi = 0. Every function takes real or complex arrays, so that derivatives can
be taken by complex steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]  # of float64 or complex128
Rate = Callable[[Numbers, Numbers], Numbers]  # (theta, psi), any shape -> the same
NODES = 64  # of Gauss-Hermite quadrature; the integrands are smooth on the scale of the noise
UNDER_ROOT = 1e-12  # as in the code of WGAN-GP: the norm of D's gradient is sqrt(psi^2 + 1e-12)


class Field(NamedTuple):
    """Both components of a field."""

    generator: Rate  # d theta / dt
    discriminator: Rate  # d psi / dt


def s(t: Numbers) -> Numbers:
    """1 / (1 + e^-t)."""
    with np.errstate(over="ignore"):  # e^-t may be infinite, and then s is 0
        found: Numbers = 1 / (1 + np.exp(-t))
    return found


def non_saturating() -> Field:
    """D: sp(-D(0)) + sp(D(theta)); G: sp(-D(theta)). J has the eigenvalues +-i/2 (section 2 of the paper).

    Not in the paper's lemma: d/dt (theta^2 + psi^2) / 2 = -theta psi tanh(theta psi / 2), so paths do spiral inwards,
    but by the fourth power of the distance r: averaged over a turn, 1/r^2 grows by 1/8 in a unit of time.
    """
    return Field(lambda theta, psi: psi * s(-psi * theta), lambda theta, psi: -theta * s(psi * theta))


def saturating() -> Field:
    """D as before; G: -sp(D(theta)), the game of the paper's eq. (1). J has the eigenvalues +-f'(0) i = +-i/2.

    theta^2 + psi^2 is constant in continuous time (section 2).
    """
    return Field(lambda theta, psi: psi * s(psi * theta), non_saturating().discriminator)


def wasserstein() -> Field:
    """D: D(theta) - D(0); G: -D(theta). Linear, with the eigenvalues +-i (section 3: f(t) = t)."""
    return Field(lambda theta, psi: psi, lambda theta, psi: -theta)


def wasserstein_penalised(gp_weight: float) -> Field:
    """D also minimises gp_weight (|psi| - 1)^2 (Gulrajani et al. 2017, eq. 3).

    The penalty's slope jumps at psi = 0 and pushes away from it (section 3). With the root's 1e-12 J has an eigenvalue
    near 2e6 gp_weight.
    """

    def discriminator(theta: Numbers, psi: Numbers) -> Numbers:
        norm = np.sqrt(psi * psi + UNDER_ROOT)
        return -theta - 2 * gp_weight * (norm - 1) * psi / norm

    return Field(wasserstein().generator, discriminator)


def least_squares() -> Field:
    """D: (D(0) - 1)^2 / 2 + D(theta)^2 / 2; G: (D(theta) - 1)^2 / 2 (Mao et al. 2017, eq. 9).

    A line through the origin has D(0) = 0, so the real point teaches D nothing, and D(theta) = 1/2, the equilibrium of
    this loss, is out of reach. Every (theta, 0) is at rest; J is nilpotent: both eigenvalues are 0 (ours).
    """
    return Field(lambda theta, psi: psi * (1 - psi * theta), lambda theta, psi: -(theta**2) * psi)


def hinge() -> Field:
    """D: relu(1 - D(0)) + relu(1 + D(theta)); G: -D(theta) (Miyato et al. 2018, eqs. 16 and 17).

    That of Wasserstein where D(theta) > -1, so J is the same (ours).
    """
    return Field(wasserstein().generator, lambda theta, psi: -theta * (np.real(psi * theta) > -1))


def relativistic_average() -> Field:
    """D: sp(D(theta) - D(0)) twice; G: sp(D(0) - D(theta)) twice (Jolicoeur-Martineau 2018).

    D(0) = 0, so it is the non-saturating field times 2, with the eigenvalues +-i (ours).
    """
    of_one = non_saturating()
    return Field(lambda *at: 2 * of_one.generator(*at), lambda *at: 2 * of_one.discriminator(*at))


def penalised(field: Field, gamma: float) -> Field:
    """D also minimises (gamma / 2) psi^2: R1 (section 4, eq. 9), as D's gradient is psi everywhere.

    R1 and R2 together are 2 gamma. J has the eigenvalues -gamma/2 +- sqrt(gamma^2/4 - f'(0)^2) (section 3): fastest,
    and no longer circling, at the critical gamma = 2 f'(0) = 1.
    """
    return Field(field.generator, lambda theta, psi: field.discriminator(theta, psi) - gamma * psi)


def noisy(saturating_loss: bool, std: float) -> Field:
    """The expected field of the standard loss with N(0, std^2) added to both points (section 3, instance noise).

    J has the eigenvalues f''(0) std^2 +- sqrt(f''(0)^2 std^4 - f'(0)^2).
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    noise, weights = std * nodes, weights / weights.sum()
    side = 1 if saturating_loss else -1

    def generator(theta: Numbers, psi: Numbers) -> Numbers:
        found: Numbers = psi * (s(side * psi[..., None] * (theta[..., None] + noise)) @ weights)
        return found

    def discriminator(theta: Numbers, psi: Numbers) -> Numbers:
        x_fake = theta[..., None] + noise
        found: Numbers = (noise * s(-psi[..., None] * noise) - x_fake * s(psi[..., None] * x_fake)) @ weights
        return found

    return Field(generator, discriminator)


def unrolled(steps: int, rate: float) -> Field:
    """G: sp(-D_K(theta)), D_K after K = `steps` updates of D at `rate`, through which the gradient goes (Metz et al.).

    To first order D_K has psi - K rate theta / 2, and J = [[-K rate/2, 1/2], [-1/2, 0]]: damped on G's side (ours).
    """

    def generator(theta: Numbers, psi: Numbers) -> Numbers:
        slope = np.zeros_like(psi)  # d psi_k / d theta
        for _ in range(steps):
            p = s(psi * theta)
            slope = slope - rate * (p + theta * p * (1 - p) * (psi + theta * slope))
            psi = psi - rate * theta * p
        found: Numbers = s(-psi * theta) * (psi + theta * slope)
        return found

    return Field(generator, non_saturating().discriminator)
