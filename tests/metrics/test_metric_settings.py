"""What a setting of a metric may be, by its meaning, and the defaults that a source or another family gives."""

import pytest
from pydantic import ValidationError

from modescope import metrics

COUNTS = (
    "digits.k", "distances.mmd_bandwidths", "distances.w2_points", "distances.projections", "divergence.k",
    "encoding.k", "memorisation.cells", "prdc.k", "probe.iterations", "strata.k",
)  # fmt: skip
PAIRS = (
    "distances.mmd_points", "ndb.bins", "rke.points", "rke.relative_points", "strata.frames",
    "vendi.points",
)  # fmt: skip
LENGTHS = (
    "dirac.near", "dirac.window", "dirac.misfit", "distances.mmd_widest", "divergence.smoothing", "modes.deviations",
    "modes.resolution", "point.tolerance", "probe.penalty", "rke.width", "vendi.width",
)  # fmt: skip
SHARES = ("encoding.share", "modes.share", "patterns.share")


def family(name: str, **settings: object) -> object:
    return metrics.build({name: settings})[name]


def allowed(setting: str, value: float) -> bool:
    name, key = setting.split(".")
    try:
        return getattr(family(name, **{key: value}), key) == value
    except ValidationError:
        return False


@pytest.mark.parametrize("setting", COUNTS)
def test_a_count_is_at_least_one(setting):
    assert allowed(setting, 1)
    assert not allowed(setting, 0)


@pytest.mark.parametrize("setting", PAIRS)
def test_what_compares_points_or_bins_needs_two(setting):
    assert allowed(setting, 2)
    assert not allowed(setting, 1)


@pytest.mark.parametrize(
    ("setting", "most"), [("distances.mmd_bandwidths", 20), ("memorisation.cells", 1_024), ("ndb.bins", 20)]
)
def test_a_count_that_divides_points_or_widths_has_an_end(setting, most):
    assert allowed(setting, most)
    assert not allowed(setting, most + 1)


def test_neighbourhoods_of_modes_do_not_overlap():
    assert allowed("modes.resolution", 0.5)
    assert not allowed("modes.resolution", 0.51)


def test_digits_are_compared_with_as_many_neighbours_as_there_are_others():
    assert family("digits", points=2, k=1).points == 2
    for settings in ({"points": 1, "k": 1}, {"points": 2, "k": 2}):
        with pytest.raises(ValidationError):
            family("digits", **settings)


@pytest.mark.parametrize("setting", LENGTHS)
def test_a_length_or_weight_is_positive(setting):
    assert allowed(setting, 0.01)
    assert not allowed(setting, 0.0)


@pytest.mark.parametrize("setting", SHARES)
def test_a_mode_may_be_asked_for_all_of_its_points_but_not_for_none_or_more(setting):
    assert allowed(setting, 1.0)
    assert allowed(setting, 0.01)
    assert not allowed(setting, 0.0)
    assert not allowed(setting, 1.01)


def test_a_level_of_a_test_lies_between_never_and_always():
    assert allowed("ndb.level", 0.01)
    assert allowed("ndb.level", 0.99)
    assert not allowed("ndb.level", 0.0)
    assert not allowed("ndb.level", 1.0)


def test_defaults_are_those_of_the_sources():
    assert family("prdc").k == 5  # Naeem et al. 2020, section 4
    assert {family(name).k for name in ("digits", "encoding", "strata")} == {family("prdc").k}
    assert family("modes").deviations == 3  # Srivastava et al. 2017, section 5.1
    assert family("ndb").level == 0.05  # Richardson & Weiss 2018, section 2
    assert {family(name).share for name in ("encoding", "modes", "patterns")} == {
        0.5
    }  # one rule for every kind of mode


@pytest.mark.parametrize(
    ("setting", "value", "metric", "words"),
    [
        ("digits.points", 1_000, "feature_precision", "of 1,000 stacks each by default"),
        ("dirac.near", 0.1, "converged", "below 0.1 (by default)"),
        ("dirac.window", 0.5, "contraction", "within a distance of 0.5"),
        ("distances.mmd_points", 2_000, "mmd2", "2,000 real and 2,000 generated points"),
        ("distances.mmd_bandwidths", 6, "mmd2", "six Gaussian kernels whose widths are 1/16"),  # 2 / 2^5
        ("distances.mmd_widest", 2, "mmd2", "to 2 times the median distance"),
        ("distances.w2_points", 2_000, "w2", "2,000 real and 2,000 generated points"),
        ("divergence.smoothing", 0.05, "kl_qp_smoothed", "with 0.05 times the standard deviation of the real points"),
        ("memorisation.cells", 16, "c_t", "up to 16 cells"),
        ("modes.resolution", 0.1, "resolved_fraction", "within a tenth (by default)"),
        ("point.tolerance", 0.1, "success", "below 0.1 (by default)"),
        ("rke.points", 1_000, "rke", "n = 1,000 generated points"),
        ("rke.relative_points", 500, "rrke", "n = 500 generated"),
        ("rke.width", 0.3, "rke", "0.3 of the real standard deviation"),
        ("vendi.points", 500, "vendi", "n = 500 generated points"),
        ("vendi.width", 0.3, "vendi", "0.3 of the real standard deviation"),
    ],
)
def test_defaults_are_those_that_the_page_states(setting, value, metric, words):
    name, key = setting.split(".")
    assert getattr(family(name), key) == value
    assert words in family(name).about[metric].sentence
