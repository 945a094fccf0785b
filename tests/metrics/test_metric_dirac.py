"""Spirals whose map is known: factor, turn, ends; and where no linear map is to be found."""

import math

import numpy as np
import pytest

from modescope.datasets.constant import Constant
from modescope.datasets.ring import Ring
from modescope.metrics.dirac import Dirac, leading, turns

ORIGIN = Constant(value=0.0)
AT = np.arange(0, 400, 2.0)


def spiral(factor, turn, start=(0.3, 0.1), at=AT):
    """A path (len(at), 2) that is stretched by the factor and turned by the angle in every step."""
    z = complex(*start) * (factor * np.exp(1j * turn)) ** at
    return np.stack([z.real, z.imag], -1)


def scores(path, at=AT, **more):
    return Dirac().score_views(np.zeros((20, 1)), {"path": path, "at": at, "steps": AT[: len(path)], **more}, ORIGIN)


@pytest.mark.parametrize("factor", [0.9, 0.99, 1.0, 1.01])
@pytest.mark.parametrize("turn", [0.0, 0.1, 0.7])
def test_a_spiral_has_its_factor_and_turn(factor, turn):
    found = scores(spiral(factor, turn))
    assert found["contraction"] == pytest.approx(factor, abs=1e-9)
    assert found["turning"] == pytest.approx(turn, abs=1e-6)


def test_an_ellipse_is_as_good_as_a_circle():
    path = spiral(0.98, 0.2) @ np.array([[1.0, 0.3], [0.2, 0.5]])
    assert scores(path)["contraction"] == pytest.approx(0.98, abs=1e-9)
    assert scores(path)["turning"] == pytest.approx(0.2, abs=1e-9)


def test_only_what_is_near_the_equilibrium_counts():
    """Outside of the window the path turns the other way."""
    path = spiral(0.98, 0.1, (0.4, 0.0))
    before = spiral(1.0, -0.3, (1.5, 0.0), AT[:50])
    found = leading(np.concatenate([before, path]), np.arange(0, 500, 2.0), 0.5, 0.2)
    assert abs(found) == pytest.approx(0.98, abs=1e-9)
    assert abs(np.angle(found)) == pytest.approx(0.1, abs=1e-9)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_longest_stretch_near_the_equilibrium_counts(order):
    parts = [spiral(0.98, 0.1, (0.4, 0.0), np.arange(30.0)), spiral(0.9, 0.3, (0.4, 0.0), np.arange(12.0))]
    path = np.concatenate([parts[order[0]], [[2.0, 0.0]], parts[order[1]]])
    assert abs(leading(path, np.arange(43.0), 0.5, 0.2)) == pytest.approx(0.98, abs=1e-9)


def test_noise_at_rest_hides_the_map_only_a_little():
    rng = np.random.default_rng(0)
    found = []
    for _ in range(60):
        x, path = np.array([0.4, 0.1]), []
        turned = 0.96 * np.array([[math.cos(0.1), math.sin(0.1)], [-math.sin(0.1), math.cos(0.1)]])
        for _ in AT:
            path.append(x)
            x = turned @ (turned @ x) + rng.normal(0, 0.005, 2)
        found.append(scores(np.array(path))["contraction"])
    assert np.mean(found) == pytest.approx(0.96, abs=0.003)


@pytest.mark.parametrize(
    ("path", "at"),
    [
        (spiral(1.0, 0.1, (2.0, 0.0)), AT),  # never near
        (spiral(1.1, 0.1, (0.3, 0.0)), AT),  # near for too short
        (np.random.default_rng(0).normal(0, 0.1, (200, 2)), AT),  # no map
        (spiral(0.98, 0.1), np.full(200, np.nan)),  # averaged weights
        (spiral(0.98, 0.1), np.cumsum(np.arange(200.0))),  # uneven
    ],
)
def test_where_there_is_no_linear_map_there_is_no_factor(path, at):
    assert not {"contraction", "turning"} & set(scores(path, at))


def test_a_path_at_the_equilibrium_has_a_factor_of_zero():
    assert leading(np.zeros((20, 2)), np.arange(20.0), 0.5, 0.2) == 0


def test_ends_and_starts_by_hand():
    path = np.concatenate([np.full((90, 2), (3.0, 4.0)), np.full((5, 2), (0.06, 0.0)), np.full((5, 2), (0.0, 0.08))])
    found = scores(path, np.arange(100.0))
    assert found["path_steps"] == 198  # 100 snapshots, every second step
    assert found["start_distance"] == 5
    assert found["final_distance"] == pytest.approx(math.sqrt((0.06**2 + 0.08**2) / 2))
    assert found["final_error"] == pytest.approx(0.06 / math.sqrt(2))
    assert found["converged"] == 1
    assert found["at_rest"] == 0


@pytest.mark.parametrize(("end", "converged"), [((0.5, 0.0), 0.0), ((0.05, 0.0), 1.0)])
def test_rest_may_be_elsewhere(end, converged):
    found = scores(np.full((50, 2), end), np.arange(50.0))
    assert (found["at_rest"], found["converged"]) == (1, converged)


def test_turns_are_counted_until_little_is_left():
    assert turns(spiral(1.0, 0.05, at=np.arange(0, 252.0))) == pytest.approx(251 * 0.05 / (2 * math.pi))
    assert turns(spiral(0.5, 0.5, at=np.arange(0, 100.0))) == pytest.approx(6 * 0.5 / (2 * math.pi))  # 2^-7 < 1/100


def test_the_deviation_is_relative_to_the_size_of_the_exact_path():
    exact = spiral(1.0, 0.1, (2.0, 0.0))
    off = exact.copy()
    off[7] += (0.0, 0.5)
    assert scores(off, exact=exact)["deviation"] == pytest.approx(0.25)
    assert scores(exact, exact=exact)["deviation"] == 0
    assert "deviation" not in scores(exact)
    assert "deviation" not in scores(exact, exact=np.full_like(exact, np.nan))


def test_other_runs_and_data_have_no_such_scores():
    assert Dirac().score_views(np.zeros((20, 1)), {"samples": np.zeros((20, 1))}, ORIGIN) == {}
    assert Dirac().applies(ORIGIN)
    assert not Dirac().applies(Ring(n_modes=8, radius=1.0, std=0.1))


def test_every_score_is_explained():
    found = scores(spiral(0.98, 0.1), exact=spiral(0.98, 0.1))
    assert set(found) == set(Dirac.about)
