"""The simulated junction: its table of patterns, slots, cars, and invalid settings."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from modescope import datasets
from modescope.datasets.common.junction_scene import (
    CARS,
    LANES,
    LENGTH,
    MIDDLE,
    ROAD,
    SUN,
    WIDTH,
    draw_cars,
    ground,
    window,
)
from modescope.datasets.junction import LUMINANCE, TABLE, Junction, lanes_of

RNG = np.random.default_rng
SMALL = {"size": 16, "grey": True}
SIZES = st.integers(8, 32).map(lambda half: 2 * half)


def test_defaults_are_colour_frames_of_the_table():
    junction = datasets.build({"kind": "junction"})
    assert isinstance(junction, Junction)
    assert (junction.shape, junction.n_train, junction.n_test) == ((3, 32, 32), 6_000, 2_000)
    assert junction.pattern_names == ("empty", "n", "e", "s", "w", "ns", "ew", "nesw")
    np.testing.assert_allclose(junction.pattern_weights, list(TABLE.values()))
    assert junction.occupancy.sum(axis=1).tolist() == [0, 1, 1, 1, 1, 2, 2, 4]


def test_patterns_have_the_frequencies_of_the_table():
    junction, n = Junction(**SMALL), 20_000
    label = junction.sample_labelled(n, RNG(0))[1]
    counts = np.bincount(label, minlength=8)
    assert stats.chisquare(counts, n * junction.pattern_weights).pvalue > 0.01


@given(empty=st.floats(0.01, 0.99))
def test_another_share_of_empty_frames_keeps_the_proportions_of_the_others(empty):
    weights = Junction(empty=empty).pattern_weights
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert weights[0] == pytest.approx(empty, rel=1e-9)
    np.testing.assert_allclose(weights[1:], (1 - empty) / 0.2 * Junction().pattern_weights[1:], rtol=1e-9)


@pytest.mark.parametrize("keys", [{}, {"size": 16}, {"grey": True}, {"size": 64, "colours": 6}, {"noise": 0.1}])
def test_frames_are_values_of_pixels(keys):
    junction = Junction(**keys)
    x, label = junction.sample_labelled(60, RNG(0))
    assert x.shape == (60, *junction.shape)
    assert label.shape == (60,)
    assert x.min() >= -1
    assert x.max() <= 1
    np.testing.assert_array_equal(junction.sample(60, RNG(0)), x)
    assert not np.array_equal(junction.sample(60, RNG(1)), x)


def test_only_the_slots_that_a_pattern_names_differ_from_the_ground():
    junction = Junction(noise=0.0)
    label = np.repeat(np.arange(8), 20)
    changed = np.abs(junction.frames(label, RNG(0)) - junction.background).max(axis=1)  # (n, size, size)
    for k, lane in enumerate(LANES):
        rows, columns = window(lane, 32)
        inside = changed[:, rows, columns].max(axis=(1, 2))
        assert np.all(inside[junction.occupancy[label, k]] > 0.3)
        assert np.all(inside[~junction.occupancy[label, k]] < 1e-12)
        changed[:, rows, columns] = 0
    assert changed.max() < 1e-12


def test_noise_has_its_deviation_around_the_ground():
    junction = Junction(noise=0.05)
    x = junction.frames(np.zeros(200, dtype=int), RNG(0))
    rest = x - junction.background
    assert rest.std() == pytest.approx(0.05, rel=0.01)
    # 3,072 means of 200 draws: five standard errors are 5 x 0.05 / root 200
    assert np.abs(rest.mean(axis=0)).max() < 0.018


@given(size=SIZES)
def test_slots_are_disjoint(size):
    taken = np.zeros((size, size), dtype=int)
    for lane in LANES:
        rows, columns = window(lane, size)
        taken[rows, columns] += 1
    assert taken.max() == 1
    assert 4 * taken[window("n", size)].size == taken.sum()


@given(size=SIZES, offset=st.floats(-0.05, 0.05), lane=st.sampled_from(LANES))
def test_cars_and_their_shadows_lie_in_their_slots(size, offset, lane):
    """Ends and sides of a car and of its shadow against the edges of the window."""
    rows, columns = window(lane, size)
    along, across, shadow_along, shadow_across = (rows, columns, SUN[1], SUN[0])
    if lane in "ew":
        along, across, shadow_along, shadow_across = (columns, rows, SUN[0], SUN[1])
    heading, start = (1, MIDDLE) if lane in "nw" else (-1, 1 - MIDDLE)
    middle, side = start + heading * offset, 0.5 - ROAD / 2 if lane in "ne" else 0.5 + ROAD / 2
    assert along.start / size <= middle - LENGTH / 2
    assert min(middle + LENGTH / 2 + shadow_along, 1) <= along.stop / size  # beyond 1 there is no image
    assert across.start / size <= side - WIDTH / 2
    assert side + WIDTH / 2 + shadow_across <= across.stop / size


@pytest.mark.parametrize("lane", list(LANES))
def test_cars_are_the_same_at_every_size(lane):
    """At half the resolution each pixel is the mean of four, except at edges where half-covered layers mix."""
    offsets, ground_64 = np.array([-0.03, 0.0, 0.031]), np.full((3, 64, 64), 0.3)
    near = draw_cars(ground_64, lane, offsets, CARS[[0, 1, 2]])
    far = draw_cars(ground_64[:, :32, :32], lane, offsets, CARS[[0, 1, 2]])
    rows, columns = window(lane, 32)
    whole = np.full((3, 3, 64, 64), 0.3)
    whole[:, :, window(lane, 64).rows, window(lane, 64).columns] = near
    halved = whole.reshape(3, 3, 32, 2, 32, 2).mean(axis=(3, 5))[:, :, rows, columns]
    assert np.abs(far - 0.3).max() > 0.3
    assert np.abs(far - halved).max() < 0.1
    assert np.abs(far - halved).mean() < 0.01


@pytest.mark.parametrize(("lane", "step"), [("n", (0, 1)), ("s", (0, -1)), ("w", (1, 0)), ("e", (-1, 0))])
def test_a_car_drives_towards_the_middle(lane, step):
    """The centre of the changed pixels moves by the offset along the lane and not across it."""
    size, offsets = 64, np.array([-0.03, 0.03])
    x = 1 - draw_cars(np.ones((3, size, size)), lane, offsets, CARS[[2, 2]]).sum(axis=1) / 3  # (2, rows, columns)
    rows, columns = window(lane, size)
    at_x, at_y = np.meshgrid(np.arange(size)[columns] / size, np.arange(size)[rows] / size)
    centres = [[(part * at).sum() / part.sum() for at in (at_x, at_y)] for part in x]
    np.testing.assert_allclose(np.subtract(centres[1], centres[0]), 0.06 * np.array(step), atol=2e-3)


def test_cars_stand_anywhere_in_the_range_of_the_jitter():
    """The centres of the changed pixels fill the range and lie equally often in both halves."""
    junction = Junction(noise=0.0, colours=1)
    rows, columns = junction.window("n")
    x = junction.frames(np.ones(1_000, dtype=int), RNG(0))[:, :, rows, columns]
    seen = np.abs(x - junction.background[:, rows, columns]).sum(axis=(1, 3))  # (n, rows)
    middle = junction.cars("n", np.zeros(1), np.zeros(1, dtype=int))[0] - junction.background[:, rows, columns]
    centre = seen @ np.arange(seen.shape[1]) / seen.sum(axis=1)
    ahead = centre > np.abs(middle).sum(axis=(0, 2)) @ np.arange(seen.shape[1]) / np.abs(middle).sum()
    assert 0.44 < ahead.mean() < 0.56  # 3.8 standard deviations of a fair coin
    assert np.ptp(centre) == pytest.approx(2 * junction.jitter * 32, rel=0.1)


def test_the_ground_is_the_same_scene_at_every_size():
    half = ground(64).reshape(3, 32, 2, 32, 2).mean(axis=(2, 4))
    assert np.abs(half - ground(32)).mean() < 0.02
    np.testing.assert_array_equal(ground(32), ground(32))
    assert ground(32).std(axis=(1, 2)).min() > 0.1  # a scene, not a surface


def test_grey_ground_is_the_luminance_of_the_coloured_one():
    colour, grey = Junction().background, Junction(grey=True).background
    assert grey.shape == (1, 32, 32)
    np.testing.assert_allclose(grey[0], np.tensordot(LUMINANCE, colour, 1), atol=1e-12)


def test_sets_have_labels_that_belong_to_their_frames():
    junction = Junction(n_train=50, n_test=30, noise=0.0, **SMALL)
    sets = junction.sets("crossing", Path())
    assert {name: len(values) for name, values in sets.items() if name != "background"} == {
        **{"train": 50, "train_label": 50},
        **{"test": 30, "test_label": 30},
    }
    np.testing.assert_array_equal(sets["background"], junction.background)
    for part in ("train", "test"):
        occupied = np.abs(sets[part] - junction.background).max(axis=(1, 2, 3)) > 0.1
        np.testing.assert_array_equal(occupied, sets[f"{part}_label"] > 0)
    again, other = junction.sets("crossing", Path()), junction.sets("other", Path())
    np.testing.assert_array_equal(sets["train"], again["train"])
    assert not np.array_equal(sets["train"], other["train"])
    assert not np.array_equal(sets["train"][:30], sets["test"])


def test_names_are_sets_of_lanes():
    assert lanes_of("empty") == frozenset()
    assert lanes_of("wn") == lanes_of("nw") == {"n", "w"}


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"patterns": {"empty": 0.5, "x": 0.5}}, "lanes n, e, s, w, once each, not 'x'"),
        ({"patterns": {"empty": 0.5, "nn": 0.5}}, "once each, not 'nn'"),
        ({"patterns": {"empty": 0.5, "": 0.5}}, "once each, not ''"),
        ({"patterns": {"empty": 0.5, "ns": 0.25, "sn": 0.25}}, "two patterns have the same lanes: empty, ns, sn"),
        ({"patterns": {"n": 0.5, "s": 0.5}}, "patterns must hold 'empty'"),
        ({"patterns": {"empty": 1.0}}, "at least one other"),
        ({"patterns": {"empty": 1.0, "n": 0.0}}, "must be positive"),
        ({"patterns": {"empty": 0.5, "n": 0.4}}, "must sum to 1, not 0.9"),
        ({"empty": 1.0}, "less than 1"),
        ({"size": 14}, "greater than or equal to 16"),
        ({"size": 66}, "less than or equal to 64"),
        ({"size": 33}, "multiple of 2"),
        ({"jitter": 0.06}, "less than or equal to 0.05"),
        ({"colours": 7}, "less than or equal to 6"),
        ({"noise": -0.1}, "greater than or equal to 0"),
    ],
)
def test_bad_fields_are_refused(bad, message):
    with pytest.raises(ValidationError, match=message):
        Junction(**bad)
