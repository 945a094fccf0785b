"""Losses of several networks against formulas in NumPy: values, and gradients by central differences."""

from functools import partial

import numpy as np
import pytest
import tiny
import torch
from torch.func import functional_call, vmap

from modescope import variants
from modescope.variants import Batch

LATENT, DIM = 3, 2
SIDES = {"discriminator": ["discriminator"], "generator": ["generator", "encoder"]}
REPLICAS = [None, 3]  # plain modules, or as many under vmap
STEP = 1e-5  # of the central differences; their error is then about 1e-10
TANH = {"hidden": [4], "activation": "tanh", "init": "pytorch"}


def keys(name, latent_dim=LATENT, hyperparameters=None, **changes):
    """The changes that give the tiny experiment this variant, with tanh networks."""
    needs = variants.find(name).needs
    adam = {"learning_rate": 0.01}
    return {
        "variant": name,
        "latent_dim": latent_dim,
        "networks": dict.fromkeys(needs, TANH),
        "optimizers": {"generator": adam} | ({"discriminator": adam} if "discriminator" in needs else {}),
        "hyperparameters": hyperparameters or {},
        **changes,
    }


def variant(name, data_shape=(DIM,), **changes):
    return variants.find(name)(tiny.experiment(**keys(name, **changes)), data_shape)


def modules(chosen, seed=0):
    """The networks of one model with random weights and biases, in float64."""
    rng, networks = np.random.default_rng(seed), chosen.networks()
    for network in networks.values():
        network.initialise(rng)
    return {name: network.double() for name, network in networks.items()}


def arrays(chosen, seed=0, n_real=5, n_fake=5):
    """A batch in NumPy."""
    rng = np.random.default_rng(1000 + seed)
    real, z = rng.normal(0.5, 1, (n_real, *chosen.data_shape)), rng.normal(size=(n_fake, chosen.settings.latent_dim))
    return Batch(real, z, rng.uniform(size=n_real))


def tensors(*batches, dtype=torch.float64):
    """One batch in torch, or several with a first axis for them."""
    parts = batches[0] if len(batches) == 1 else map(np.stack, zip(*batches, strict=True))
    return Batch(*(torch.as_tensor(part, dtype=dtype) for part in parts))


def layers(module, values):
    """[W (n_in, n_out), b] of every layer of an MLP in NumPy, from its parameters or their gradients by name."""
    found = []
    for i, layer in enumerate(module.layers):
        weight = values[f"layers.{i}.weight"].detach().numpy()
        bias = values[f"layers.{i}.bias"].detach().numpy()
        found.append([(weight.T if layer.transposed else weight).copy(), bias.copy()])
    return found


def plain(nets):
    return {name: layers(module, dict(module.named_parameters())) for name, module in nets.items()}


def mlp(weights, *inputs):
    """A tanh network on flattened and joined inputs, (batch, n_out); inputs may be complex."""
    h = np.concatenate([x.reshape(len(x), -1) for x in inputs], 1)
    for matrix, bias in weights[:-1]:
        h = np.tanh(h @ matrix + bias)
    return h @ weights[-1][0] + weights[-1][1]


def loss_of(chosen, side):
    return {"discriminator": chosen.discriminator_loss, "generator": chosen.generator_loss}[side]


def total(chosen, terms):
    """What is minimised."""
    return sum(value for name, value in terms.items() if name not in chosen.logged)


def alone(chosen, side, nets, batch):
    """(terms, {network: gradients of its layers}) of one model."""
    movable = [name for name in SIDES[side] if name in nets]
    terms = loss_of(chosen, side)(nets, tensors(batch))
    gradients = {}
    for name in movable:
        named = dict(nets[name].named_parameters())
        slopes = torch.autograd.grad(total(chosen, terms), list(named.values()), retain_graph=True)
        gradients[name] = layers(nets[name], dict(zip(named, slopes, strict=True)))
    return {name: value.item() for name, value in terms.items()}, gradients


def stacked(chosen, side, several, batches):
    """The same for several models, their losses evaluated together under vmap."""
    first = several[0]
    parameters = {
        name: {
            key: torch.stack([dict(nets[name].named_parameters())[key].detach() for nets in several]).requires_grad_()
            for key, _ in module.named_parameters()
        }
        for name, module in first.items()
    }

    def one(parameters, batch):
        bound = {name: partial(call, first[name], parameters[name]) for name in first}
        return loss_of(chosen, side)(bound, batch)

    terms = vmap(one)(parameters, tensors(*batches))
    moved = [(name, key) for name in SIDES[side] if name in first for key in parameters[name]]
    slopes = torch.autograd.grad(total(chosen, terms).sum(), [parameters[name][key] for name, key in moved])
    by_name = dict(zip(moved, slopes, strict=True))
    return [
        (
            {name: value[row].item() for name, value in terms.items()},
            {
                name: layers(first[name], {key: by_name[name, key][row] for key in parameters[name]})
                for name in dict(moved)
            },
        )
        for row in range(len(several))
    ]


def call(module, parameters, *inputs):
    return functional_call(module, parameters, inputs)


def agree(chosen, by_hand, side, replicas, n_real=5, n_fake=5):
    """Assert that a side's terms equal by_hand(side, live, held, batch), and its gradients the finite differences.

    live and held are the same weights as {network: layers}; by_hand takes what the loss holds constant from held.
    """
    several = [modules(chosen, seed) for seed in range(replicas or 1)]
    batches = [arrays(chosen, seed, n_real, n_fake) for seed in range(replicas or 1)]
    found = stacked(chosen, side, several, batches) if replicas else [alone(chosen, side, several[0], batches[0])]
    for nets, batch, (terms, gradients) in zip(several, batches, found, strict=True):
        live, held = plain(nets), plain(nets)

        def evaluate(live=live, held=held, batch=batch):
            return by_hand(side, live, held, batch)

        assert terms == pytest.approx(evaluate(), abs=1e-9)
        assert gradients.keys() == set(SIDES[side]) & set(nets)
        for name, slopes in gradients.items():
            for arrays_, slopes_ in zip(live[name], slopes, strict=True):
                for array, slope in zip(arrays_, slopes_, strict=True):
                    np.testing.assert_allclose(slope, differences(chosen, evaluate, array), rtol=0, atol=1e-8)


def differences(chosen, evaluate, array):
    """Central differences of the minimised loss in every element of an array, which is changed in place."""
    slopes = np.empty_like(array)
    for at in np.ndindex(array.shape):
        centre, ends = array[at], []
        for shift in (STEP, -STEP):
            array[at] = centre + shift
            ends.append(total(chosen, evaluate()))
        array[at] = centre
        slopes[at] = (ends[0] - ends[1]) / (2 * STEP)
    return slopes


def gradient_is_zero(term, module):
    """Whether a term has no gradient with respect to a network."""
    slopes = torch.autograd.grad(term, list(module.parameters()), retain_graph=True, allow_unused=True)
    return all(slope is None or not slope.any() for slope in slopes)
