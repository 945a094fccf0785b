"""What a hyperparameter may be, by its meaning: a weight may be 0, a count is at least 1, a target is a probability."""

import pytest
from pydantic import ValidationError

from modescope.variants import find

ZERO_OR_MORE = (
    "bigan_pgp.gp_weight", "bigan_reconstruction.reconstruction_weight", "point.parameter_noise", "r1.r1_gamma",
    "r1r2.gamma", "r3gan.gamma", "veegan.reconstruction_weight", "wgan_gp.gp_weight",
)  # fmt: skip
MORE_THAN_ZERO = ("point.label_real", "point.real_weight", "topk.share", "wgan.clip")
BELOW_ONE, AT_MOST_ONE = ("point.label_fake",), ("point.label_real", "topk.share")
COUNTS = ("flow_matching.solver_steps", "pacgan.packing", "point.noise_draws", "topk.every", "wgan.n_critic",
          "wgan_gp.n_critic")  # fmt: skip


def allowed(name: str, value: object) -> bool:
    variant, key = name.split(".")
    try:
        found = find(variant).Hyperparameters.model_validate({key: value})
    except ValidationError:
        return False
    return getattr(found, key) == value


@pytest.mark.parametrize("name", ZERO_OR_MORE)
def test_what_can_be_switched_off_cannot_be_negative(name):
    assert allowed(name, 0.0)
    assert not allowed(name, -0.01)


@pytest.mark.parametrize("name", MORE_THAN_ZERO)
def test_without_it_there_is_nothing_to_minimise(name):
    assert allowed(name, 0.01)
    assert not allowed(name, 0.0)


def test_targets_and_shares_end_at_one():
    assert all(allowed(name, 1.0) and not allowed(name, 1.01) for name in AT_MOST_ONE)
    assert all(allowed(name, 0.99) and not allowed(name, 1.0) for name in BELOW_ONE)


@pytest.mark.parametrize("name", COUNTS)
def test_a_count_is_at_least_one(name):
    assert allowed(name, 1)
    assert not allowed(name, 0)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        *(("flow_matching.solver_steps", 10_000), ("pacgan.packing", 1_000), ("point.noise_draws", 10_000)),
        *(("topk.every", 1_000_000_000), ("unrolled.steps", 10_000)),
        *(("wgan.n_critic", 10_000), ("wgan_gp.n_critic", 10_000)),
    ],
)
def test_a_count_that_multiplies_the_work_has_an_end(name, most):
    assert allowed(name, most)
    assert not allowed(name, most + 1)


def test_an_unrolled_gan_of_no_steps_is_the_gan():
    assert allowed("unrolled.steps", 0)
    assert not allowed("unrolled.steps", -1)


def test_moments_are_matched_at_one_bandwidth_at_least_and_all_are_positive():
    assert allowed("gmn.bandwidths", [0.5])
    assert not allowed("gmn.bandwidths", [])
    assert not allowed("gmn.bandwidths", [0.5, 0.0])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("wgan.clip", 0.01),  # Arjovsky et al. 2017, algorithm 1
        ("wgan.n_critic", 5),
        ("wgan_gp.n_critic", 5),  # Gulrajani et al. 2017, algorithm 1
        ("wgan_gp.gp_weight", 0.1),  # and their script for points in the plane
        ("unrolled.steps", 5),  # Metz et al. 2017, section 3.1
        ("topk.share", 0.5),  # Sinha et al. 2020: 0.5 to 0.75
        ("pacgan.packing", 2),  # Lin et al. 2018: the smallest pack
        ("veegan.reconstruction_weight", 1.0),  # Srivastava et al. 2017, algorithm 1: a sum without weights
        ("point.label_real", 1.0),  # no smoothing, no weight, no noise: the plain GAN
        ("point.label_fake", 0.0),
        ("point.real_weight", 1.0),
        ("point.parameter_noise", 0.0),
        ("gan.saturating", False),
    ],
)
def test_defaults_are_those_of_the_sources(name, value):
    variant, key = name.split(".")
    assert getattr(find(variant).Hyperparameters(), key) == value
