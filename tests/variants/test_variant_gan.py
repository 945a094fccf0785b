"""The GAN's losses and their gradients against log-sigmoid formulas on linear networks, single and stacked."""

import numpy as np
import pytest
import tiny
import torch
from scipy.special import expit, log_expit

from modescope import variants
from modescope.engine.ensemble import Ensemble
from modescope.networks.dense import MLP, Affine, Network
from modescope.params.settings import Mlp
from modescope.variants import Batch
from modescope.variants.gan import GAN

LATENT, DIM, N_REAL, N_FAKE = 3, 2, 5, 7
SIDES = ("discriminator", "generator")
CLOSE = {"rtol": 1e-10, "atol": 1e-12}


@pytest.fixture(autouse=True)
def double():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


class Linear(Network):
    """One layer with its bias: (batch, n_in) -> (batch, n_out), or (batch,) for a logit."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.layer, self.n_out = Affine(n_in, n_out or 1), n_out

    def forward(self, x):
        return self.layer(x) if self.n_out else self.layer(x)[:, 0]

    def initialise(self, rng):
        self.layer.initialise(Mlp(hidden=[1], init="pytorch"), rng)


class LinearGAN(GAN):
    def networks(self):
        return {"generator": Linear(LATENT, DIM), "discriminator": Linear(DIM, None)}


def batch_of(seed, replicas=()):
    rng = np.random.default_rng(seed)
    real, z = rng.normal(1, 2, (*replicas, N_REAL, DIM)), rng.normal(size=(*replicas, N_FAKE, LATENT))
    uniform = rng.random((*replicas, N_FAKE))
    return Batch(torch.from_numpy(real), torch.from_numpy(z), torch.from_numpy(uniform))


def plain(weights, row=0):
    """A (LATENT, DIM), a, w (DIM,), c of one replica: G(z) = z A + a, D(x) = x w + c."""
    layer = {key: value[row].numpy() for key, value in weights.items()}
    return (
        layer["generator.layer.weight"].reshape(DIM, LATENT).T,  # stored with its smaller side first
        layer["generator.layer.bias"],
        layer["discriminator.layer.weight"].reshape(DIM),
        layer["discriminator.layer.bias"][0],
    )


def by_hand(parameters, x, z, saturating=False):
    """(terms, gradients) of both sides: -log sigmoid(D(x)), -log(1 - sigmoid(D(g))) and -log sigmoid(D(g)).

    The saturating generator minimises log(1 - sigmoid(D(g))), what the discriminator maximises.
    """
    a_matrix, a, w, c = parameters
    g = z @ a_matrix + a
    on_real, on_fake = x @ w + c, g @ w + c
    terms = {
        "discriminator": {"real": -log_expit(on_real).mean(), "fake": -log_expit(-on_fake).mean()},
        "generator": {"fake": -log_expit(on_fake).mean()},
    }
    # d/dD of -log sigmoid(D) is sigmoid(D) - 1, of -log(1 - sigmoid(D)) is sigmoid(D)
    d_real, d_fake, d_g = expit(on_real) - 1, expit(on_fake), expit(on_fake) - 1
    if saturating:
        terms["generator"] = {"fake": log_expit(-on_fake).mean()}
        d_g = -expit(on_fake)
    gradients = {
        "discriminator": {
            "weight": (d_real @ x / len(x) + d_fake @ g / len(z)),
            "bias": d_real.mean() + d_fake.mean(),
        },
        "generator": {"weight": z.T @ np.outer(d_g, w) / len(z), "bias": d_g.mean() * w},
    }
    return terms, gradients


def losses(variant):
    return {"discriminator": variant.discriminator_loss, "generator": variant.generator_loss}


def stacked(n, seed=0, **hyperparameters):
    variant = LinearGAN(tiny.experiment(latent_dim=LATENT, hyperparameters=hyperparameters), (DIM,))
    return variant, Ensemble(variant, [np.random.default_rng(seed + i) for i in range(n)], torch.device("cpu"))


def gradients_of(ensemble, side):
    """The gradient (R, ...) of each parameter in the last update of a side."""
    parameters = ensemble.state[side]
    parts = torch.split(ensemble.vectors[side].grad, [p.numel() for p in parameters.values()])
    return {
        key.removeprefix("layer."): part.numpy().reshape(
            ensemble.n_replicas, *ensemble.weights()[f"{side}.{key}"].shape[1:]
        )
        for (key, part) in zip(parameters, parts, strict=True)
    }


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("saturating", [False, True])
def test_one_model_has_the_closed_form_values_and_gradients(seed, saturating):
    variant, ensemble = stacked(1, seed, saturating=saturating)
    nets, batch = ensemble.modules, batch_of(seed)
    terms, gradients = by_hand(plain(ensemble.weights()), batch.x_real.numpy(), batch.z.numpy(), saturating)
    for side, loss in losses(variant).items():
        found = loss(nets, batch)
        assert set(found) == set(terms[side])
        for name, value in found.items():
            assert value.shape == ()
            assert value.item() == pytest.approx(terms[side][name], abs=1e-10)
        weight, bias = torch.autograd.grad(sum(found.values()), list(nets[side].parameters()))
        expected = gradients[side]["weight"]
        np.testing.assert_allclose(weight.numpy().ravel(), expected.T.ravel(), **CLOSE)
        np.testing.assert_allclose(bias.numpy().ravel(), np.ravel(gradients[side]["bias"]), **CLOSE)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("saturating", [False, True])
def test_every_replica_is_updated_with_the_gradient_of_its_single_model(side, n, saturating):
    _, ensemble = stacked(n, saturating=saturating)
    before, batch = ensemble.weights(), batch_of(0, (n,))
    terms = ensemble.update(side, batch)
    gradients = gradients_of(ensemble, side)
    for row in range(n):
        expected, slopes = by_hand(plain(before, row), batch.x_real[row].numpy(), batch.z[row].numpy(), saturating)
        assert {name: value[row].item() for name, value in terms.items()} == pytest.approx(expected[side], abs=1e-10)
        np.testing.assert_allclose(gradients["weight"][row].ravel(), slopes[side]["weight"].T.ravel(), **CLOSE)
        np.testing.assert_allclose(gradients["bias"][row].ravel(), np.ravel(slopes[side]["bias"]), **CLOSE)


@pytest.mark.parametrize("side", SIDES)
def test_the_gradient_of_deep_networks_is_that_of_finite_differences(side):
    variant = GAN(tiny.experiment(latent_dim=LATENT), (DIM,))
    nets = {
        "generator": MLP((LATENT,), Mlp(hidden=[4, 3], activation="tanh"), (DIM,)),
        "discriminator": MLP((DIM,), Mlp(hidden=[3], activation="tanh"), ()),
    }
    for seed, net in enumerate(nets.values()):
        net.initialise(np.random.default_rng(seed))
    batch, parameters, step = batch_of(1), list(nets[side].parameters()), 1e-6

    def total():
        return sum(losses(variant)[side](nets, batch).values())

    for parameter, gradient in zip(parameters, torch.autograd.grad(total(), parameters), strict=True):
        flat = parameter.detach().view(-1)
        for i, slope in enumerate(gradient.reshape(-1).tolist()):
            centre = flat[i].item()
            ends = []
            for shift in (step, -step):
                flat[i] = centre + shift
                ends.append(total().item())
            flat[i] = centre
            assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(slope, abs=1e-8)


@pytest.mark.parametrize(("side", "other"), [SIDES, SIDES[::-1]])
@pytest.mark.parametrize("n", [1, 3])
def test_an_update_of_one_side_leaves_the_other_untouched(side, other, n):
    _, ensemble = stacked(n)
    before = ensemble.weights()
    ensemble.update(side, batch_of(0, (n,)))
    after = ensemble.weights()
    for key in before:
        assert torch.equal(before[key], after[key]) == key.startswith(other)
    assert not ensemble.vectors[other].grad.any()


def test_logits_of_any_size_have_finite_losses():
    """sp(-D) and sp(D) at D = +-1000, where the sigmoid itself is 0 or 1."""
    variant = GAN(tiny.experiment(), (1,))
    batch = Batch(torch.tensor([[1.0]]), torch.tensor([[-1.0]]), torch.tensor([0.5]))
    wrong = {"generator": lambda z: z, "discriminator": lambda x: -1000 * x[:, 0]}
    right = {"generator": lambda z: z, "discriminator": lambda x: 1000 * x[:, 0]}
    assert variant.discriminator_loss(wrong, batch) == {"real": 1000, "fake": 1000}
    assert variant.generator_loss(wrong, batch) == {"fake": 0}
    assert variant.discriminator_loss(right, batch) == {"real": 0, "fake": 0}
    assert variant.generator_loss(right, batch) == {"fake": 1000}
    saturating = GAN(tiny.experiment(hyperparameters={"saturating": True}), (1,))
    assert saturating.generator_loss(wrong, batch) == {"fake": -1000}
    assert saturating.generator_loss(right, batch) == {"fake": 0}


def test_an_undecided_discriminator_costs_two_log_two():
    variant = GAN(tiny.experiment(), (DIM,))
    nets = {"generator": lambda z: z[:, :DIM], "discriminator": lambda x: 0 * x[:, 0]}
    d, g = variant.discriminator_loss(nets, batch_of(0)), variant.generator_loss(nets, batch_of(0))
    assert [float(v) for v in (*d.values(), *g.values())] == pytest.approx([np.log(2)] * 3, abs=1e-15)


def test_networks_follow_the_settings():
    networks = variants.find("gan")(tiny.experiment(latent_dim=4), (3,)).networks()
    assert set(networks) == {"generator", "discriminator"}
    for network in networks.values():
        network.initialise(np.random.default_rng(0))
    points = networks["generator"](torch.ones(6, 4))
    assert points.shape == (6, 3)
    assert networks["discriminator"](points).shape == (6,)
    assert [network.spec.activation for network in networks.values()] == ["relu", "leaky_relu"]


@pytest.mark.parametrize("bad", [{"saturating": 1}, {"saturate": True}])
def test_bad_hyperparameters_are_refused(bad):
    assert not variants.find("gan")(tiny.experiment(), (DIM,)).hyperparameters.saturating
    with pytest.raises(ValueError, match=next(iter(bad))):
        variants.find("gan")(tiny.experiment(hyperparameters=bad), (DIM,))


def test_a_learned_point_and_a_line_are_networks_as_well():
    """The smallest game: G is a point theta whatever z is, D(x) = psi . x without a bias."""
    keys = {"networks": {"generator": {"kind": "point"}, "discriminator": {"kind": "linear"}}}
    made = GAN(tiny.experiment(**keys), (DIM,)).networks()
    for network in made.values():
        network.initialise(np.random.default_rng(0))
        network.double()
    x = made["generator"](torch.zeros(4, 2))
    assert x.shape == (4, DIM)
    assert torch.equal(x, made["generator"].theta.expand(4, DIM))
    np.testing.assert_allclose(made["discriminator"](x).detach(), (x @ made["discriminator"].psi).detach(), rtol=1e-12)
