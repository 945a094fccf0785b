"""How remedies stand beside the plain GAN, and what an entry is called for readers."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import synthetic_modes

from modescope import studies
from modescope.studies.common.entries import remedy_of, title_of


def test_a_dataset_lists_its_entries_beside_the_plain_gan():
    found = {one.dataset: one for one in studies.build("modes").standings(synthetic_modes.everything())}
    ring = found["ring8_heavy"]
    assert ring.plain is not None
    assert ring.plain.direction is None
    assert ring.plain.cost == 1.0
    assert ring.plain.kept.value == pytest.approx(sum(ring.plain.by_seed.values()) / len(ring.plain.by_seed))
    assert ring.n_modes == 8
    assert {row.direction for row in ring.rows} > {None}
    assert all(math.isnan(row.p) == (row.direction is None) for row in ring.rows)
    assert all(row.adversary for row in ring.rows)


def test_what_trains_no_discriminator_has_no_adversary():
    scores = synthetic_modes.everything()
    alone = {name: one | {"networks": {"discriminator": None}} for name, one in scores.settings.items()}
    found = studies.build("modes").standings(replace(scores, settings=alone))
    assert not any(row.adversary for one in found for row in one.rows)


def test_data_of_which_real_points_show_no_mode_have_no_standings():
    scores = synthetic_modes.everything()
    floors = scores.floors.assign(value=0.0)
    assert studies.build("modes").standings(replace(scores, floors=floors)) == []


@pytest.mark.parametrize(
    ("experiment", "variant", "arm", "remedy"),
    [
        ("modes_grid25_gan_ttur", "gan", "base", "gan_ttur"),
        ("modes_grid25_gan", "gan", "ema=0.999", "gan_ema"),
        ("modes_grid25_bigan_pgp", "bigan_pgp", "hyperparameters.gp_weight=1.0", "bigan_pgp"),
        ("latent_spiral", "gan", "latent_dim=1", "gan"),
    ],
)
def test_a_remedy_has_one_key_on_all_datasets(experiment: str, variant: str, arm: str, remedy: str):
    assert remedy_of(experiment, "grid25", variant, arm) == remedy


def test_a_title_tells_what_is_swept_and_averaged():
    swept = ["hyperparameters.gp_weight"]
    assert title_of("WGAN-GP", "base", []) == "WGAN-GP"
    assert (
        title_of("WGAN-GP", "hyperparameters.gp_weight=1.0,ema=0.9", swept)
        == "WGAN-GP with gp_weight 1.0 and averaged weights"
    )
