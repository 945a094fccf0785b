"""The unbiased MMD against a double loop, its gradient, and its expectation against closed forms."""

import numpy as np
import pairs
import pytest
import torch

BROAD = [0.3, 0.8, 2.0]


def mmd2(x, g, bandwidths):
    """The definition as a double loop over pairs."""

    def kernel(a, b):
        return np.mean([np.exp(-(np.linalg.norm(np.ravel(a - b)) ** 2) / (2 * s**2)) for s in bandwidths])

    def mean_of_pairs(points):
        return np.mean([kernel(a, b) for i, a in enumerate(points) for j, b in enumerate(points) if i != j])

    return mean_of_pairs(x) + mean_of_pairs(g) - 2 * np.mean([kernel(a, b) for a in x for b in g])


def by_hand(bandwidths):
    def terms(side, live, held, batch):
        g = pairs.mlp(live["generator"], batch.z).reshape(-1, *batch.x_real.shape[1:])
        return {"mmd2": mmd2(batch.x_real, g, bandwidths)}

    return terms


def value(chosen, x, g):
    """The loss of generated points g against real points x."""
    batch = pairs.Batch(x, g.flatten(1), torch.zeros(len(x)))
    return chosen.generator_loss({"generator": lambda z: z.reshape(-1, *x.shape[1:])}, batch)["mmd2"]


@pytest.mark.parametrize("replicas", pairs.REPLICAS)
def test_the_term_and_its_gradient_are_those_of_the_double_loop(replicas):
    chosen = pairs.variant("gmn", hyperparameters={"bandwidths": BROAD})
    pairs.agree(chosen, by_hand(BROAD), "generator", replicas, n_real=4, n_fake=5)


def test_distances_of_images_are_over_all_axes():
    chosen = pairs.variant("gmn", data_shape=(2, 2), hyperparameters={"bandwidths": BROAD})
    pairs.agree(chosen, by_hand(BROAD), "generator", None, n_real=4, n_fake=3)


@pytest.mark.parametrize("scale", [0.02, 0.3, 3])
def test_the_default_bandwidths_see_near_and_far_points(scale):
    rng = np.random.default_rng(0)
    x, g = rng.normal(0, scale, (6, 2)), rng.normal(scale / 2, scale, (7, 2))
    expected = mmd2(x, g, [0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6])
    assert value(pairs.variant("gmn"), torch.tensor(x), torch.tensor(g)).item() == pytest.approx(expected, abs=1e-12)


def test_equal_sets_of_two_points_are_below_zero():
    """Here k = 1 at distance 0 and exp(-1/2) at s: pairs i != j give 2 exp(-1/2), all pairs 1 + exp(-1/2)."""
    chosen = pairs.variant("gmn", data_shape=(1,), hyperparameters={"bandwidths": [2.0]})
    x = torch.tensor([[0.0], [2.0]]).double()
    k = np.exp(-0.5)
    assert value(chosen, x, x).item() == pytest.approx(2 * k - (1 + k), abs=1e-15)


@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_the_expectation_is_that_of_two_gaussians(shift):
    """E k(x, y) of N(0, 1) and N(m, 1) is s / sqrt(s^2 + 2) exp(-m^2 / (2 (s^2 + 2))); pairs i = j would add more."""
    s, n, repeats, rng = 0.5, 10, 1500, np.random.default_rng(0)
    chosen = pairs.variant("gmn", data_shape=(1,), hyperparameters={"bandwidths": [s]})
    x, g = torch.tensor(rng.normal(size=(repeats, n, 1))), torch.tensor(rng.normal(shift, 1, (repeats, n, 1)))
    values = torch.func.vmap(lambda a, b: value(chosen, a, b))(x, g).numpy()
    equal = s / np.sqrt(s**2 + 2)
    expected = 2 * equal * (1 - np.exp(-(shift**2) / (2 * (s**2 + 2))))
    error = values.std(ddof=1) / np.sqrt(repeats)
    assert abs(values.mean() - expected) < 4 * error
    assert 4 * error < (1 - equal) * 2 / n / 4  # a quarter of what the pairs i = j would add


def test_a_narrow_mode_is_seen_by_the_default_and_not_by_a_median_bandwidth():
    """Modes of standard deviation 0.01 at distance 1: the loss of generating them three times too wide."""
    rng = np.random.default_rng(0)
    centres = torch.arange(2.0).double().repeat(200)[:, None]
    noise_x, noise_g = (torch.tensor(rng.normal(size=(400, 1))) for _ in range(2))

    def cost(**changes):
        chosen, x = pairs.variant("gmn", data_shape=(1,), **changes), centres + 0.01 * noise_x
        return value(chosen, x, centres + 0.03 * noise_g) - value(chosen, x, centres + 0.01 * noise_g)

    assert cost() > 0.005
    assert abs(cost(hyperparameters={"bandwidths": [1.0]})) < 5e-5


def test_far_from_the_origin_single_precision_suffices():
    rng = np.random.default_rng(0)
    x, g = (torch.tensor(rng.normal(0, 0.05, (50, 2)), dtype=torch.float32) for _ in range(2))
    chosen, away = pairs.variant("gmn"), 64.0  # a power of two: the points themselves are rounded to 4e-6
    exact = value(chosen, (x + away).double() - away, (g + away).double() - away).item()
    assert value(chosen, x + away, g + away).item() == pytest.approx(exact, abs=1e-5)


def test_gradients_are_finite_where_points_coincide():
    g = torch.zeros(4, 2).double().requires_grad_()
    (slope,) = torch.autograd.grad(value(pairs.variant("gmn"), torch.zeros(4, 2).double(), g), g)
    assert slope.tolist() == [[0, 0]] * 4


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"hyperparameters": {"bandwidths": []}}, "at least 1 item"),
        ({"hyperparameters": {"bandwidths": [0.1, 0.0]}}, "greater than 0"),
        ({"generator_batch": 1}, r"generator_batch \(1\): the unbiased MMD needs pairs"),
        ({"networks": dict.fromkeys(["generator", "discriminator"], pairs.TANH)}, "has the networks generator;"),
    ],
)
def test_bad_settings_are_refused(changes, reason):
    with pytest.raises(ValueError, match=reason):
        pairs.variant("gmn", **changes)


def test_there_is_no_discriminator_to_ask():
    with pytest.raises(NotImplementedError, match="GMN has no discriminator"):
        pairs.variant("gmn").discriminator_loss({}, None)
