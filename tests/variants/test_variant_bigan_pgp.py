"""The pairwise gradient penalty in its three forms: terms and gradients against NumPy with complex-step derivatives."""

import numpy as np
import pairs
import pytest
import torch
from scipy.special import log_expit
from torch import nn

NAME, FORMS = "bigan_pgp", ("ours", "article", "authors")


def complex_slopes(f, x):
    """The gradient of f, (n, ...) -> (n,), at every x: Im f(x + ih) / h, exact to rounding."""
    slopes, h = np.empty_like(x), 1e-30
    for axis in np.ndindex(x.shape[1:]):
        shift = np.zeros(x.shape[1:], complex)
        shift[axis] = 1j * h
        slopes[(slice(None), *axis)] = f(x + shift).imag / h
    return slopes


def by_hand(form, weight):
    def terms(side, live, held, batch):
        x, z = batch.x_real, batch.z
        d = live["discriminator"]
        on_real = pairs.mlp(d, x, pairs.mlp(live["encoder"], x))
        on_fake = pairs.mlp(d, pairs.mlp(live["generator"], z), z)
        if side == "generator":
            if form == "authors":
                return {"real": on_real.mean(), "fake": -on_fake.mean()}
            return {"real": -log_expit(-on_real).mean(), "fake": -log_expit(on_fake).mean()}
        codes = pairs.mlp(held["encoder"], x)
        x_hat = pairs.mlp(held["generator"], codes).reshape(x.shape)
        between = np.stack([e * a + (1 - e) * b for e, a, b in zip(batch.uniform, x, x_hat, strict=True)])
        h = complex_slopes(lambda points: pairs.mlp(d, points, codes)[:, 0], between)
        if form == "article":
            u = (x - x_hat) / np.linalg.norm(x - x_hat, axis=-1, keepdims=True)
            penalty = np.mean((h - u) ** 2, axis=-1).mean()
        else:
            u = np.stack([(a - b) / np.linalg.norm(np.ravel(a - b)) for a, b in zip(x, x_hat, strict=True)])
            norms = [np.linalg.norm(np.ravel(difference)) for difference in h - u]
            penalty = np.mean(norms) if form == "authors" else np.mean(np.square(norms))
        cosines = (h * u).sum(axes := tuple(range(1, x.ndim))) / np.sqrt((h**2).sum(axes) * (u**2).sum(axes))
        return {
            "real": -log_expit(on_real).mean(),
            "fake": -log_expit(-on_fake).mean(),
            "penalty": weight * penalty,
            "cosine": np.mean(cosines),
        }

    return terms


def chosen_of(form, weight=None, **changes):
    return pairs.variant(NAME, hyperparameters={"form": form, "gp_weight": weight}, **changes)


@pytest.mark.parametrize("replicas", pairs.REPLICAS)
@pytest.mark.parametrize("side", pairs.SIDES)
@pytest.mark.parametrize("form", FORMS)
def test_terms_and_gradients_are_those_of_the_formula(form, side, replicas):
    pairs.agree(chosen_of(form, 0.7), by_hand(form, 0.7), side, replicas, n_real=5, n_fake=7)


@pytest.mark.parametrize("form", FORMS)
def test_so_they_are_for_images(form):
    pairs.agree(chosen_of(form, 0.7, data_shape=(2, 3)), by_hand(form, 0.7), "discriminator", None)


@pytest.mark.parametrize(
    ("form", "data_shape", "weight"),
    [
        ("ours", (2,), 1),
        ("ours", (2, 2), 1),
        ("article", (2,), 1),
        ("authors", (2,), 0.1),
        ("authors", (2, 2), 1),
    ],
)
def test_the_default_weight_is_the_forms_own(form, data_shape, weight):
    pairs.agree(chosen_of(form, data_shape=data_shape), by_hand(form, weight), "discriminator", None)


def test_the_default_form_is_ours():
    pairs.agree(pairs.variant(NAME), by_hand("ours", 1), "discriminator", None)
    pairs.agree(pairs.variant(NAME), by_hand("ours", 1), "generator", None)


class Slope(nn.Module):
    """D(x, z) = a x."""

    def __init__(self, a):
        super().__init__()
        self.a = nn.Parameter(torch.tensor(a, dtype=torch.float64))

    def forward(self, x, z):
        return x @ self.a


@pytest.mark.parametrize(
    ("a", "squared", "cosine"), [((1, 0), 0, 1), ((0, 2), 5, 0), ((-1, 0), 4, -1), ((3, 0), 4, 1), ((3, 4), 20, 0.6)]
)
def test_known_slopes(a, squared, cosine):
    """With x 3 to the right of its reconstruction, u = (1, 0) and ||a - u||^2 is the penalty."""
    batch = pairs.tensors(pairs.arrays(chosen_of("ours", latent_dim=2)))
    shifted = torch.tensor([3.0, 0.0]).double()
    nets = {"generator": lambda z: z - shifted, "encoder": lambda x: x, "discriminator": Slope(a)}
    for form, expected in [("ours", squared), ("article", squared / 2), ("authors", squared**0.5)]:
        terms = chosen_of(form, 2.0, latent_dim=2).discriminator_loss(nets, batch)
        assert terms["penalty"].item() == pytest.approx(2 * expected, abs=3e-6)
        assert terms["cosine"].item() == pytest.approx(cosine, abs=1e-9)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("form", FORMS)
def test_a_perfect_reconstruction_is_finite(form, dtype):
    """There u = 0, so the penalty is that of the gradient h alone, and its own gradients are finite."""
    chosen = chosen_of(form, 1.0, latent_dim=2)
    d = pairs.modules(chosen)["discriminator"].to(dtype)
    batch = pairs.tensors(pairs.arrays(chosen), dtype=dtype)
    terms = chosen.discriminator_loss({"generator": lambda z: z, "encoder": lambda x: x, "discriminator": d}, batch)
    assert all(value.isfinite() for value in terms.values())
    assert terms["cosine"] == 0
    x = batch.x_real.clone().requires_grad_()
    (h,) = torch.autograd.grad(d(x, batch.x_real).sum(), x)
    norm = h.norm(dim=1)
    expected = {"ours": norm.square(), "article": norm.square() / 2, "authors": norm}[form].mean()
    assert terms["penalty"].item() == pytest.approx(expected.item(), rel=1e-5)
    *gradients, of_logit_bias = torch.autograd.grad(terms["penalty"], list(d.parameters()), allow_unused=True)
    assert of_logit_bias is None  # the gradient of D does not depend on it
    assert all(gradient.isfinite().all() and gradient.any() for gradient in gradients)


@pytest.mark.parametrize("form", FORMS)
def test_at_the_optimum_the_slope_of_the_penalty_is_zero(form):
    """At h = u the authors' norm, a square root of 0, has no derivative."""
    batch = pairs.tensors((np.ones((4, 2)), np.ones((4, 2)), np.full(4, 0.5)))
    shift = torch.tensor([1e8, 0.0]).double()  # so far that the 1e-12 under the root does not change u
    d = Slope((1, 0))
    nets = {"generator": lambda z: z - shift, "encoder": lambda x: x, "discriminator": d}
    penalty = chosen_of(form, 1.0, latent_dim=2).discriminator_loss(nets, batch)["penalty"]
    (slope,) = torch.autograd.grad(penalty, [d.a])
    assert slope.tolist() == [0, 0]
    assert penalty.item() == pytest.approx(0, abs=1.1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_the_penalty_moves_the_discriminator_alone(form):
    chosen = chosen_of(form)
    nets = pairs.modules(chosen)
    terms = chosen.discriminator_loss(nets, pairs.tensors(pairs.arrays(chosen)))
    assert [name for name in nets if not pairs.gradient_is_zero(terms["penalty"], nets[name])] == ["discriminator"]


def test_the_cosine_is_logged_and_not_minimised():
    chosen = chosen_of("ours")
    terms = chosen.discriminator_loss(pairs.modules(chosen), pairs.tensors(pairs.arrays(chosen)))
    assert chosen.logged == ("cosine",)
    assert not terms["cosine"].requires_grad
    assert terms["penalty"].requires_grad


@pytest.mark.parametrize(
    ("hyperparameters", "reason"),
    [({"form": "paper"}, "'ours', 'article' or 'authors'"), ({"gp_weight": -0.1}, "greater than or equal to 0")],
)
def test_bad_hyperparameters_are_refused(hyperparameters, reason):
    with pytest.raises(ValueError, match=reason):
        pairs.variant(NAME, hyperparameters=hyperparameters)
