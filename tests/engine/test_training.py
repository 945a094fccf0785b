"""The training loop: same seed same bits, resumed equals uninterrupted, divergence of single runs; and it learns."""

from dataclasses import replace

import numpy as np
import pytest
import tiny
import torch
from scipy import stats

from modescope import variants
from modescope.engine import tasks, training
from modescope.engine.checkpoint import Checkpoint
from modescope.engine.draws import CHUNK
from modescope.engine.training import _Run, train
from modescope.seeding import stream
from modescope.variants.gan import GAN


@pytest.fixture(scope="module")
def data():
    """200 points around (3, -2), (200, 2)."""
    return np.random.default_rng(0).normal((3, -2), 0.5, (200, 2)).astype(np.float32)


class KilledError(Exception):
    pass


def interrupt_after(n_chunks):
    """A `report` that raises at its n-th call."""
    calls = []

    def report(steps):
        calls.append(steps)
        if len(calls) == n_chunks:
            raise KilledError

    return report


def assert_same(one, other, rows=slice(None), other_rows=slice(None)):
    """Assert that two results are the same bit for bit."""
    np.testing.assert_array_equal(one.views["samples"][rows], other.views["samples"][other_rows])
    np.testing.assert_array_equal(one.snapshots["samples"][rows], other.snapshots["samples"][other_rows])
    assert set(one.weights) == set(other.weights)
    for key, value in one.weights.items():
        np.testing.assert_array_equal(value[rows], other.weights[key][other_rows])
    assert list(one.history) == list(other.history)
    for key, value in one.history.items():
        if key != "step":
            np.testing.assert_array_equal(value[:, rows], other.history[key][:, other_rows])
    np.testing.assert_array_equal(one.history["step"], other.history["step"])
    np.testing.assert_array_equal(np.array(one.diverged_at)[rows], np.array(other.diverged_at)[other_rows])
    np.testing.assert_array_equal(np.array(one.non_finite)[rows], np.array(other.non_finite)[other_rows])


# Same seed, same bits


@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
def test_same_seed_same_bits_whatever_the_global_generators_say(data, seeds):
    task = tiny.task(seeds, steps=CHUNK + 10)
    torch.manual_seed(0)
    first = train(task, data)
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002
    assert_same(first, train(task, data))


def test_seeds_experiments_and_arms_have_their_own_numbers(data):
    one = train(tiny.task(), data)
    others = [tiny.task((3, 4, 5)), tiny.task(name="another"), tiny.task(arm="latent_dim=2")]
    runs = [*one.views["samples"]] + [train(task, data).views["samples"][0] for task in others]
    for i, a in enumerate(runs):
        assert not any(np.array_equal(a, b) for b in runs[:i])


def test_a_result_does_not_depend_on_what_else_runs(data):
    alone = train(tiny.task(), data)
    train(tiny.task(name="before", arm="x", latent_dim=5), data)
    assert_same(alone, train(tiny.task(), data))
    # nor on the other seeds of the task, except for rounding
    beside = train(tiny.task((1, 7)), data)
    np.testing.assert_allclose(beside.views["samples"][0], alone.views["samples"][1], rtol=1e-4, atol=1e-5)


def test_more_steps_begin_with_the_same_ones(data):
    """Random numbers do not depend on the number of steps, nor snapshots on the number of samples."""
    long = train(tiny.task(steps=CHUNK + 20, snapshots={"points": 3, "dense_until": 20, "dense_every": 1}), data)
    short = train(tiny.task(steps=20, n_samples=4, snapshots={"points": 3, "dense_until": 20, "dense_every": 1}), data)
    np.testing.assert_array_equal(short.snapshots["samples"][:, :21], long.snapshots["samples"][:, :21])
    assert short.views["samples"].shape == (3, 4, 2)


# Interrupted and resumed


@pytest.mark.parametrize("seeds", [(2,), (0, 1, 2)])
@pytest.mark.parametrize("n_chunks", [1, 2, 3, 4])
def test_resumed_equals_uninterrupted(data, tmp_path, n_chunks, seeds):
    steps = 3 * CHUNK + 7
    task, checkpoint = tiny.task(seeds, steps=steps), Checkpoint(tmp_path, {"a": 1})
    with pytest.raises(KilledError):
        train(task, data, checkpoint=checkpoint, save_every_s=0, report=interrupt_after(n_chunks))
    told = []
    resumed = train(task, data, checkpoint=checkpoint, save_every_s=0, report=told.append)
    # interrupted in the n-th chunk, before it was saved
    assert told[0] == ((n_chunks - 1) * CHUNK if n_chunks > 1 else CHUNK) * len(seeds)
    assert sum(told) == steps * len(seeds)
    assert_same(resumed, train(task, data))


DIRAC = {
    "latent_dim": 1,
    "networks": {"generator": {"kind": "point"}, "discriminator": {"kind": "linear"}},
    "optimizers": {side: {"kind": "sgd", "learning_rate": 0.2} for side in ("generator", "discriminator")},
    "snapshots": {"points": 1, "rest": 20, "field": {"low": [0.0], "high": [1.0], "cells": 2}},
    "steps": 2 * CHUNK + 5,
}


@pytest.mark.parametrize("change", [{}, {"variant": "unrolled"}, {"instance_noise": {"std": 0.5, "until": None}}])
@pytest.mark.parametrize("seeds", [(2,), (0, 1, 2)])
def test_a_point_and_a_line_resume_with_the_same_bits_and_each_snapshot_is_of_its_own_step(tmp_path, seeds, change):
    task, checkpoint = tiny.task(seeds, **(DIRAC | change)), Checkpoint(tmp_path, {"a": 1})
    origin = np.zeros((20, 1), np.float32)
    with pytest.raises(KilledError):
        train(task, origin, checkpoint=checkpoint, save_every_s=0, report=interrupt_after(2))
    resumed, whole = train(task, origin, checkpoint=checkpoint, save_every_s=0), train(task, origin)
    assert_same(resumed, whole)
    for name in ("samples", "field"):
        np.testing.assert_array_equal(resumed.snapshots[name], whole.snapshots[name])
        seen = whole.snapshots[name].reshape(len(seeds), 21, -1)[0, :, -1]
        assert len(np.unique(seen)) == 21
    alone = train(tiny.task(seeds[-1:], **(DIRAC | change)), origin)
    np.testing.assert_allclose(alone.snapshots["field"][0], whole.snapshots["field"][-1], rtol=1e-4, atol=1e-6)


def test_interrupted_at_every_chunk_equals_uninterrupted(data, tmp_path):
    task, checkpoint = tiny.task(steps=3 * CHUNK), Checkpoint(tmp_path, {"a": 1})
    for kills in (2, 3, 2):  # the first report of a resumed run is the steps done before
        with pytest.raises(KilledError):
            train(task, data, checkpoint=checkpoint, save_every_s=0, report=interrupt_after(kills))
    assert_same(train(task, data, checkpoint=checkpoint), train(task, data))


def test_a_finished_task_is_not_trained_again(data, tmp_path, monkeypatch):
    task, checkpoint = tiny.task(), Checkpoint(tmp_path, {"a": 1})
    first = train(task, data, checkpoint=checkpoint)
    monkeypatch.setattr(training._Run, "advance", lambda self: pytest.fail("trained again"))
    told = []
    assert_same(train(task, data, checkpoint=checkpoint, report=told.append), first)
    assert told == [task.steps * 3]


def test_a_damaged_checkpoint_means_from_the_start(data, tmp_path):
    task, checkpoint = tiny.task(), Checkpoint(tmp_path, {"a": 1})
    checkpoint.path.write_bytes(b"not a checkpoint")
    assert_same(train(task, data, checkpoint=checkpoint), train(task, data))


def test_saves_are_as_rare_as_asked(data, tmp_path, monkeypatch):
    saves = []
    monkeypatch.setattr(Checkpoint, "save", lambda self, state: saves.append(state["step"]))
    task, checkpoint = tiny.task(steps=3 * CHUNK + 1), Checkpoint(tmp_path, {"a": 1})
    train(task, data, checkpoint=checkpoint, save_every_s=1e9)
    assert saves == [task.steps]
    saves.clear()
    train(task, data, checkpoint=checkpoint, save_every_s=0)
    assert saves == [CHUNK, 2 * CHUNK, 3 * CHUNK, task.steps]


class ThreeRounds(GAN):
    """GAN with three discriminator updates a step."""

    n_critic = 3


EXTRAS = {
    "ema": {"decay": 0.9},
    "instance_noise": {"std": 0.5, "until": 0.8},
    "optimizers__generator": {"kind": "rmsprop", "learning_rate": 0.01},
    "snapshots": {"points": 3, "rest": 4, "field": {"low": [0.0, -4.0], "high": [6.0, 0.0], "cells": 3}},
}


@pytest.mark.parametrize("seeds", [(2,), (0, 1)])
@pytest.mark.parametrize("n_chunks", [2, 3])
def test_resumed_equals_uninterrupted_with_all_that_may_be_added(data, tmp_path, monkeypatch, n_chunks, seeds):
    monkeypatch.setattr(variants, "find", lambda name: ThreeRounds)
    task, checkpoint = tiny.task(seeds, steps=2 * CHUNK + 7, **EXTRAS), Checkpoint(tmp_path, {"a": 1})
    with pytest.raises(KilledError):
        train(task, data, checkpoint=checkpoint, save_every_s=0, report=interrupt_after(n_chunks))
    resumed, whole = train(task, data, checkpoint=checkpoint), train(task, data)
    assert_same(resumed, whole)
    np.testing.assert_array_equal(resumed.snapshots["field"], whole.snapshots["field"])
    for one, other in zip(resumed.averaged, whole.averaged, strict=True):
        np.testing.assert_array_equal(one["samples"], other["samples"])
    assert not np.array_equal(whole.averaged[0]["samples"], whole.views["samples"])
    # and each option has an effect; EMA only on the averaged samples
    for gone in ("ema", "instance_noise", "optimizers__generator"):
        less = train(tiny.task(seeds, steps=task.steps, **{k: v for k, v in EXTRAS.items() if k != gone}), data)
        assert np.array_equal(less.views["samples"], whole.views["samples"]) == (gone == "ema")


def test_each_step_has_n_critic_discriminator_updates_and_then_one_of_the_generator(data, monkeypatch):
    monkeypatch.setattr(variants, "find", lambda name: ThreeRounds)
    sides, original = [], training.Ensemble.update

    def update(self, side, batch, noise):
        sides.append((side, batch.z))
        return original(self, side, batch, noise)

    monkeypatch.setattr(training.Ensemble, "update", update)
    run = _Run(tiny.task(steps=CHUNK + 2), data, data, torch.device("cpu"))
    assert (run.advance(), run.advance()) == (CHUNK, 2)
    assert [side for side, _ in sides] == [*["discriminator"] * 3, "generator"] * (CHUNK + 2)
    first = [z for _, z in sides[:3]]
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[1], first[2])


class Alone(variants.Variant):
    """No discriminator: G minimises the distance of its mean to that of the real points."""

    needs = ("generator",)

    def networks(self):
        return {"generator": self.network("generator", [(self.settings.latent_dim,)], self.data_shape)}

    def generator_loss(self, nets, batch):
        return {"distance": (nets["generator"](batch.z).mean(0) - batch.x_real.mean(0)).square().sum()}


def test_without_a_discriminator_its_side_is_never_updated(data, monkeypatch):
    monkeypatch.setattr(variants, "find", lambda name: Alone)
    one_side = {
        "networks": {"generator": {"hidden": [5]}},
        "optimizers": {"generator": {"learning_rate": 0.05}},
        "discriminator_batch": 6,
    }
    result = train(tiny.task(steps=150, **one_side), data)
    assert list(result.history) == ["step", "generator_loss", "generator_distance"]
    assert (np.linalg.norm(result.views["samples"].mean(1) - data.mean(0), axis=1) < 1.5).all()


def test_logged_terms_are_kept_and_not_part_of_the_loss(data, monkeypatch):
    class Logging(GAN):
        logged = ("fake",)

    monkeypatch.setattr(variants, "find", lambda name: Logging)
    monkeypatch.setattr(Logging, "generator_loss", lambda self, nets, batch: {"a": nets["generator"](batch.z).mean()})
    history = train(tiny.task(steps=3), data).history
    np.testing.assert_array_equal(history["discriminator_loss"], history["discriminator_real"])
    assert "discriminator_fake" in history


# Divergence


def drawn(seed, n, steps):
    """The rows of the train set that a seed's discriminator sees, (steps, 8): the first draw of its chunk."""
    rng = stream("tiny", "base", seed, "batches", 0)
    return rng.integers(n, size=(CHUNK, 8), dtype=np.int32)[:steps]


def test_a_run_that_diverges_is_noted_with_its_step_and_the_others_go_on():
    n, steps = 5_000, 40
    clean = np.random.default_rng(1).normal(size=(n, 2)).astype(np.float32)
    seen = [drawn(seed, n, steps) for seed in range(3)]
    at = 12  # the step, counted from 0, at which the bad row is in a batch of seed 1; no other run draws it
    row = seen[1][at, 0]
    assert sum(int((rows == row).sum()) for rows in seen) == 1
    poisoned = clean.copy()
    poisoned[row] = np.nan
    one, other = train(tiny.task(steps=steps), poisoned), train(tiny.task(steps=steps), clean)
    assert one.diverged_at == [-1, at + 1, -1]
    assert one.non_finite == ["", "discriminator_real", ""]
    assert np.isnan(one.views["samples"][1]).all()
    assert_same(one, other, [0, 2], [0, 2])
    assert np.isfinite(one.history["discriminator_loss"][:at, 1]).all()
    assert np.isnan(one.history["discriminator_loss"][at + 1 :, 1]).all()


def test_a_learning_rate_that_explodes_diverges_every_run(data):
    huge = {"optimizers__generator": {"learning_rate": 1e38}, "optimizers__discriminator": {"learning_rate": 1e38}}
    result = train(tiny.task(steps=30, **huge), data)
    assert all(1 <= step <= 5 for step in result.diverged_at)
    assert np.isnan(result.views["samples"]).all()


def test_a_loss_that_is_not_finite_is_divergence_though_the_parameters_are():
    """After a loss that overflowed, the parameters can still be finite."""
    run = _Run(tiny.task(steps=2), np.zeros((10, 2), np.float32), np.zeros((10, 2), np.float32), torch.device("cpu"))
    terms = {side: {"loss": torch.tensor([1.0, torch.inf, 1.0])} for side in ("discriminator", "generator")}
    run.step, run.recent = 1, [torch.stack([found["loss"] for found in terms.values()])]
    run._log(terms)
    assert run.diverged_at == [-1, 1, -1]
    assert run.non_finite == ["", "discriminator_loss", ""]


@pytest.mark.parametrize("interrupted", [False, True])
def test_the_step_is_exact_although_the_log_has_every_tenth(data, tmp_path, interrupted):
    """At step 32 the penalty of one replica is infinite; the log has steps 30 and 40, and a checkpoint is between."""
    zeros = np.zeros((10, 2), np.float32)
    task = tiny.task(steps=1_000)

    def started():
        run = _Run(task, zeros, zeros, torch.device("cpu"))
        run.step, run.logged_steps = 30, [30]
        return run

    def step(run, penalty=1.0):
        run.step += 1
        terms = {"discriminator": {"fake": torch.ones(3), "penalty": torch.tensor([1.0, 1.0, penalty])}}
        terms["generator"] = {"fake": torch.tensor([1.0, 1.0, penalty])}
        run.recent.append(torch.stack([value for found in terms.values() for value in found.values()]))
        return terms

    run = started()
    for penalty in (1.0, torch.inf, torch.nan):
        step(run, penalty)
    if interrupted:
        checkpoint = Checkpoint(tmp_path, "a")
        checkpoint.save(run.state_dict())
        run = started()
        run.load_state_dict(checkpoint.load())
    for _ in range(7):
        terms = step(run, torch.nan)
    run._log(terms)
    assert run.diverged_at == [-1, -1, 32]
    assert run.non_finite == ["", "", "discriminator_penalty"]
    assert run.recent == []


def test_the_first_update_in_which_a_term_is_not_finite_names_it():
    """With five updates of the critic a step, the penalty is infinite in the second, the others from the third on."""
    zeros = np.zeros((10, 2), np.float32)
    run = _Run(tiny.task(seeds=[0], steps=2, variant="wgan_gp"), zeros, zeros, torch.device("cpu"))
    assert run.variant.n_critic == 5
    nan, first = [torch.nan] * 3, [1.0, 2.0, 3.0]
    run.step, run.recent = 1, [torch.tensor([*first, 1e30, 2.0, torch.inf, *nan, *nan, *nan, torch.nan])[:, None]]
    term = torch.tensor([torch.nan])
    run._log({"discriminator": {"real": term, "fake": term, "penalty": term}, "generator": {"fake": term}})
    assert (run.diverged_at, run.non_finite) == ([1], ["discriminator_penalty"])


def test_parameters_alone_are_named_with_their_network():
    run = _Run(tiny.task(steps=2), np.zeros((10, 2), np.float32), np.zeros((10, 2), np.float32), torch.device("cpu"))
    run.step, run.recent = 1, [torch.zeros(2, 3)]
    with torch.no_grad():
        run.ensemble.state["generator"]["layers.0.bias"][1, 0] = torch.inf
    run._log({side: {"loss": torch.zeros(3)} for side in ("discriminator", "generator")})
    assert run.diverged_at == [-1, 1, -1]
    assert run.non_finite == ["", "generator parameters", ""]


def test_samples_that_overflow_are_divergence_too(data):
    """One Adam step changes every weight by the learning rate, 1e20: finite weights, but their product overflows."""
    huge = {"optimizers__generator": {"learning_rate": 1e20}, "optimizers__discriminator": {"learning_rate": 1e-3}}
    result = train(tiny.task(steps=1, **huge), data)
    assert all(np.isfinite(value).all() for value in result.weights.values())
    assert -1 not in result.diverged_at
    assert result.non_finite == ["samples"] * 3
    assert np.isnan(result.views["samples"]).all()


def test_divergence_survives_an_interruption(data, tmp_path):
    poisoned = data.copy()
    poisoned[:] = np.nan
    task, checkpoint = tiny.task(steps=2 * CHUNK), Checkpoint(tmp_path, {"a": 1})
    with pytest.raises(KilledError):
        train(task, poisoned, checkpoint=checkpoint, save_every_s=0, report=interrupt_after(2))
    assert train(task, poisoned, checkpoint=checkpoint).diverged_at == [1, 1, 1]


def test_where_a_run_diverged_its_average_is_not_a_number_either():
    poisoned = np.random.default_rng(1).normal(size=(5_000, 2)).astype(np.float32)
    poisoned[drawn(1, 5_000, 40)[12, 0]] = np.nan
    result = train(tiny.task(steps=40, ema={"decay": 0.9}), poisoned)
    assert result.diverged_at == [-1, 13, -1]
    averaged = result.averaged[0]["samples"]
    assert np.isnan(averaged).all((1, 2)).tolist() == [False, True, False]
    assert np.isfinite(averaged[[0, 2]]).all()


# What is kept


def test_snapshots_follow_the_schedule(data):
    keys = {"points": 3, "dense_until": 6, "dense_every": 3, "rest": 2}
    task = tiny.task(steps=20, snapshots=keys)
    result = train(task, data)
    # dense: 0, 3, 6; rest: 0, 10, 20
    assert task.settings.snapshots.schedule(20) == [0, 3, 6, 10, 20]
    assert result.snapshots["samples"].shape == (3, 5, 3, 2)
    for column, steps in [(1, 3), (3, 10), (4, 20)]:
        shorter = train(replace(task, steps=steps), data)
        np.testing.assert_array_equal(result.snapshots["samples"][:, column], shorter.snapshots["samples"][:, -1])
    moved = np.abs(np.diff(result.snapshots["samples"], axis=1)).max(axis=(2, 3))
    assert (moved > 0).all()


@pytest.mark.parametrize(("steps", "logged"), [(1, [1]), (20, [*range(1, 21)]), (205, [*range(2, 205, 2), 205])])
def test_history_has_every_term_and_about_a_hundred_rows(data, steps, logged):
    result = train(tiny.task(steps=steps), data)
    terms = ["discriminator_loss", "discriminator_real", "discriminator_fake", "generator_loss", "generator_fake"]
    assert list(result.history) == ["step", *terms]
    assert result.history["step"].tolist() == logged
    assert all(result.history[term].shape == (len(logged), 3) for term in terms)
    total = result.history["discriminator_real"] + result.history["discriminator_fake"]
    np.testing.assert_allclose(result.history["discriminator_loss"], total, rtol=1e-6)
    np.testing.assert_array_equal(result.history["generator_loss"], result.history["generator_fake"])


@pytest.mark.parametrize("steps", [1, CHUNK - 1, CHUNK, CHUNK + 1])
def test_reported_are_all_model_steps(data, steps):
    told = []
    train(tiny.task(steps=steps), data, report=told.append)
    assert sum(told) == 3 * steps


def test_each_side_and_step_has_its_own_batch_of_its_size(data, monkeypatch):
    seen = {"discriminator": [], "generator": []}
    original = training.Ensemble.update

    def update(self, side, batch, noise):
        seen[side].append(batch)
        return original(self, side, batch, noise)

    monkeypatch.setattr(training.Ensemble, "update", update)
    train(tiny.task((0, 5), steps=CHUNK + 2, latent_dim=3), data)
    sizes = {"discriminator": 8, "generator": 6}
    for side, batches in seen.items():
        assert {tuple(b.x_real.shape) for b in batches} == {(2, sizes[side], 2)}
        assert {tuple(b.z.shape) for b in batches} == {(2, sizes[side], 3)}
        assert len(batches) == CHUNK + 2
    both = [b for batches in seen.values() for b in batches]
    assert all(tuple(b.uniform.shape) == b.z.shape[:2] for b in both)
    assert stats.kstest(torch.cat([b.uniform.flatten() for b in both]), "uniform").pvalue > 0.01
    z = torch.cat([b.z.flatten() for b in both])
    assert len(z.unique()) > 0.999 * len(z)  # no number is used twice, over steps, seeds and sides
    assert z.std().item() == pytest.approx(1, abs=5 / (2 * len(z)) ** 0.5)
    rows = {tuple(row) for row in data.tolist()}
    drawn_rows = torch.cat([b.x_real.reshape(-1, 2) for b in both]).tolist()
    assert {tuple(row) for row in drawn_rows} == rows  # all 200 points, and no others, in 1,848 draws
    counts = np.unique(drawn_rows, axis=0, return_counts=True)[1]
    assert stats.chisquare(counts).pvalue > 0.01


def test_uniform_latents_lie_in_their_interval(data, monkeypatch):
    seen = []
    original = training.Ensemble.views
    monkeypatch.setattr(
        training.Ensemble, "views", lambda self, batch: (seen.append(batch.z), original(self, batch))[1]
    )
    train(tiny.task(n_samples=2_000, latent={"kind": "uniform", "low": -1.0, "high": 3.0}), data)
    z = seen[-1]
    assert z.shape == (3, 2_000, 2)
    assert -1 <= z.min() < -0.98
    assert 2.98 < z.max() <= 3
    assert z.mean().item() == pytest.approx(1, abs=4 * (4 / 12**0.5) / 12_000**0.5)


def test_normal_latents_are_standard(data, monkeypatch):
    seen = []
    original = training.Ensemble.views
    monkeypatch.setattr(
        training.Ensemble, "views", lambda self, batch: (seen.append(batch.z), original(self, batch))[1]
    )
    train(tiny.task(n_samples=2_000), data)
    z = seen[-1]
    assert z.mean().item() == pytest.approx(0, abs=4 / 12_000**0.5)
    assert z.std().item() == pytest.approx(1, abs=4 / 24_000**0.5)


# Learning


def test_the_generator_learns_where_the_data_are(data):
    changes = {
        "networks__generator": {"hidden": [16]},
        "networks__discriminator": {"hidden": [16]},
        "discriminator_batch": 32,
        "generator_batch": 32,
    }
    task = tiny.task(steps=400, n_samples=500, **changes)
    result = train(task, data)
    target = data.mean(0)
    start = np.linalg.norm(result.snapshots["samples"][:, 0].mean(1) - target, axis=1)
    end = np.linalg.norm(result.views["samples"].mean(1) - target, axis=1)
    assert (start > 3).all()
    assert (end < 1.2).all()


def test_tasks_of_a_plan_train_their_seeds(data):
    planned = tasks.plan("tiny", tiny.experiment(), (2,), effort=0.5, n_samples=4)
    results = [train(task, data) for task in planned]
    assert [r.views["samples"].shape for r in results] == [(len(task.seeds), 4, 2) for task in planned]
    assert sum(len(task.seeds) for task in planned) == tiny.experiment().seeds
    assert {r.history["step"][-1] for r in results} == {10}
