"""Rules for every family: explanations match scores, and total collapse is scored without a crash."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from modescope import metrics
from modescope.datasets.gaussian import Gaussian
from modescope.datasets.junction import Junction
from modescope.datasets.ring import Ring
from modescope.metrics.common import ties
from modescope.seeding import stream

NAMES = ["distances", "divergence", "encoding", "modes", "moments", "prdc"]  # families for points in the plane
ALL = {
    *("mmd2", "sliced_w2", "w2"),
    *("kl_qp", "kl_qp_smoothed", "nll_median", "nll_p90"),
    *("high_quality_fraction", "invalid_fraction", "modes_hit", "modes_covered"),
    *("all_modes_covered", "mode_kl", "mode_tv", "modes_resolved", "resolved_fraction"),
    *("mean_error", "std_ratio"),
    *("precision", "recall", "density", "coverage"),
    *("code_coverage", "modes_kept", "reconstruction_error", "recode_error"),
}


@pytest.fixture
def families():
    return metrics.build({name: {} for name in NAMES})


SHARP = Ring(std=0.02)  # its modes have every score


def points(n=200, seed=0):
    return SHARP.sample(n, np.random.default_rng(seed))


def views(n=200):
    """The views of an encoder for n points."""
    rng = np.random.default_rng(7)
    return {name: rng.normal(size=(n, 2)) for name in ("codes", "z", "reconstructions", "recodes")}


def test_every_metric_is_explained_once(families):
    explained = [name for family in families.values() for name in family.about]
    assert sorted(explained) == sorted(ALL)
    for family in families.values():
        for about in family.about.values():
            assert about.label
            assert about.sentence.endswith(".")
            assert about.better in {"higher", "lower", "neither"}


def test_divergences_name_direction_and_base(families):
    for family in families.values():
        for name, about in family.about.items():
            if "kl" in name:
                assert "KL(generated || " in about.sentence
                assert "nats" in about.sentence


def test_each_family_scores_what_it_explains(families):
    for family in families.values():
        assert family.applies(SHARP)
        scores = family.score(points(seed=0), points(seed=1), SHARP, np.random.default_rng(2))
        scores |= family.score_views(points(seed=0), views(), SHARP)
        assert set(scores) == set(family.about)
        assert all(type(value) is float for value in scores.values())


def test_score_all_skips_what_does_not_apply(families):
    scores = metrics.score_all(families, points(seed=0), points(seed=1), Gaussian(), (0,), views())
    assert set(scores) == ALL - set(families["modes"].about) - {"modes_kept"}


def test_score_all_scores_what_there_is(families):
    encoding, nothing = set(families["encoding"].about), np.empty((0, 2))
    assert set(metrics.score_all(families, points(), points(seed=1), SHARP, (0,), views())) == ALL
    assert set(metrics.score_all(families, points(), points(seed=1), SHARP, (0,))) == ALL - encoding
    assert set(metrics.score_all(families, points(), nothing, SHARP, (0,), views())) == encoding


def test_a_family_scores_the_same_whatever_stands_beside_it(families):
    together = metrics.score_all(families, points(seed=0), points(seed=1), SHARP, ("e", 0), views())
    for name, family in families.items():
        alone = metrics.score_all({name: family}, points(seed=0), points(seed=1), SHARP, ("e", 0), views())
        assert alone == {metric: together[metric] for metric in family.about}


def test_same_names_same_scores(families):
    first, again, other = (
        metrics.score_all(families, points(seed=0), points(seed=1), SHARP, (seed,)) for seed in (0, 0, 1)
    )
    assert first == again
    # the others use every point; a random order changes at most their last digits
    drawn = {name for name in first if not np.isclose(first[name], other[name], rtol=1e-9)}
    assert drawn == {"kl_qp_smoothed", "sliced_w2"}


@pytest.mark.parametrize("place", [(2.0, 0.0), (0.0, 0.0), (1e6, -1e6)])
def test_total_collapse_is_scored(families, place):
    fake = np.tile(place, (200, 1))
    scores = metrics.score_all(families, points(), fake, SHARP, (0,))
    assert not any(np.isnan(value) for value in scores.values())
    assert scores["kl_qp"] == np.inf
    assert scores["std_ratio"] == scores["recall"] == 0
    assert scores["modes_covered"] <= 1


def test_inputs_are_left_as_they_are(families):
    real, fake = points(seed=0), points(seed=1)
    metrics.score_all(families, real, fake, SHARP, (0,))
    np.testing.assert_array_equal(real, points(seed=0))
    np.testing.assert_array_equal(fake, points(seed=1))


def test_unknown_families_and_fields_are_refused():
    with pytest.raises(LookupError, match="no 'fid' in metrics"):
        metrics.build({"fid": {}})
    with pytest.raises(ValidationError):
        metrics.build({"prdc": {"neighbours": 5}})
    with pytest.raises(ValidationError):
        metrics.build({"prdc": {"k": 0}})


class Told(metrics.Metric):
    """Answers with what it is given: means of points, and the next number of its stream."""

    def score(self, real, fake, dataset, rng):
        return {"real": real.mean(), "fake": fake.mean(), "dim": dataset.dim, "draw": rng.random()}

    def score_classes(self, real, fake, dataset, classifier, rng):
        return {"seen": real.mean(), "shown": fake.mean(), "of": dataset.dim, "by": classifier, "chance": rng.random()}

    def score_training(self, real, fake, train, dataset, rng):
        given = {"held_out": real.mean(), "made": fake.mean(), "train": train.mean(), "axes": dataset.dim}
        return given | {"luck": rng.random()}

    def score_views(self, real, views, dataset):
        return {name: view.mean() for name, view in views.items()} | {"beside": real.mean(), "width": dataset.dim}


def test_a_family_gets_each_set_of_points_in_its_place():
    real, fake, train, codes = (np.full((4, 1), value) for value in (1.0, 2.0, 3.0, 4.0))
    classifier: Any = 5.0
    found = metrics.score_all(
        {"told": Told()}, real, fake, Gaussian(dim=1), ("e", 0), {"codes": codes}, classifier, train
    )
    draws = {
        name: stream("e", 0, "told", *more).random()
        for name, more in (("draw", ()), ("chance", ("classes",)), ("luck", ("training",)))
    }
    assert len({*draws.values()}) == 3
    assert found == draws | {
        **{"real": 1, "fake": 2, "dim": 1},
        **{"seen": 1, "shown": 2, "of": 1, "by": 5},
        **{"held_out": 1, "made": 2, "train": 3, "axes": 1},
        **{"samples": 2, "codes": 4, "beside": 1, "width": 1},
    }


def test_ties_void_nothing_of_families_that_say_so_or_do_not_apply():
    same, pictures = np.ones((20, 1)), np.ones((20, 3, 16, 16))
    assert Told().voided(ties.found(same, same)) == {}
    prdc = metrics.build({"prdc": {}})
    assert set(metrics.voided(prdc, same, same, Gaussian(dim=1))) == {"precision", "recall", "density", "coverage"}
    assert metrics.voided(prdc, pictures, pictures, Junction(size=16)) == {}


def test_one_point_is_enough_unless_a_family_needs_more():
    assert Told().min_points == 1
    assert metrics.build({"moments": {}})["moments"].score(np.ones((1, 2)), np.ones((1, 2)), Gaussian(), stream(0)) == {
        "mean_error": 0,
        "std_ratio": 1,
    }
