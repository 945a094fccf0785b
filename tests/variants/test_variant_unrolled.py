"""Unrolled updates against Adam written in NumPy with gradients by hand, and against torch.optim.Adam."""

import functools

import numpy as np
import pytest
import torch
from formulas import assert_same, batch_of, bound, layers, logit, loss_of, mlp, models_of, softplus, variant_of
from scipy.special import expit
from torch.func import functional_call

from modescope.engine.ensemble import Ensemble
from modescope.variants import Bound

RATE, BETAS, EPS = 0.05, (0.5, 0.9), 1e-3
ADAM = {"learning_rate": RATE, "betas": list(BETAS), "eps": EPS}


def unrolled(steps, **changes):
    optimizers = {"generator": {"learning_rate": 0.01}, "discriminator": ADAM}
    return variant_of("unrolled", **({"optimizers": optimizers, "hyperparameters": {"steps": steps}} | changes))


def as_bound(module, parameters, exp_avg, exp_avg_sq, step):
    return Bound(functools.partial(functional_call, module), parameters, exp_avg, exp_avg_sq, step)


def nets_of(model, tree):
    """The generator, and the discriminator with the state of its optimiser."""
    state = (tree[key] for key in ("discriminator", "exp_avg", "exp_avg_sq", "step"))
    return {
        "generator": bound(model["generator"], tree["generator"]),
        "discriminator": as_bound(model["discriminator"], *state),
    }


def states_of(variant, n, updates):
    """Adam's running means of n optimisers: zeros after no update, else those of random gradients."""
    rng, states = np.random.default_rng(5), []
    shapes = {key: p.shape for key, p in variant.networks()["discriminator"].named_parameters()}
    for _ in range(n):
        some = {key: torch.from_numpy(rng.normal(0, 0.3, shape)) * (updates > 0) for key, shape in shapes.items()}
        squares = {key: m.square() * 1.5 + 0.01 * (updates > 0) for key, m in some.items()}
        states.append({"exp_avg": some, "exp_avg_sq": squares, "step": torch.tensor(float(updates))})
    return states


def slopes_by_hand(net, x, g):
    """The gradient of mean sp(-D(x)) + mean sp(D(g)) with respect to D's weights, by backpropagation."""
    gradient = {key: np.zeros_like(value) for key, value in net.items()}
    for points, delta in ((x, -expit(-logit(net, x)) / len(x)), (g, expit(logit(net, g)) / len(g))):
        hs, pairs = [points], layers(net)
        for w, b in pairs[:-1]:
            hs.append(np.tanh(hs[-1] @ w + b))
        delta = delta[:, None]
        for i in reversed(range(len(pairs))):
            slope = hs[i].T @ delta
            key = f"layers.{i}.weight"
            gradient[key] += slope if slope.shape == net[key].shape else slope.T
            gradient[f"layers.{i}.bias"] += delta.sum(0)
            delta = delta @ pairs[i][0].T * (1 - hs[i] ** 2)
    return gradient


def ahead(weights, batch, g, steps):
    """D's weights after `steps` updates of Adam (Kingma & Ba 2015, algorithm 1)."""
    theta, m, v, t = weights["discriminator"], weights["exp_avg"], weights["exp_avg_sq"], float(weights["step"])
    for _ in range(steps):
        slope, t = slopes_by_hand(theta, batch.x_real, g), t + 1
        m = {key: BETAS[0] * m[key] + (1 - BETAS[0]) * slope[key] for key in theta}
        v = {key: BETAS[1] * v[key] + (1 - BETAS[1]) * slope[key] ** 2 for key in theta}
        m_hat = {key: m[key] / (1 - BETAS[0] ** t) for key in theta}
        v_hat = {key: v[key] / (1 - BETAS[1] ** t) for key in theta}
        theta = {key: theta[key] - RATE * m_hat[key] / (np.sqrt(v_hat[key]) + EPS) for key in theta}
    return theta


def by_hand(side, steps):
    def formula(weights, batch):
        g = mlp(weights["generator"], batch.z)
        if side == "generator":
            return {"fake": np.mean(softplus(-logit(ahead(weights, batch, g, steps), g)))}
        d = weights["discriminator"]
        return {"real": np.mean(softplus(-logit(d, batch.x_real))), "fake": np.mean(softplus(logit(d, g)))}

    return formula


@pytest.mark.parametrize("steps", [1, 2, 5])
@pytest.mark.parametrize("updates", [0, 7])
@pytest.mark.parametrize("n", [1, 2])
def test_the_generators_loss_and_its_gradient_through_the_updates(steps, updates, n):
    variant = unrolled(steps)
    assert_same(
        variant, "generator", by_hand("generator", steps), n, nets=nets_of, extra=states_of(variant, n, updates)
    )


@pytest.mark.parametrize("n", [1, 2])
def test_the_discriminators_loss_is_that_of_now(n):
    variant = unrolled(5)
    extra = states_of(variant, n, 3)
    assert_same(variant, "discriminator", by_hand("discriminator", 5), n, nets=nets_of, extra=extra)


def generator_term(steps, hold_d=False):
    """The generator's loss and its gradient; `hold_d`: the unrolled D is held constant."""
    variant, batch = unrolled(steps), batch_of(0)
    (model,) = models_of(variant, 1)
    (state,) = states_of(variant, 1, 7)
    nets = nets_of(model, {name: dict(net.named_parameters()) for name, net in model.items()} | state)
    if hold_d:
        d, x_fake = nets["discriminator"], nets["generator"](batch.z).detach()
        for _ in range(steps):
            d = variant.imagined(d, batch.x_real, x_fake)
        held = {key: value.detach() for key, value in d.parameters.items()}
        nets["discriminator"] = bound(model["discriminator"], held)
        term = variant_of("gan").generator_loss(nets, batch)["fake"]
    else:
        term = variant.generator_loss(nets, batch)["fake"]
    gradient = torch.autograd.grad(term, list(model["generator"].parameters()))
    return term.item(), torch.cat([part.reshape(-1) for part in gradient])


def test_no_step_is_the_gan_and_two_steps_are_not():
    variant, batch = variant_of("gan"), batch_of(0)
    (model,) = models_of(variant, 1)
    term = loss_of(variant, "generator")(model, batch)["fake"]
    gradient = torch.autograd.grad(term, list(model["generator"].parameters()))
    value_0, gradient_0 = generator_term(0)
    assert value_0 == term.item()
    assert torch.equal(gradient_0, torch.cat([part.reshape(-1) for part in gradient]))
    value_2, gradient_2 = generator_term(2)
    assert abs(value_2 - value_0) > 1e-3
    assert (gradient_2 - gradient_0).abs().max() > 1e-3


def test_the_gradient_goes_through_the_updates_too():
    value, gradient = generator_term(2)
    value_held, gradient_held = generator_term(2, hold_d=True)
    assert value == pytest.approx(value_held, abs=1e-12)
    assert (gradient - gradient_held).abs().max() > 1e-3


def test_an_imagined_update_is_the_next_one_of_torchs_adam():
    variant, batch = unrolled(1), batch_of(0)
    (model,) = models_of(variant, 1)
    d, x_fake = model["discriminator"], model["generator"](batch.z).detach()
    parameters = dict(d.named_parameters())
    adam = torch.optim.Adam(parameters.values(), lr=RATE, betas=BETAS, eps=EPS)

    def step():
        adam.zero_grad()
        sum(loss_of(variant, "discriminator")(model | {"generator": lambda z: x_fake}, batch).values()).backward()
        adam.step()

    for _ in range(4):
        step()
    moments = ({k: adam.state[p][name].clone() for k, p in parameters.items()} for name in ("exp_avg", "exp_avg_sq"))
    before = {key: parameter.detach().clone() for key, parameter in parameters.items()}
    after = variant.imagined(as_bound(d, before, *moments, torch.tensor(4)), batch.x_real, x_fake)
    step()
    assert after.step == 5
    for key, parameter in parameters.items():
        np.testing.assert_allclose(after.parameters[key].numpy(), parameter.detach().numpy(), atol=1e-12)
        np.testing.assert_allclose(after.exp_avg[key].numpy(), adam.state[parameter]["exp_avg"].numpy(), atol=1e-12)
        np.testing.assert_allclose(
            after.exp_avg_sq[key].numpy(), adam.state[parameter]["exp_avg_sq"].numpy(), atol=1e-12
        )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_unit_that_was_never_alive_leaves_the_gradient_finite(dtype):
    """Its gradients and Adam's means of their squares are exactly 0, where the derivative of the root is infinite."""
    networks = {"generator": {"hidden": [4]}, "discriminator": {"hidden": [4], "activation": "relu"}}
    variant = unrolled(2, networks=networks)
    (model,) = models_of(variant, 1)
    model = {name: net.to(dtype) for name, net in model.items()}
    with torch.no_grad():
        model["discriminator"].layers[0].bias[1] = -1e3
    parameters = {name: dict(net.named_parameters()) for name, net in model.items()}
    zeros = {key: torch.zeros_like(value) for key, value in parameters["discriminator"].items()}
    nets = nets_of(model, parameters | {"exp_avg": zeros, "exp_avg_sq": zeros, "step": torch.tensor(0.0)})
    batch = type(b := batch_of(0))(*(part.to(dtype) for part in b))
    term = variant.generator_loss(nets, batch)["fake"]
    gradient = torch.autograd.grad(term, list(parameters["generator"].values()))
    assert term.dtype == dtype
    assert term.isfinite()
    assert all(part.isfinite().all() and part.any() for part in gradient)


def descending(steps):
    optimizers = {"generator": {"learning_rate": 0.01}, "discriminator": {"kind": "sgd", "learning_rate": RATE}}
    return unrolled(steps, optimizers=optimizers)


@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("n", [1, 2])
def test_plain_gradient_descent_is_unrolled_too(steps, n):
    def formula(weights, batch):
        g, theta = mlp(weights["generator"], batch.z), weights["discriminator"]
        for _ in range(steps):
            slope = slopes_by_hand(theta, batch.x_real, g)
            theta = {key: theta[key] - RATE * slope[key] for key in theta}
        return {"fake": np.mean(softplus(-logit(theta, g)))}

    variant = descending(steps)
    assert_same(variant, "generator", formula, n, nets=nets_of, extra=states_of(variant, n, 0))


def test_an_unrolled_training_counts_the_updates_of_plain_gradient_descent():
    ensemble = Ensemble(descending(2), [np.random.default_rng(i) for i in range(2)], torch.device("cpu"))
    batch = type(b := batch_of(0, (2,)))(*(part.float() for part in b))
    for side in ("discriminator", "generator", "discriminator"):
        terms = ensemble.update(side, batch)
    assert all(term.isfinite().all() for term in terms.values())
    assert ensemble.optimizers["discriminator"].state["step"] == 2


def test_only_adam_and_plain_descent_can_be_imagined():
    optimizers = {"generator": {"learning_rate": 0.01}, "discriminator": {"kind": "rmsprop", "learning_rate": 0.01}}
    with pytest.raises(ValueError, match=r"^optimizers\.discriminator\.kind must be adam or sgd"):
        unrolled(5, optimizers=optimizers)


def test_weight_decay_cannot_be_imagined():
    optimizers = {name: {"learning_rate": 0.01, "weight_decay": 0.1} for name in ("generator", "discriminator")}
    with pytest.raises(ValueError, match=r"optimizers\.discriminator\.weight_decay \(0\.1\) must be 0"):
        unrolled(5, optimizers=optimizers)
    unrolled(5, optimizers=optimizers | {"discriminator": {"learning_rate": 0.01}})


@pytest.mark.parametrize("bad", [{"steps": -1}, {"steps": 1.5}, {"k": 5}])
def test_bad_hyperparameters_are_refused(bad):
    assert unrolled(5, hyperparameters={}).hyperparameters.steps == 5
    with pytest.raises(ValueError, match=next(iter(bad))):
        unrolled(5, hyperparameters=bad)
