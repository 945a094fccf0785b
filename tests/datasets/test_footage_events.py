"""Background, exposure, occupancy, events and split of a fixed camera's frames, by hand and by property."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modescope.datasets.common import events
from modescope.datasets.common.footage import thinned


def busy(text):
    return np.array([c == "#" for c in text])


def test_blocks_by_hand():
    #                                    empty stretches between events are cut in the middle
    assert events.blocks(busy("..##....##.")).tolist() == [0] * 6 + [1] * 5
    assert events.blocks(busy("#...##")).tolist() == [0, 0, 0, 1, 1, 1]  # of three, two go to the first
    assert events.blocks(busy("..##..")).tolist() == [0] * 6


@given(st.lists(st.booleans(), min_size=2, max_size=200), st.floats(0.05, 0.95), st.integers(0, 99))
def test_no_event_is_divided_and_both_sets_have_one(frames, share, seed):
    mask = np.array(frames)
    n_events = int(np.sum(np.diff(mask.astype(int), prepend=0) == 1))
    if n_events < 2:
        if n_events == 1:
            with pytest.raises(ValueError, match="only one event"):
                events.per_event(mask, share, np.random.default_rng(seed))
        return
    test = events.per_event(mask, share, np.random.default_rng(seed))
    within = mask[1:] & mask[:-1]
    assert not np.any((test[1:] != test[:-1]) & within)
    assert np.any(test & mask)
    assert np.any(~test & mask)


def test_the_share_is_met_as_nearly_as_equal_events_allow():
    mask = busy("..##.." * 50)
    for share in (0.1, 0.3, 0.5):
        assert events.per_event(mask, share, np.random.default_rng(0)).mean() == pytest.approx(share, abs=0.02)


def test_occupied_frames_are_shared_as_well_as_frames():
    # short events with long gaps, long events with short ones
    mask = busy(("." * 60 + "#" * 5 + "." * 2 + "#" * 20) * 20)
    for seed in range(5):
        test = events.per_event(mask, 0.3, np.random.default_rng(seed))
        assert test.mean() == pytest.approx(0.3, abs=0.05)
        assert mask[test].mean() == pytest.approx(mask.mean(), abs=0.05)


def test_otsu_by_hand():
    # two groups of logarithms, {0, 1} and {9, 10}: the cut is in the middle of the gap, at 5
    assert events.otsu(np.exp([0.0, 10.0, 1.0, 9.0])) == pytest.approx(np.exp(5))


@given(st.lists(st.floats(0.01, 100), min_size=3, max_size=40, unique=True))
def test_otsu_is_the_best_of_all_cuts(values):
    logs = np.log(np.sort(values))

    def within(k):
        return sum(((part - part.mean()) ** 2).sum() for part in (logs[:k], logs[k:]))

    cut = int(np.sum(np.array(values) <= events.otsu(np.array(values))))
    assert within(cut) <= min(within(k) for k in range(1, len(logs))) + 1e-9


def test_exposure_is_undone_and_a_car_does_not_count():
    rng = np.random.default_rng(0)
    scene = rng.uniform(40, 200, (3, 8, 8))
    gains = np.linspace(0.8, 1.2, 21)
    frames = scene * gains[:, None, None, None]
    frames[3:6, :, :4, :4] = 255  # a quarter of the picture
    values, background = events.steady(frames.round().astype(np.uint8), exposure=True)
    residual = events.residuals(values, background)
    assert residual[:3].max() < 0.02
    assert residual[6:].max() < 0.02
    assert residual[4, :4, :4].min() > 0.1 > residual[4, 4:, 4:].max()
    np.testing.assert_allclose(background, scene / 255, atol=0.01)
    raw, _ = events.steady(frames.round().astype(np.uint8), exposure=False)
    assert np.ptp(raw[:, 0, 7, 7]) > 0.05


def test_a_background_is_the_median_of_every_pixel():
    frames = np.random.default_rng(0).random((7, 2, 3, 3)).astype(np.float32)
    np.testing.assert_array_equal(events.median_frame(frames), np.median(frames, axis=0))


@pytest.mark.parametrize(("size", "value", "shown"), [(1, 0.5, True), (1, 0.04, False), (5, 0.04, True)])
def test_a_frame_is_occupied_by_its_largest_residuals(size, value, shown):
    residual = np.zeros((3, 10, 10), np.float32)  # the largest 2 % are two pixels
    residual[0] = 1
    residual[1, 0, :size] = value
    found = events.occupied(residual, 0.03)[1]
    assert found.tolist() == [True, shown, False]


def test_noise_alone_has_no_event():
    residual = np.abs(np.random.default_rng(0).normal(0, 0.05, (200, 16, 16))).astype(np.float32)
    with pytest.raises(ValueError, match="no event found"):
        events.occupied(residual)
    with pytest.raises(ValueError, match="no empty frame"):
        events.occupied(residual, 0.01)


def test_patterns_by_hand():
    residual = np.zeros((4, 8, 8), np.float32)
    cells = [[0, 0, 4, 4], [4, 0, 4, 4], [0, 4, 8, 4]]
    residual[1, :2, :2] = 1  # a quarter of the first cell
    residual[2, 0, :3] = 1  # three sixteenths of it
    residual[3, :, 4:] = 1  # all of the second, half of the third
    assert events.patterns(residual, cells, 0.5).tolist() == [0, 1, 0, 0b110]


def test_thinned_rows_are_even_and_keep_both_ends():
    rows = np.arange(10)
    assert thinned(rows, 4).tolist() == [0, 3, 6, 9]
    assert thinned(rows, 10) is rows
