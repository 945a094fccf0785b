"""Scores of an encoder on codes with known scores."""

import math

import numpy as np
import pytest
from scipy.spatial import KDTree

from modescope.datasets.gaussian import Gaussian
from modescope.datasets.ring import Ring
from modescope.metrics.encoding import Encoding, modes_kept, relative_error

RING = Ring(n_modes=8, std=0.05)
N = 4_000


def perfect(seed=0, n=N):
    """Points of the ring with standard normal codes, one sector per mode; views of a perfect encoder."""
    rng = np.random.default_rng(seed)
    codes, z = rng.normal(size=(n, 2)), rng.normal(size=(n, 2))
    mode = np.floor(np.arctan2(codes[:, 1], codes[:, 0]) / (2 * np.pi) * 8).astype(int) % 8
    real = RING.centres[mode] + 0.05 * rng.normal(size=(n, 2))
    return real, mode, {"codes": codes, "z": z, "reconstructions": real.copy(), "recodes": z.copy()}


def scored(real, views, dataset=RING, **keys):
    return Encoding(**keys).score_views(real, views, dataset)


def test_perfect_codes():
    real, _, views = perfect()
    scores = scored(real, views)
    assert list(scores) == list(Encoding.about)
    assert scores["reconstruction_error"] == scores["recode_error"] == 0
    assert scores["code_coverage"] == pytest.approx(1 - 2**-5, abs=0.012)
    assert scores["modes_kept"] == 8


def test_constant_codes_keep_no_modes_and_cover_one_place():
    real, _, views = perfect()
    views["codes"] = np.full_like(views["codes"], 0.3)
    scores = scored(real, views)
    assert scores["modes_kept"] == 0
    assert scores["code_coverage"] < 0.01
    # one point for all modes: the error is the spread of the data
    views["reconstructions"] = np.broadcast_to(real.mean(0), real.shape)
    assert scored(real, views)["reconstruction_error"] == pytest.approx(1, rel=1e-9)


def test_shuffled_codes_cover_as_well_and_keep_no_mode():
    real, _, views = perfect()
    before = scored(real, views)
    views["codes"] = np.random.default_rng(1).permutation(views["codes"])
    scores = scored(real, views)
    assert scores["code_coverage"] == before["code_coverage"]
    assert scores["modes_kept"] == 0


def test_merged_modes_are_not_kept_and_the_others_are():
    """The codes of the odd modes are drawn from one cluster; the even modes keep their sectors."""
    real, mode, views = perfect()
    crowd = np.random.default_rng(1).normal((20, 0), 1, (N, 2))
    views["codes"] = np.where((mode % 2 == 1)[:, None], crowd, views["codes"])
    assert scored(real, views)["modes_kept"] == 4


def test_recodes_that_know_nothing_of_z_are_off_by_root_two():
    real, _, views = perfect()
    views["recodes"] = np.random.default_rng(5).normal(size=(N, 2))
    assert scored(real, views)["recode_error"] == pytest.approx(math.sqrt(2), abs=0.03)


def test_errors_are_in_deviations_and_do_not_depend_on_units():
    real, _, views = perfect()
    views["reconstructions"] = real + 0.1
    one = scored(real, views)["reconstruction_error"]
    assert one == pytest.approx(0.1 / np.sqrt(np.var(real, axis=0).mean()), rel=1e-9)
    assert relative_error(100 * real + 3, 100 * (real + 0.1) + 3) == pytest.approx(one, rel=1e-9)
    assert relative_error(np.ones((4, 2)), np.zeros((4, 2))) == math.inf


def test_modes_kept_by_hand():
    codes = np.array([0.0, 1.0, 2.1, 10.0, 11.0, 12.1, 2.9, 9.4])[:, None]
    mode = np.array([0, 0, 0, 1, 1, 1, 1, 1])
    # the seventh lies among the first three, all others among their own mode
    assert modes_kept(KDTree(codes), mode, 3).tolist() == [True, True, True, True, True, True, False, True]


def test_a_point_is_no_neighbour_of_itself_among_duplicates():
    """Pairs of equal codes, one of each mode: a point that counted itself would vote for its own mode."""
    codes, mode = np.repeat(np.arange(6.0), 2)[:, None] * [[1.0, 0.0]], np.tile([0, 1], 6)
    assert not modes_kept(KDTree(codes), mode, 1).any()
    together = np.repeat([0, 1], 6)
    assert modes_kept(KDTree(codes), together, 1).all()


def test_many_duplicates_of_a_mode_are_kept_as_that_mode():
    codes, mode = np.repeat([[0.0, 0.0], [5.0, 5.0]], 40, axis=0), np.repeat([0, 1], 40)
    assert modes_kept(KDTree(codes), mode, 5).all()


def test_without_reconstructions_or_modes_there_are_no_such_scores():
    real, _, views = perfect(n=50)
    alone = {name: views[name] for name in ("codes", "z")}
    assert set(scored(real, alone)) == {"code_coverage", "modes_kept"}
    assert set(scored(real, views, Gaussian())) == set(Encoding.about) - {"modes_kept"}


def test_codes_of_many_dimensions_have_only_errors():
    real, _, views = perfect(n=50)
    wide = np.random.default_rng(0).normal(size=(50, 16))
    scores = scored(real, views | {"codes": wide, "z": wide, "recodes": wide})
    assert scores == {"reconstruction_error": 0.0, "recode_error": 0.0}


def test_the_neighbours_and_the_share_are_settings():
    real, _, views = perfect(n=200)
    assert Encoding(k=9).min_points == 10
    with pytest.raises(ValueError, match="200 points have no 200 neighbours"):
        scored(real, views, k=200)
    wide, narrow = (scored(real, views, k=k)["code_coverage"] for k in (9, 1))
    assert narrow < 0.7 < 0.95 < wide
    real, _, views = perfect()
    views["codes"][::3] = np.random.default_rng(1).permutation(views["codes"][::3])
    assert scored(real, views, share=0.2)["modes_kept"] == 8
    assert scored(real, views, share=1.0)["modes_kept"] == 0


def test_a_code_on_the_edge_of_a_ball_is_outside():
    z = np.array([[0.0], [1.0], [3.0], [6.0]])  # the nearest others are 1, 1, 2 and 3 away
    codes = np.array([[-1.0], [-1.0], [4.5], [4.5]])  # 1, 2, 1.5 and 1.5 from those
    assert scored(z, {"codes": codes, "z": z}, Gaussian(dim=1), k=1) == {"code_coverage": 0.5}
