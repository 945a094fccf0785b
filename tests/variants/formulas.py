"""NumPy networks, input gradients and finite differences to test losses of variants against formulas.

A formula is a function of `weights`, network -> {parameter or buffer -> array}, and a batch of arrays; it returns
the terms of a loss as numbers. `assert_same` compares them and their gradients with the variant's.
"""

from types import SimpleNamespace

import numpy as np
import tiny
import torch
from torch.func import functional_call, vmap

from modescope.variants import Batch, find

LATENT, DIM, BATCH = 3, 2, 6
TOLERANCE = {"rtol": 0, "atol": 1e-6}
TANH = {
    "generator": {"hidden": [4], "activation": "tanh", "init": "pytorch"},
    "discriminator": {"hidden": [4, 3], "activation": "tanh", "init": "kaiming_uniform", "init_scale": 2.0},
}


def variant_of(name, shape=(DIM,), **changes):
    """A variant with small smooth networks; `hyperparameters` and other keys of an experiment as changes."""
    same = {"latent_dim": LATENT, "networks": TANH, "discriminator_batch": BATCH, "generator_batch": BATCH}
    return find(name)(tiny.experiment(variant=name, **(same | changes)), shape)


def batch_of(seed, replicas=(), n=BATCH, shape=(DIM,), latent=LATENT):
    """A batch in double precision, with the replica axis first where there is one."""
    rng = np.random.default_rng(seed)
    parts = (
        rng.normal(1, 2, (*replicas, n, *shape)),
        rng.normal(size=(*replicas, n, latent)),
        rng.random((*replicas, n)),
    )
    return Batch(*map(torch.from_numpy, parts))


def models_of(variant, n, seed=0):
    """The n initialised models, network -> module, in double precision and with nonzero biases."""
    models = []
    for i in range(n):
        rng = np.random.default_rng([seed, i])
        networks = variant.networks()
        for network in networks.values():
            network.initialise(rng)
            network.double()
            for key, parameter in network.named_parameters():
                if key.endswith("bias"):
                    parameter.data.copy_(torch.from_numpy(rng.normal(0, 0.5, parameter.shape)))
        models.append(networks)
    return models


def tensors_of(model):
    """The tensors of one model, network -> {parameter or buffer -> tensor}."""
    return {name: dict(net.named_parameters()) | dict(net.named_buffers()) for name, net in model.items()}


def stacked(trees):
    """Nested dicts of tensors as one, every tensor (R, ...) and detached."""
    if isinstance(trees[0], dict):
        return {key: stacked([tree[key] for tree in trees]) for key in trees[0]}
    return torch.stack([tensor.detach() for tensor in trees])


def arrays(tree, row=None):
    """Nested dicts of tensors as copied arrays; `row`: those of one replica."""
    if isinstance(tree, dict):
        return {key: arrays(value, row) for key, value in tree.items()}
    array = tree.detach().numpy()
    return (array if row is None else array[row]).copy()


def loss_of(variant, side):
    return variant.discriminator_loss if side == "discriminator" else variant.generator_loss


def own_parameters(model, side):
    """(network, parameter) of everything that an update of the side changes."""
    mine = [name for name in model if (name == "discriminator") == (side == "discriminator")]
    return [(name, key) for name in mine for key, _ in model[name].named_parameters()]


def bound(module, tensors):
    """The module as a function, with these tensors as parameters and buffers."""
    return lambda *inputs: functional_call(module, tensors, inputs)


def plain_nets(model, tree):
    """The networks of one model as the losses see them; `tree` as from `tensors_of`."""
    return {name: bound(module, tree[name]) for name, module in model.items()}


def assert_same(variant, side, formula, n, seed=0, nets=plain_nets, extra=(), batch=None):
    """Assert that a side's terms and gradients are those of the formula, to 1e-6.

    n = 1: plain modules, without `vmap`; n > 1: n replicas under `vmap`. `extra`, one tree of tensors for each
    replica, is added to the networks' tensors for `nets` and the formula. Terms in `variant.logged` are not minimised.
    """
    models = models_of(variant, n, seed)
    trees = [tensors_of(model) | dict(extra[i] if extra else {}) for i, model in enumerate(models)]
    batch = batch or batch_of(seed, (n,), shape=variant.data_shape)
    mine = own_parameters(models[0], side)
    if n == 1:
        tree, single = trees[0], Batch(*(part[0] for part in batch))
        terms = loss_of(variant, side)(models[0] if nets is plain_nets else nets(models[0], tree), single)
        assert all(term.shape == () for term in terms.values())
    else:
        tree = stacked(trees)
        for name, key in mine:
            tree[name][key].requires_grad_()
        terms = vmap(lambda tree, batch: loss_of(variant, side)(nets(models[0], tree), batch))(tree, batch)
        assert all(term.shape == (n,) for term in terms.values())
    logged = getattr(variant, "logged", ())
    total = sum(term.sum() for name, term in terms.items() if name not in logged)
    gradients = torch.autograd.grad(total, [tree[name][key] for name, key in mine], materialize_grads=True)

    for row in range(n):
        weights = arrays(tree, None if n == 1 else row)
        numbers = SimpleNamespace(**{key: part[row].numpy() for key, part in batch._asdict().items()})

        def expected(weights=weights, numbers=numbers):
            return formula(weights, numbers)

        found = {name: term.reshape(n)[row].item() for name, term in terms.items()}
        assert set(found) == set(expected())
        for name, value in expected().items():
            np.testing.assert_allclose(found[name], value, **TOLERANCE, err_msg=name)
        for (name, key), gradient in zip(mine, gradients, strict=True):
            slope = differences(lambda: sum(v for k, v in expected().items() if k not in logged), weights[name][key])
            np.testing.assert_allclose(
                gradient.reshape(n, *slope.shape)[row].numpy(), slope, **TOLERANCE, err_msg=f"{name}.{key}"
            )


def differences(function, array, step=1e-5):
    """The derivative of `function()` in every entry of an array, by central differences of fourth order."""
    slope, flat = np.empty_like(array), array.reshape(-1)
    for i, centre in enumerate(flat.copy()):
        values = {}
        for shift in (-2, -1, 1, 2):
            flat[i] = centre + shift * step
            values[shift] = function()
        flat[i] = centre
        slope.flat[i] = (8 * (values[1] - values[-1]) - (values[2] - values[-2])) / (12 * step)
    return slope


def layers(net):
    """(W, b) of every layer, W (n_in, n_out); it is stored with its smaller side first."""
    pairs = [(net[f"layers.{i}.weight"], net[f"layers.{i}.bias"]) for i in range(sum("bias" in key for key in net))]
    return [(w if w.shape[1] == len(b) else w.T, b) for w, b in pairs]


def mlp(net, *inputs):
    """Tanh layers and a linear one, (batch, ...) of each input -> (batch, n_out)."""
    h = np.concatenate([x.reshape(len(x), -1) for x in inputs], 1)
    *hidden, (w_last, b_last) = layers(net)
    for w, b in hidden:
        h = np.tanh(h @ w + b)
    return h @ w_last + b_last


def logit(net, *inputs):
    """The logit of a D with tanh layers, (batch,)."""
    return mlp(net, *inputs)[:, 0]


def slope(net, *inputs):
    """The gradient of D's logit with respect to its joined inputs, by the chain rule, (batch, n_in)."""
    h = np.concatenate([x.reshape(len(x), -1) for x in inputs], 1)
    *hidden, (w_last, _) = layers(net)
    jacobian = np.eye(h.shape[1])[None].repeat(len(h), 0)  # (batch, n_in, units)
    for w, b in hidden:
        h = np.tanh(h @ w + b)
        jacobian = jacobian @ w * (1 - h**2)[:, None, :]
    return (jacobian @ w_last)[:, :, 0]


def softplus(t):
    """log(1 + e^t)."""
    return np.logaddexp(0, t)
