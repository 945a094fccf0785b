"""The exact fields: eigenvalues in closed form, conserved distances, noise against sampling, steps against lemmas."""

import math

import numpy as np
import pytest
from scipy.special import expit

from modescope.dirac import fields, steps
from modescope.dirac.remedies import Remedy

H = 0.2
GRID = np.random.default_rng(0).uniform(-2, 2, (2, 50))
GAN, SATURATING = fields.non_saturating(), fields.saturating()
WITHOUT_PENALTY = [(GAN, 0.5), (SATURATING, 0.5), (fields.wasserstein(), 1), (fields.hinge(), 1)]
WITHOUT_PENALTY += [(fields.relativistic_average(), 1)]


def remedy(field, **changes):
    return Remedy(field, **({"rate_generator": H, "rate_discriminator": H} | changes))


def eigenvalues(field):
    return steps.field_eigenvalues(remedy(field))


def both(trace, determinant):
    """The eigenvalues of a 2 x 2 matrix, the one with the larger imaginary part first."""
    root = np.sqrt(complex(trace**2 / 4 - determinant))
    return [trace / 2 + root, trace / 2 - root]


# Fields


@pytest.mark.parametrize(("field", "slope"), WITHOUT_PENALTY)
def test_without_a_penalty_eigenvalues_are_imaginary(field, slope):
    np.testing.assert_allclose(eigenvalues(field), [1j * slope, -1j * slope], atol=1e-12)


@pytest.mark.parametrize("gamma", [0.3, 0.9, 1.5])
def test_r1_damps_by_half_its_weight(gamma):
    """-gamma/2 +- sqrt(gamma^2/4 - 1/4), section 3 of the paper."""
    found = sorted(eigenvalues(fields.penalised(GAN, gamma)), key=lambda value: (value.imag, value.real))
    expected = sorted(both(-gamma, 0.25), key=lambda value: (value.imag, value.real))
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("std", [0.2, 0.7, 1.3])
@pytest.mark.parametrize("saturating", [False, True])
def test_instance_noise_damps_by_a_quarter_of_its_variance(saturating, std):
    """F'' std^2 +- sqrt(f''^2 std^4 - f'^2) with f' = 1/2 and f'' = -1/4, section 3 of the paper."""
    np.testing.assert_allclose(eigenvalues(fields.noisy(saturating, std)), both(-(std**2) / 2, 0.25), atol=1e-12)


@pytest.mark.parametrize("saturating", [False, True])
def test_the_field_with_noise_is_the_mean_over_samples(saturating):
    theta, psi, std, rng = 0.6, -1.1, 0.7, np.random.default_rng(1)
    x_real, x_fake = (at + std * rng.normal(size=2_000_000) for at in (0.0, theta))
    by_g = psi * expit((1 if saturating else -1) * psi * x_fake)
    by_d = x_real * expit(-psi * x_real) - x_fake * expit(psi * x_fake)
    field = fields.noisy(saturating, std)
    for side, sampled in zip(field, (by_g, by_d), strict=True):
        found = side(np.array([theta]), np.array([psi]))[0]
        assert found == pytest.approx(sampled.mean(), abs=4 * sampled.std() / math.sqrt(len(sampled)))


def test_noise_that_vanishes_leaves_the_field():
    for noisy, field in ((fields.noisy(False, 1e-9), GAN), (fields.noisy(True, 1e-9), SATURATING)):
        for side, plain in zip(noisy, field, strict=True):
            np.testing.assert_allclose(side(*GRID), plain(*GRID), atol=1e-8)


def test_the_saturating_field_keeps_its_distance_and_the_other_falls_inwards():
    theta, psi = GRID
    np.testing.assert_allclose(
        theta * SATURATING.generator(*GRID) + psi * SATURATING.discriminator(*GRID), 0, atol=1e-15
    )
    inwards = theta * GAN.generator(*GRID) + psi * GAN.discriminator(*GRID)
    np.testing.assert_allclose(inwards, -theta * psi * np.tanh(theta * psi / 2), atol=1e-14)
    assert (inwards < 0).all()


def test_least_squares_rest_wherever_the_line_is_flat():
    field, theta = fields.least_squares(), np.linspace(-2, 2, 9)
    assert not field.generator(theta, 0 * theta).any()
    assert not field.discriminator(theta, 0 * theta).any()
    np.testing.assert_allclose(eigenvalues(field), 0, atol=1e-12)


def test_the_penalty_of_wgan_gp_pushes_away_from_the_equilibrium_and_towards_slope_one():
    field, psi = fields.wasserstein_penalised(0.35), np.array([1e-3, 0.5, 1.0, 1.5])
    pushes = field.discriminator(np.zeros(4), psi)
    np.testing.assert_allclose(pushes, 0.7 * (1 - psi), atol=1e-5)
    np.testing.assert_allclose(field.discriminator(np.zeros(4), -psi), -pushes, atol=1e-12)
    assert max(eigenvalues(field).real) > 1e5


def test_the_hinge_is_that_of_wasserstein_until_the_generated_point_is_beyond_it():
    field = fields.hinge()
    assert field.discriminator(np.array([2.0]), np.array([-0.4])) == -2
    assert field.discriminator(np.array([2.0]), np.array([-0.6])) == 0


@pytest.mark.parametrize("k", [0, 1, 3])
def test_the_unrolled_field_is_the_derivative_of_the_loss_after_k_steps(k):
    def loss(theta, psi):
        for _ in range(k):
            psi = psi - H * theta * expit(psi * theta)
        return np.logaddexp(0, -psi * theta)

    theta, psi = GRID
    slope = (loss(theta + 1e-6, psi) - loss(theta - 1e-6, psi)) / 2e-6
    np.testing.assert_allclose(fields.unrolled(k, H).generator(theta, psi), -slope, atol=1e-8)
    expected = both(-k * H / 2, 0.25)
    np.testing.assert_allclose(eigenvalues(fields.unrolled(k, H)), expected, atol=1e-12)


# Steps


@pytest.mark.parametrize(("field", "slope"), WITHOUT_PENALTY)
@pytest.mark.parametrize(("n", "rates"), [(1, (H, H)), (5, (H, H)), (1, (0.1, 0.9))])
def test_alternating_steps_stay_on_the_unit_circle(field, slope, n, rates):
    """1 - a^2/2 +- sqrt((1 - a^2/2)^2 - 1), a^2 = n h_G h_D f'(0)^2: section 2 of the paper, for two rates."""
    chosen = Remedy(field, *rates, n_critic=n)
    found, a = steps.predict(chosen), n * rates[0] * rates[1] * slope**2
    expected = both(2 - a, 1)
    np.testing.assert_allclose(sorted(found.eigenvalues, key=np.imag), sorted(expected, key=np.imag), atol=1e-12)
    assert found.fate == "circles"
    assert found.modulus == pytest.approx(1, abs=1e-12)
    assert found.angle == pytest.approx(math.acos(1 - a / 2), abs=1e-12)


def test_alternating_steps_leave_where_rates_are_too_high():
    assert steps.predict(remedy(fields.wasserstein(), n_critic=99)).fate == "circles"
    assert steps.predict(remedy(fields.wasserstein(), n_critic=101)).fate == "leaves"  # a > 2
    assert steps.predict(remedy(fields.penalised(GAN, 10.2))).fate == "leaves"  # |1 - h gamma| > 1


@pytest.mark.parametrize(("field", "slope"), WITHOUT_PENALTY)
def test_simultaneous_steps_leave_at_once(field, slope):
    """|1 +- h f'(0) i| = sqrt(1 + h^2 f'(0)^2): section 2 of the paper."""
    found = steps.predict(remedy(field), steps.simultaneous)
    assert found.fate == "leaves"
    assert found.modulus == pytest.approx(math.sqrt(1 + (H * slope) ** 2), abs=1e-12)


def test_every_simultaneous_step_of_the_unregularised_gan_is_outwards():
    start = np.random.default_rng(2).uniform(-1, 1, (20, 2))
    path = steps.path(steps.simultaneous(remedy(SATURATING)), start, range(200))
    assert (np.diff(np.hypot(path[..., 0], path[..., 1])) > 0).all()


@pytest.mark.parametrize(
    ("field", "fate"),
    [
        (fields.penalised(GAN, 0.3), "converges"),
        (fields.noisy(False, 0.7), "converges"),
        (fields.unrolled(1, H), "converges"),
        (fields.least_squares(), "stops elsewhere"),
        (fields.wasserstein_penalised(0.35), "leaves"),
    ],
)
def test_the_verdict_follows_from_the_eigenvalues(field, fate):
    assert steps.predict(remedy(field)).fate == fate


def test_a_critical_penalty_does_not_circle():
    found = steps.predict(remedy(fields.penalised(GAN, 1.2)))
    assert found.angle == 0
    assert not found.circling


def test_far_from_the_equilibrium_the_non_saturating_gan_falls_by_a_power():
    """1/r^2 grows by h/8 in a step: averaged over a turn, r' = -r^3/16."""
    h = 0.02
    path = steps.path(steps.alternating(Remedy(GAN, h, h)), np.array([[0.3, 0.0]]), [0, 20_000])
    start, end = np.hypot(path[0, :, 0], path[0, :, 1])
    assert 1 / end**2 - 1 / start**2 == pytest.approx(h / 8 * 20_000, rel=0.02)


@pytest.mark.parametrize("bound", [0.3, 1.0])
def test_a_clipped_slope_stays_within_its_bound_and_small_circles_are_not_clipped(bound):
    clipped, free = (steps.alternating(remedy(fields.wasserstein(), clip=c)) for c in (bound, math.inf))
    start = np.array([[2.0, 0.0], [0.5 * bound, 0.0]])
    path, unclipped = (steps.path(step, start, range(100)) for step in (clipped, free))
    assert np.abs(path[0, :, 1]).max() == bound
    np.testing.assert_array_equal(path[1], unclipped[1])


def test_averages_circle_with_the_predicted_part_of_the_error():
    chosen = remedy(fields.wasserstein(), decay=0.95)
    at = range(2_000, 3_000)
    live, averaged = (
        steps.path(steps.alternating(chosen), np.array([[0.5, 0.1]]), [0, *at], averaged=which)[0, 1:, 0]
        for which in (False, True)
    )
    assert np.std(averaged) / np.std(live) == pytest.approx(steps.averaging(chosen), rel=5e-3)
    assert steps.predict(chosen).fate == "circles"
    assert len(steps.predict(chosen).eigenvalues) == 3
    with pytest.raises(ValueError, match="no averaged weights"):
        steps.averaging(remedy(fields.wasserstein()))
    for gamma in (0.3, 1.5):  # spirals inwards, and does not turn
        with pytest.raises(ValueError, match="a path that circles"):
            steps.averaging(remedy(fields.penalised(GAN, gamma), decay=0.95))


def test_the_distance_at_rest_is_that_of_a_simulated_noise():
    std, batch, rng = 0.7, 32, np.random.default_rng(3)
    chosen = remedy(fields.noisy(False, std), noise_variance=std**2 / (2 * batch))
    whole = steps.jacobian(steps.alternating(chosen), 2)
    # psi' = psi + h (D + e), theta' = theta + h psi' / 2: both linear, so e adds (h^2/2 e, h e)
    state, found = np.zeros((2, 4_000)), []
    for k in range(600):
        kick = H * rng.normal(0, math.sqrt(chosen.noise_variance), 4_000)
        state = whole @ state + np.array([H / 2 * kick, kick])
        if k > 300:
            found.append((state**2).sum(0).mean())
    assert steps.resting_distance(chosen) == pytest.approx(math.sqrt(np.mean(found)), rel=0.01)
    assert steps.resting_distance(remedy(fields.penalised(GAN, 1.0))) == 0
    with pytest.raises(ValueError, match="only a remedy that converges"):
        steps.resting_distance(remedy(GAN))


def test_the_jacobian_is_that_of_finite_differences():
    step, e = steps.alternating(remedy(fields.unrolled(2, H), n_critic=2)), 1e-6
    columns = []
    for moved in (0, 1):
        ends = [
            np.ravel(step((np.array([sign * e * (moved == 0)]), np.array([sign * e * (moved == 1)]))))
            for sign in (1, -1)
        ]
        columns.append((ends[0] - ends[1]) / (2 * e))
    np.testing.assert_allclose(steps.jacobian(step, 2), np.array(columns).T, atol=1e-9)
