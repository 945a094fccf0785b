"""Flow matching: the loss against NumPy, the exact field between two Gaussians, and the order of the solver."""

import numpy as np
import pairs
import pytest
import torch
from torch.func import vmap

NAME, DIM = "flow_matching", pairs.DIM


def by_hand(side, live, held, batch):
    squares = []
    for x1, z, t in zip(batch.x_real, batch.z, batch.uniform, strict=True):
        x0 = z.reshape(x1.shape)
        xt = (1 - t) * x0 + t * x1
        velocity = pairs.mlp(live["generator"], np.array([[t]]), xt[None])[0]
        squares.append(np.linalg.norm(velocity - (x1 - x0).ravel()) ** 2)
    return {"velocity": np.mean(squares)}


def flow(steps=20, data_shape=(DIM,), latent_dim=DIM, **changes):
    return pairs.variant(
        NAME, data_shape=data_shape, latent_dim=latent_dim, hyperparameters={"solver_steps": steps}, **changes
    )


class Exact:
    """The exact field from N(0, I) to N(mean, std^2 I), E[x_1 - x_0 | x_t]; its flow maps z to mean + std z."""

    def __init__(self, mean, std):
        self.mean, self.std, self.times = torch.tensor(mean).double(), std, []

    def __call__(self, t, x):
        self.times.append(t)
        variance = (1 - t) ** 2 + (t * self.std) ** 2
        return self.mean + (t * self.std**2 - (1 - t)) / variance * (x - t * self.mean)


@pytest.mark.parametrize("replicas", pairs.REPLICAS)
def test_the_term_and_its_gradient_are_those_of_the_formula(replicas):
    pairs.agree(flow(), by_hand, "generator", replicas)


def test_points_of_any_shape():
    pairs.agree(flow(data_shape=(2, 2), latent_dim=4), by_hand, "generator", None)


def test_the_exact_field_has_the_expected_loss_and_no_scaled_one_a_smaller():
    """Per coordinate the variance of x_1 - x_0 given x_t is std^2 / ((1-t)^2 + t^2 std^2), on average pi std / 2."""
    mean, std, n, rng = [1.0, -2.0], 0.5, 40_000, np.random.default_rng(0)
    t = (rng.permutation(n) + rng.uniform(size=n)) / n  # one in each of n equal parts of (0, 1)
    batch = pairs.tensors((mean + std * rng.normal(size=(n, DIM)), rng.normal(size=(n, DIM)), t))
    exact = Exact(mean, std)
    loss = flow().generator_loss({"generator": exact}, batch)["velocity"].item()
    assert loss == pytest.approx(DIM * np.pi * std / 2, rel=0.02)
    for scale in (0.9, 1.1):
        scaled = {"generator": lambda t, x, scale=scale: scale * exact(t, x)}
        assert flow().generator_loss(scaled, batch)["velocity"].item() > loss


def test_the_flow_of_the_exact_field_carries_one_gaussian_to_the_other():
    chosen, exact = flow(), Exact([1.0, -2.0], 0.5)
    batch = pairs.tensors(pairs.arrays(chosen, n_fake=50))
    samples = chosen.views({"generator": exact}, batch)["samples"]
    torch.testing.assert_close(samples, exact.mean + exact.std * batch.z, rtol=0, atol=1e-3)


def test_the_solver_has_order_two():
    """On dx/dt = (1 + 2 t) x, whose solution is x(1) = e^2 x(0)."""
    batch = pairs.tensors(pairs.arrays(flow(), n_fake=50))

    def error(steps):
        samples = flow(steps).views({"generator": lambda t, x: (1 + 2 * t) * x}, batch)["samples"]
        return (samples - np.e**2 * batch.z).abs().max().item()

    errors = [error(steps) for steps in (40, 80, 160)]
    assert [errors[0] / errors[1], errors[1] / errors[2]] == pytest.approx([4, 4], rel=0.05)


@pytest.mark.parametrize("steps", [1, 5])
def test_a_sample_takes_two_evaluations_a_step_at_the_times_of_the_midpoint_rule(steps):
    chosen, exact = flow(steps), Exact([0.0, 0.0], 1.0)
    chosen.views({"generator": exact}, pairs.tensors(pairs.arrays(chosen)))
    assert chosen.evaluations == len(exact.times) == 2 * steps
    assert [t[0].item() for t in exact.times] == pytest.approx(np.arange(2 * steps) / (2 * steps))
    assert all(t.shape == (5, 1) for t in exact.times)


def test_by_default_it_is_forty_evaluations():
    assert pairs.variant(NAME, latent_dim=DIM).evaluations == 40


def test_stacked_samples_are_those_of_single_models():
    chosen = flow(3, data_shape=(2, 2), latent_dim=4)
    several, batches = [pairs.modules(chosen, i) for i in range(2)], [pairs.arrays(chosen, i) for i in range(2)]
    parameters, _ = torch.func.stack_module_state([nets["generator"] for nets in several])

    def one(parameters, batch):
        velocity = several[0]["generator"]
        return chosen.views({"generator": lambda *inputs: pairs.call(velocity, parameters, *inputs)}, batch)["samples"]

    samples = vmap(one)(parameters, pairs.tensors(*batches))
    assert samples.shape == (2, 5, 2, 2)
    for row, nets, batch in zip(samples, several, batches, strict=True):
        torch.testing.assert_close(row, chosen.views(nets, pairs.tensors(batch))["samples"], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"latent_dim": 3}, r"latent_dim \(3\) must be the data's dimension \(2\)"),
        ({"data_shape": (2, 2)}, r"latent_dim \(2\) must be the data's dimension \(4\)"),
        ({"latent": {"kind": "uniform"}}, r"latent.kind \(uniform\) must be normal"),
        ({"steps": 0}, "greater than or equal to 1"),
        ({"networks": dict.fromkeys(["generator", "encoder"], pairs.TANH)}, "has the networks generator;"),
    ],
)
def test_bad_settings_are_refused(changes, reason):
    with pytest.raises(ValueError, match=reason):
        flow(**changes)
