"""Views during and after training: at which points, with which weights, and D's output on a grid."""

import numpy as np
import pytest
import tiny
import torch

from modescope import variants
from modescope.engine.draws import Draws
from modescope.engine.ensemble import Ensemble
from modescope.engine.watch import Watch, grid
from modescope.networks.dense import MLP
from modescope.params.settings import Lattice, Snapshots
from modescope.variants import Batch, Variant

FIELD = {"low": [-1.0, 0.0], "high": [1.0, 9.0], "cells": 4}
DATA = torch.from_numpy(np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32))
HELD_OUT = torch.arange(10, dtype=torch.float32).reshape(5, 2)


class WithCodes(Variant):
    """A variant with an encoder; its losses do not matter."""

    needs = ("generator", "encoder", "discriminator")

    def networks(self):
        return super().networks() | {"encoder": MLP((2,), self.shape("encoder"), (2,))}

    def generator_loss(self, nets, batch):
        return {"a": nets["generator"](batch.z).sum() + nets["encoder"](batch.x_real).sum()}

    def views(self, nets, batch):
        samples, codes = nets["generator"](batch.z), nets["encoder"](batch.x_real)
        return {"samples": samples, "codes": codes, "recodes": nets["encoder"](samples)}


def watch_of(seeds=(4, 5), *, codes=False, **changes):
    if codes:
        changes |= {"networks__encoder": {"hidden": [3]}}
    task = tiny.task(seeds, **changes)
    build = WithCodes if codes else variants.find("gan")
    rngs = [np.random.default_rng(seed) for seed in seeds]
    ensemble = Ensemble(build(task.settings, (2,)), rngs, torch.device("cpu"))
    return Watch(ensemble, Draws(task, DATA), task.settings.snapshots, HELD_OUT)


def train_a_little(watch):
    batch = Batch(watch.draws.reals("x", 8), watch.draws.latents("y", 8), torch.zeros(len(watch.draws.task.seeds), 8))
    for _ in range(3):
        watch.ensemble.update("generator", batch)


def test_a_grid_goes_from_edge_to_edge_with_the_first_coordinate_fastest():
    points = grid(Lattice(low=[-1.0, 0.0], high=[1.0, 8.0], cells=3))
    assert points.tolist() == [[x, y] for y in (0.0, 4.0, 8.0) for x in (-1.0, 0.0, 1.0)]


def test_a_grid_on_the_line_goes_from_end_to_end():
    assert grid(Lattice(low=[-1.0], high=[1.0], cells=5)).tolist() == [[-1.0], [-0.5], [0.0], [0.5], [1.0]]


@pytest.mark.parametrize("seeds", [(4,), (4, 5)])
@pytest.mark.parametrize("averaged", [False, True])
def test_a_walk_is_what_g_makes_of_straight_lines_and_of_sums(seeds, averaged):
    walk = {"lines": 3, "points": 5}
    changes = {"ema": {"decay": 0.9}} if averaged else {}
    watch = watch_of(seeds, snapshots={"points": 3, "walk": walk}, **changes)
    train_a_little(watch)
    seen = watch.finish(6)
    assert list(seen) == (["live", "averaged"] if averaged else ["live"])
    ends = watch.draws.latents("walk", 6)  # (R, 6, latent_dim): three starts, then three ends
    for whose, views in seen.items():
        assert views["samples"].shape == (len(seeds), 6, 2)
        assert views["walk"].shape == (len(seeds), 3, 5, 2)
        for k, share in enumerate((0.0, 0.25, 0.5, 0.75, 1.0)):
            z = (1 - share) * ends[:, :3] + share * ends[:, 3:]
            expected = watch.ensemble.views(Batch(z, z, z), averaged=whose == "averaged")["samples"]
            torch.testing.assert_close(views["walk"][:, :, k], expected)
        z = ends[:, :3] + ends[:, 3:]
        expected = watch.ensemble.views(Batch(z, z, z), averaged=whose == "averaged")["samples"]
        torch.testing.assert_close(views["sums"], expected)


@pytest.mark.parametrize("seeds", [(4,), (4, 5)])
def test_with_an_encoder_there_are_lines_between_what_it_encoded(seeds):
    watch = watch_of(seeds, codes=True, snapshots={"points": 3, "walk": {"lines": 2, "points": 3}})
    train_a_little(watch)
    found = watch.finish(6)["live"]["between"]
    assert found.shape == (len(seeds), 2, 3, 2)
    x = HELD_OUT[:4].expand(len(seeds), 4, 2)
    codes = watch.ensemble.views(Batch(x, x, x))["codes"]
    for k, share in enumerate((0.0, 0.5, 1.0)):
        z = (1 - share) * codes[:, :2] + share * codes[:, 2:]
        expected = watch.ensemble.views(Batch(x[:, :2], z, z))["samples"]
        torch.testing.assert_close(found[:, :, k], expected)


@pytest.mark.parametrize("seeds", [(4,), (4, 5, 6)])
def test_the_field_is_d_at_the_points_of_the_grid(seeds):
    watch = watch_of(seeds, snapshots={"points": 3, "field": FIELD})
    field = watch.look()["live"]["field"]
    assert field.shape == (len(seeds), 4, 4)
    weights = {key: value.numpy() for key, value in watch.ensemble.weights().items()}
    for r in range(len(seeds)):
        for row, column in np.ndindex(4, 4):
            point = np.array([-1 + column * 2 / 3, row * 3])
            h = point @ weights["discriminator.layers.0.weight"][r] + weights["discriminator.layers.0.bias"][r]
            h = np.where(h > 0, h, 0.01 * h)
            d = h @ weights["discriminator.layers.1.weight"][r].T + weights["discriminator.layers.1.bias"][r]
            assert field[r, row, column].item() == pytest.approx(d.item(), rel=1e-4, abs=1e-5)


def test_looks_are_at_the_same_points_each_time_and_other_points_a_seed():
    watch = watch_of()
    expected = watch.ensemble.views(Batch(DATA.expand(2, 30, 2), watch.fixed.z, torch.zeros(2, 3)))["samples"]
    first = watch.look()["live"]
    assert list(first) == ["samples"]
    assert torch.equal(first["samples"], expected)
    assert torch.equal(watch.look()["live"]["samples"], first["samples"])
    assert watch.fixed.z.shape == (2, 3, 2)
    assert not torch.equal(watch.fixed.z[0], watch.fixed.z[1])
    train_a_little(watch)
    assert not torch.equal(watch.look()["live"]["samples"], first["samples"])


def test_fixed_points_are_those_of_the_seed_whoever_is_beside_it():
    together, alone = watch_of((4, 5)), watch_of((5,))
    assert torch.equal(together.fixed.z[1:], alone.fixed.z)
    assert torch.equal(together.fixed.x_real[1:], alone.fixed.x_real)
    assert not torch.equal(together.fixed.x_real[0], together.fixed.x_real[1])


def test_codes_stand_beside_the_points_they_belong_to():
    watch = watch_of(codes=True)
    seen = watch.look()["live"]
    assert set(seen) == {"samples", "codes", "x", "z"}  # without the views for evaluation alone
    again = watch.ensemble.views(Batch(seen["x"], seen["z"], torch.zeros(2, 3)))
    assert torch.equal(again["samples"], seen["samples"])
    assert torch.equal(again["codes"], seen["codes"])
    assert {tuple(x) for x in seen["x"].reshape(-1, 2).tolist()} <= {tuple(x) for x in DATA.tolist()}


@pytest.mark.parametrize("n", [3, 5, 12])
def test_at_the_end_the_held_out_points_come_in_their_order_and_repeat(n):
    watch = watch_of(codes=True)
    seen = watch.finish(n)["live"]
    assert set(seen) == {"samples", "codes", "recodes", "z"}
    assert {view.shape for view in seen.values()} == {(2, n, 2)}
    x = torch.stack([HELD_OUT[i % 5] for i in range(n)])
    again = watch.ensemble.views(Batch(torch.stack([x, x]), seen["z"], torch.zeros(2, n)))
    assert torch.equal(again["codes"], seen["codes"])
    assert torch.equal(again["samples"], seen["samples"])


def test_at_the_end_latent_points_are_fresh_and_not_shown_without_codes():
    watch = watch_of(codes=True)
    z = watch.finish(40)["live"]["z"]
    assert not torch.isin(z, watch.fixed.z).any()
    assert len(z.unique()) == z.numel()
    assert list(watch_of().finish(4)["live"]) == ["samples"]


@pytest.mark.parametrize("codes", [False, True])
def test_averaged_views_are_of_the_average_at_the_same_points(codes):
    watch = watch_of(codes=codes, ema={"decay": 0.5}, snapshots={"points": 3, "field": FIELD})
    train_a_little(watch)
    for seen in (watch.look(), watch.finish(6)):
        assert set(seen) == {"live", "averaged"}
        assert set(seen["live"]) == set(seen["averaged"])
        assert not torch.equal(seen["live"]["samples"], seen["averaged"]["samples"])
        for name in {"x", "z", "field"} & set(seen["live"]):
            assert torch.equal(seen["live"][name], seen["averaged"][name])
    live = watch.look()["live"]["samples"]
    with torch.no_grad():
        watch.ensemble.vectors["generator"].copy_(watch.ensemble.average)
    seen = watch.look()
    assert torch.equal(seen["live"]["samples"], seen["averaged"]["samples"])
    assert not torch.equal(seen["live"]["samples"], live)


def test_without_an_average_or_a_field_there_is_neither():
    watch = watch_of()
    assert Snapshots().field is None
    assert set(watch.look()) == set(watch.finish(2)) == {"live"}
    assert watch.grid is None
