"""The decoder against the simulator: it reads its frames and rejects ghosts, blends, smears and misplaced cars."""

import numpy as np
import pytest

from modescope.datasets.common.junction_scene import Window
from modescope.datasets.junction import Junction
from modescope.metrics.common.decoder import INVALID, Decoder, Slot, decoder

RNG = np.random.default_rng
KINDS = [{}, {"size": 16}, {"grey": True}, {"size": 16, "grey": True}, {"size": 64}]
JUNCTION = Junction()


def pairs(junction, n, rng):
    """Pairs of frames with different patterns, all patterns equally often."""
    first = rng.integers(0, 8, n)
    second = (first + rng.integers(1, 8, n)) % 8
    return junction.frames(first, rng), junction.frames(second, rng)


def test_the_pattern_of_20_000_simulated_frames_is_read():
    rng, wrong = RNG(0), 0
    for _ in range(20):
        x, label = JUNCTION.sample_labelled(1_000, rng)
        wrong += int(np.sum(decoder(JUNCTION).decode(x) != label))
    assert wrong <= 20  # 99.9 %


@pytest.mark.parametrize("keys", KINDS[1:], ids=str)
def test_every_pattern_is_read_at_other_sizes_and_in_grey(keys):
    junction, label = Junction(**keys), np.repeat(np.arange(8), 50)
    assert np.mean(decoder(junction).decode(junction.frames(label, RNG(0))) == label) >= 0.995


@pytest.mark.parametrize("keys", KINDS, ids=str)
@pytest.mark.parametrize("weight", [0.5, 0.35])
def test_blends_of_two_frames_are_invalid(keys, weight):
    junction = Junction(**keys)
    x, y = pairs(junction, 400, RNG(1))
    assert np.mean(decoder(junction).decode(weight * x + (1 - weight) * y) == INVALID) >= 0.99


@pytest.mark.parametrize("pattern", range(1, 8))
def test_the_misfit_of_a_ghost_is_its_opacity(pattern):
    """Below one half, the misfit is measured from empty ground, above it from a whole car."""
    junction = Junction(noise=0.0, colours=1)
    car, empty = (junction.frames(np.full(40, index), RNG(2)) for index in (pattern, 0))
    read = decoder(junction)
    for opacity in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        reading = read.read(opacity * car + (1 - opacity) * empty)
        assert reading.misfit.min() >= 0.9 * min(opacity, 1 - opacity)
        assert reading.misfit.max() <= 1.3 * min(opacity, 1 - opacity) + 0.07
        occupied = junction.occupancy[np.full(40, pattern)] & (opacity > 0.5)
        np.testing.assert_array_equal(reading.occupied, occupied)


def test_smears_are_invalid():
    """The mean of many cars of one pattern, as from a generator that minimises a squared error."""
    smears = np.stack([JUNCTION.frames(np.full(50, pattern), RNG(3)).mean(axis=0) for pattern in range(1, 8)])
    assert np.all(decoder(JUNCTION).decode(smears) == INVALID)


def test_what_stands_where_nothing_can_is_invalid():
    x = JUNCTION.frames(np.zeros(8, dtype=int), RNG(4))
    car = x.copy()
    rows, columns = JUNCTION.window("n")
    body = JUNCTION.cars("n", np.zeros(1), np.zeros(1, dtype=int))[0] - JUNCTION.background[:, rows, columns]
    car[:, :, 11 : 11 + body.shape[1], 13 : 13 + body.shape[2]] += body  # in the middle of the junction
    assert np.all(decoder(JUNCTION).decode(x) == 0)
    assert np.all(decoder(JUNCTION).decode(np.clip(car, -1, 1)) == INVALID)
    assert np.all(decoder(JUNCTION).decode(RNG(5).uniform(-1, 1, x.shape)) == INVALID)
    assert np.all(decoder(JUNCTION).decode(np.zeros_like(x)) == INVALID)


def test_a_smooth_or_rough_generator_is_read_as_well():
    """Neither the absence of sensor noise nor errors of twice its size make a frame invalid."""
    label = np.repeat(np.arange(8), 20)
    frames = JUNCTION.frames(label, RNG(6))
    smooth = Junction(noise=0.0).frames(label, RNG(6))
    rough = frames + RNG(7).normal(scale=0.06, size=frames.shape)
    for x in (smooth, rough):
        np.testing.assert_array_equal(decoder(JUNCTION).decode(x), label)


def test_lanes_that_are_never_occupied_together_are_no_pattern():
    other = Junction(patterns={"empty": 0.5, "ne": 0.5})
    frames = other.frames(np.array([0, 1, 1]), RNG(8))
    assert decoder(other).decode(frames).tolist() == [0, 1, 1]
    assert decoder(JUNCTION).decode(frames).tolist() == [0, INVALID, INVALID]


def test_one_junction_has_one_decoder_whatever_its_sets():
    assert decoder(Junction(seed=1, n_test=30)) is decoder(JUNCTION)
    assert decoder(Junction(size=16)) is not decoder(JUNCTION)


def test_frames_are_left_as_they_are_and_none_is_none():
    x = JUNCTION.sample(5, RNG(9))
    before = x.copy()
    decoder(JUNCTION).decode(x)
    np.testing.assert_array_equal(x, before)
    assert decoder(JUNCTION).decode(x[:0]).shape == (0,)


def by_hand(seen, noise=0.0, elsewhere=()):
    """What is read in a frame of 10 x 10 pixels whose two lanes have two pixels each; `seen` are those of the first.

    There may be cars of (2, 0) and (0, 4) in the first lane and of (3, 0) in the second, so of energies 4, 16 and 9.
    """
    slots = tuple(
        Slot(Window(slice(row, row + 1), slice(0, 2)), np.eye(2), cars, np.sum(cars**2, axis=1))
        for row, cars in ((0, np.array([[2.0, 0.0], [0.0, 4.0]])), (5, np.array([[3.0, 0.0]])))
    )
    frame = np.zeros((1, 1, 10, 10))
    frame[0, 0, 0, :2] = seen
    for row, column in elsewhere:
        frame[0, 0, row, column] = 3
    reading = Decoder(np.zeros((1, 10, 10)), noise, slots, np.full(4, INVALID), np.inf).read(frame)
    return reading.occupied[0].tolist(), reading.misfit[0] ** 2


@pytest.mark.parametrize(
    ("seen", "occupied", "misfit"),
    [
        ((0.0, 0.0), False, 0),
        ((2.0, 0.0), True, 0),  # a car
        ((0.0, 3.0), True, 1 / 16),  # 1 from a car of 16
        ((0.0, 5.0), True, 1 / 16),
        ((1.0, 0.0), False, 1 / 4),  # half-way, and so no car; where there is none, the faintest is the unit
        ((0.0, 2.0), False, 4 / 4),
        ((0.0, 1.9), False, 1.9**2 / 4),
        ((2.0, 3.0), True, 5 / 16),  # 9 from one car, 5 from the other
    ],
)
def test_the_misfit_is_the_distance_to_the_nearest_car_or_to_none(seen, occupied, misfit):
    assert by_hand(seen) == ([occupied, False], pytest.approx(misfit))


def test_what_no_car_explains_is_summed_over_squares_as_long_as_a_car():
    """Squares of 2 pixels a side, and a typical car has an energy of 9, the median."""
    assert by_hand((0, 0), elsewhere=[(8, 8)])[1] == pytest.approx(9 / 9)
    assert by_hand((0, 0), elsewhere=[(8, 8), (9, 7), (2, 8)])[1] == pytest.approx(18 / 9)
    assert by_hand((0, 0), elsewhere=[(8, 8), (8, 7), (9, 7), (9, 8)])[1] == pytest.approx(36 / 9)


def test_the_energy_of_noise_is_subtracted():
    """0.25 a pixel: two in a lane, four in a square."""
    assert by_hand((1, 0), noise=0.5)[1] == pytest.approx((1 - 0.5) / 4)
    assert by_hand((0, 3), noise=0.5)[1] == pytest.approx((1 - 0.5) / 16)
    assert by_hand((0, 0), noise=0.5, elsewhere=[(8, 8)])[1] == pytest.approx((9 - 1) / 9)
    assert by_hand((2, 0), noise=0.5) == ([True, False], 0)
