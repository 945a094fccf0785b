"""Random numbers of a task: they depend on experiment, arm, seed, purpose and step, and on nothing else."""

import itertools

import numpy as np
import pytest
import tiny
import torch
from scipy import stats

from modescope.engine.draws import CHUNK, Draws

DATA = torch.arange(400, dtype=torch.float32).reshape(200, 2)
SIZES = {"discriminator": 8, "generator": 6}
STEPS = CHUNK + 10


def drawn(n_critic=1, start=0, **task):
    """The steps from `start` to the end of its chunk."""
    return list(Draws(tiny.task(**({"steps": STEPS} | task)), DATA).steps(start, n_critic))


def flattened(steps):
    """The batches of all steps in their order, each with its noise."""
    return [one for rounds, generator in steps for one in (*rounds, generator)]


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("n_critic", [1, 3])
def test_each_round_and_step_has_numbers_of_its_own(n_critic):
    steps = drawn(n_critic)
    assert len(steps) == CHUNK
    assert {len(rounds) for rounds, _ in steps} == {n_critic}
    batches = [batch for batch, _ in flattened(steps)]
    for rounds, (generator, _) in steps:
        for batch, n in [*((batch, 8) for batch, _ in rounds), (generator, 6)]:
            assert (batch.x_real.shape, batch.z.shape, batch.uniform.shape) == ((3, n, 2), (3, n, 2), (3, n))
    for part in ("z", "uniform"):
        values = torch.cat([getattr(batch, part).flatten() for batch in batches])
        assert len(values.unique()) > 0.999 * len(values)
    for a, b in itertools.pairwise(batches):
        assert not torch.equal(a.x_real[:, :6], b.x_real[:, :6])


@pytest.mark.parametrize("noise", [None, {"std": 0.5}])
@pytest.mark.parametrize("n_critic", [1, 3])
def test_a_step_has_the_same_numbers_wherever_drawing_begins_or_training_ends(n_critic, noise):
    whole = drawn(n_critic, instance_noise=noise)
    later = drawn(n_critic, start=40, instance_noise=noise)
    assert len(later) == CHUNK - 40
    for (a, noise_a), (b, noise_b) in zip(flattened(whole[40:]), flattened(later), strict=True):
        assert same(a, b)
        assert noise is None or torch.equal(noise_a, noise_b)
    if noise is None:  # with noise the standard deviation depends on the number of steps
        short = drawn(n_critic, steps=5)
        assert len(short) == 5
        assert all(same(a[0], b[0]) for a, b in zip(flattened(short), flattened(whole[:5]), strict=True))


def test_the_last_chunk_ends_with_the_training_and_differs_from_the_first():
    first, last = drawn(), drawn(start=CHUNK)
    assert len(last) == 10
    for (a, _), (b, _) in zip(flattened(first[:10]), flattened(last), strict=True):
        assert not torch.equal(a.z, b.z)


@pytest.mark.parametrize("noise", [None, {"std": 0.5}])
def test_a_seed_has_the_same_numbers_beside_others(noise):
    together, alone = (drawn(2, seeds=seeds, instance_noise=noise) for seeds in ((4, 7, 1), (7,)))
    for (a, noise_a), (b, noise_b) in zip(flattened(together), flattened(alone), strict=True):
        assert same([part[1:2] for part in a], b)
        assert noise is None or torch.equal(noise_a[1:2], noise_b)


@pytest.mark.parametrize("other", [{"seeds": (3, 4, 5)}, {"name": "another"}, {"arm": "latent_dim=2"}])
def test_seeds_experiments_and_arms_have_numbers_of_their_own(other):
    for (a, noise_a), (b, noise_b) in zip(
        flattened(drawn(instance_noise={"std": 0.5})[:3]),
        flattened(drawn(instance_noise={"std": 0.5}, **other)[:3]),
        strict=True,
    ):
        assert not (a.z == b.z).any()
        assert not (noise_a == noise_b).any()
        assert not (a.uniform == b.uniform).any()


def test_uniform_numbers_are_uniform_and_rows_are_rows_of_the_data():
    batches = [batch for batch, _ in flattened(drawn(3))]
    uniform = torch.cat([batch.uniform.flatten() for batch in batches])
    assert uniform.min() >= 0
    assert uniform.max() < 1
    assert stats.kstest(uniform, "uniform").pvalue > 0.01
    rows = torch.cat([batch.x_real.reshape(-1, 2) for batch in batches])
    np.testing.assert_array_equal(rows[:, 1], rows[:, 0] + 1)
    _, counts = rows[:, 0].unique(return_counts=True)
    assert len(counts) == len(DATA)
    assert stats.chisquare(counts).pvalue > 0.01


# Instance noise


def test_without_the_option_there_is_no_noise():
    assert all(noise is None for _, noise in flattened(drawn(2)))


@pytest.mark.parametrize("n_critic", [1, 2])
def test_real_points_get_noise_and_all_else_stays(n_critic):
    clean, noisy = drawn(n_critic), drawn(n_critic, instance_noise={"std": 100.0})
    for (a, _), (b, noise) in zip(flattened(clean), flattened(noisy), strict=True):
        assert same(a[1:], b[1:])
        assert noise.shape == a.x_real.shape
        assert not torch.isclose(a.x_real, b.x_real).any()


@pytest.mark.parametrize("start", [0, CHUNK])
@pytest.mark.parametrize(("until", "ends"), [(1.0, STEPS), (0.5, STEPS // 2)])
def test_noise_falls_linearly_from_std_to_nothing(until, ends, start):
    clean, one, other = (
        flattened(drawn(2, start, instance_noise=noise))
        for noise in (None, {"std": 3.0, "until": until}, {"std": 1.0, "until": 1.0})
    )
    for n, ((points, _), (noisy, noise), (_, same_numbers)) in enumerate(zip(clean, one, other, strict=True)):
        t = start + n // 3  # two discriminator batches and one generator batch a step
        std = 3.0 * max(0.0, 1 - t / ends)
        torch.testing.assert_close(noise, same_numbers * std / (1 - t / STEPS), rtol=1e-4, atol=1e-6)
        assert torch.equal(noisy.x_real, points.x_real) == (t >= ends)


def test_noise_on_either_side_is_standard_normal_times_its_deviation_and_not_the_same():
    origin, task = torch.zeros(10, 2), tiny.task(steps=10 * CHUNK, instance_noise={"std": 2.0})
    on_real, on_fake = [], []
    for t, (rounds, generator) in enumerate(Draws(task, origin).steps(0, 2)):
        std = 2.0 * (1 - t / (10 * CHUNK))
        for batch, noise in (*rounds, generator):
            on_real.append((batch.x_real / std).flatten())
            on_fake.append((noise / std).flatten())
    real, fake = torch.cat(on_real), torch.cat(on_fake)
    assert stats.kstest(real, "norm").pvalue > 0.01
    assert stats.kstest(fake, "norm").pvalue > 0.01
    assert abs(np.corrcoef(real, fake)[0, 1]) < 4 / len(real) ** 0.5
    both = torch.cat([real, fake])
    assert len(both.unique()) > 0.99 * len(both)  # no number is used twice, over sides, rounds, steps and seeds


# Purposes


def test_latents_and_reals_are_functions_of_seed_and_purpose():
    draws, alone = Draws(tiny.task((4, 7)), DATA), Draws(tiny.task((7,)), DATA)
    for method in ("latents", "reals"):
        one, again, other = (getattr(draws, method)(purpose, 5) for purpose in ("a", "a", "b"))
        assert one.shape == (2, 5, 2)
        assert torch.equal(one, again)
        assert torch.equal(getattr(alone, method)("a", 5), one[1:])
        assert not torch.equal(one, other)
        assert not torch.equal(one[0], one[1])


def test_reals_are_drawn_from_the_data_with_replacement():
    rows = Draws(tiny.task((0,)), DATA).reals("a", 4_000)[0, :, 0]
    values, counts = rows.unique(return_counts=True)
    assert torch.equal(values, DATA[:, 0])
    assert stats.chisquare(counts).pvalue > 0.01


def test_latents_follow_the_settings():
    normal = Draws(tiny.task((0,), latent_dim=3), DATA).latents("a", 4_000)
    assert normal.shape == (1, 4_000, 3)
    assert stats.kstest(normal.flatten(), "norm").pvalue > 0.01
    uniform = Draws(tiny.task((0,), latent={"kind": "uniform", "low": -1.0, "high": 3.0}), DATA).latents("a", 4_000)
    assert stats.kstest(uniform.flatten(), stats.uniform(-1, 4).cdf).pvalue > 0.01
