"""Gradient steps in a field, alternating and simultaneous: their paths, Jacobians, eigenvalues and verdicts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_discrete_lyapunov

from modescope.dirac.fields import Numbers
from modescope.dirac.remedies import Remedy

Array = NDArray[np.float64]
State = tuple[Numbers, ...]  # theta, psi, and with averaged weights their theta
Step = Callable[[State], State]
Fate = Literal["converges", "circles", "stops elsewhere", "leaves"]
TINY = 1e-30  # a complex step of this size gives a derivative to the last digit
EQUAL = 1e-9  # eigenvalues this close to the unit circle, or to 1, are on it


class Prediction(NamedTuple):
    """What the linear part of a step at the equilibrium says."""

    eigenvalues: NDArray[np.complex128]  # the largest first
    fate: Fate

    @property
    def modulus(self) -> float:
        """By which factor the distance from the equilibrium changes in a step, in the end."""
        return float(np.abs(self.eigenvalues[0]))

    @property
    def angle(self) -> float:
        """By which angle (radians) a path turns around the equilibrium in a step, in the end; 0 for real ones."""
        return abs(math.atan2(self.eigenvalues[0].imag, self.eigenvalues[0].real)) if self.circling else 0.0

    @property
    def circling(self) -> bool:
        """Whether the leading eigenvalues are complex."""
        return bool(abs(self.eigenvalues[0].imag) > EQUAL)


def alternating(remedy: Remedy) -> Step:
    """D's `n_critic` updates, then G's, which sees the new D: what the trainer of this project does."""

    def step(state: State) -> State:
        theta, psi, *average = state
        for _ in range(remedy.n_critic):
            psi = _clipped(psi + remedy.rate_discriminator * remedy.field.discriminator(theta, psi), remedy.clip)
        theta = theta + remedy.rate_generator * remedy.field.generator(theta, psi)
        return theta, psi, *_averages(average, theta, remedy)

    return step


def simultaneous(remedy: Remedy) -> Step:
    """One update of each side, both from the same theta and psi."""

    def step(state: State) -> State:
        theta, psi, *average = state
        after = theta + remedy.rate_generator * remedy.field.generator(theta, psi)
        psi = _clipped(psi + remedy.rate_discriminator * remedy.field.discriminator(theta, psi), remedy.clip)
        return after, psi, *_averages(average, after, remedy)

    return step


def path(step: Step, start: Array, at: Sequence[int], *, averaged: bool = False) -> Array:
    """(theta, psi) after each of the steps `at`, ascending from 0, from starts (n, 2): (n, len(at), 2).

    `averaged`: theta of the averaged weights, which begin at the start.
    """
    state: State = (start[:, 0], start[:, 1], *([start[:, 0]] if averaged else []))
    seen, done = [], 0
    with np.errstate(over="ignore", invalid="ignore"):
        for wanted in at:
            for _ in range(wanted - done):
                state = step(state)
            done = wanted
            seen.append(np.stack([state[-1] if averaged else state[0], state[1]], -1))
    return np.stack(seen, 1)


def jacobian(step: Step, n: int) -> Array:
    """The Jacobian of a step at the origin of n numbers, (n, n), by complex steps."""
    columns = []
    for moved in range(n):
        state = tuple(np.array([1j * TINY if i == moved else 0j]) for i in range(n))
        columns.append([float(part[0].imag) / TINY for part in step(state)])
    return np.array(columns).T


def predict(remedy: Remedy, kind: Callable[[Remedy], Step] = alternating) -> Prediction:
    """The eigenvalues of a step at the equilibrium and the verdict that follows from them alone.

    All inside the unit circle: it converges. On the circle: it circles, as far as linear terms decide. Outside: it
    leaves. An eigenvalue of 1 means that there is rest beside the equilibrium, so it stops elsewhere.
    """
    found = np.linalg.eigvals(jacobian(kind(remedy), 2 if remedy.decay is None else 3)).astype(np.complex128)
    found = found[np.argsort(-np.abs(found), kind="stable")]
    largest = np.abs(found[0])
    if largest > 1 + EQUAL:
        fate: Fate = "leaves"
    elif (np.abs(found - 1) < EQUAL).any():
        fate = "stops elsewhere"
    else:
        fate = "circles" if largest > 1 - EQUAL else "converges"
    return Prediction(found, fate)


def field_eigenvalues(remedy: Remedy) -> NDArray[np.complex128]:
    """The eigenvalues of the field's Jacobian at the equilibrium, (2,), as the paper has them."""

    def rates(state: State) -> State:
        return remedy.field.generator(*state), remedy.field.discriminator(*state)

    found = np.linalg.eigvals(jacobian(rates, 2)).astype(np.complex128)
    return found[np.argsort(-found.imag, kind="stable")]


def resting_distance(remedy: Remedy) -> float:
    """The root mean square distance from the equilibrium in the end, of the noise that the batches add to D's steps.

    Linear terms alone: the trace of the stationary covariance S = M S M' + q q', where q is what a deviation of D's
    gradient does to both numbers in an alternating step. 0 without noise. Raises ValueError for a remedy that does not
    converge.
    """
    if predict(remedy).fate != "converges":
        raise ValueError("only a remedy that converges has a distance at rest")
    whole = jacobian(alternating(remedy), 2)
    kick = remedy.rate_discriminator * math.sqrt(remedy.noise_variance)
    # G's update carries the kick of psi on to theta.
    slope = jacobian(lambda state: (remedy.field.generator(*state), state[1]), 2)[0, 1]
    q = np.array([remedy.rate_generator * slope * kick, kick])
    return float(np.sqrt(np.trace(solve_discrete_lyapunov(whole, np.outer(q, q)))))


def averaging(remedy: Remedy) -> float:
    """By which factor averaged weights shrink the circle of a path that circles: (1 - d) / |1 - d / lambda|.

    lambda is the leading eigenvalue of the live weights, on the unit circle. Raises ValueError without averages, and
    where the path does not circle.
    """
    if remedy.decay is None:
        raise ValueError("this remedy has no averaged weights")
    found = predict(remedy)
    if found.fate != "circles" or not found.circling:
        raise ValueError("only averages of a path that circles have a part of its circle")
    return float((1 - remedy.decay) / abs(1 - remedy.decay / found.eigenvalues[0]))


def _averages(average: Sequence[Numbers], theta: Numbers, remedy: Remedy) -> list[Numbers]:
    if not average or remedy.decay is None:
        return []
    return [remedy.decay * average[0] + (1 - remedy.decay) * theta]


def _clipped(psi: Numbers, bound: float) -> Numbers:
    """Psi with its real part within the bound; complex where psi is."""
    if math.isinf(bound):
        return psi
    out = np.abs(np.real(psi)) > bound
    found: Numbers = np.where(out, bound * np.sign(np.real(psi)), psi)
    return found
