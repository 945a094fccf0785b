"""Combinations of digits counted by hand, the floor against its formula, and an average of digits, which is none."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from synthetic_digits import PICTURES, classifier, stacks

from modescope import datasets, metrics
from modescope.classifiers import training
from modescope.datasets.ring import Ring
from modescope.metrics.common.memory import frozen
from modescope.metrics.digits import Digits, counts, features, kl, nearer_train
from modescope.params.config import Classifying

EVEN = datasets.build({"kind": "stacked_digits"})
HEAVY_WEIGHTS = [0.37, 0.07, 0.07, 0.07, 0.07, 0.07, 0.07, 0.07, 0.07, 0.07]
HEAVY = datasets.build({"kind": "stacked_digits", "digit_weights": HEAVY_WEIGHTS})
N, RNG = 10_000, np.random.default_rng(0)  # no score draws from it


def drawn(n=N, seed=0, dataset=EVEN, without=()):
    """Combinations of a perfect sampler, but for those that it never makes."""
    rng, weights = np.random.default_rng(seed), dataset.mode_weights.copy()
    weights[list(without)] = 0
    return rng.choice(1_000, n, p=weights / weights.sum())


def counted(indices, dataset=EVEN):
    return counts(classifier().recognise(stacks(indices)), dataset)


def scored(fake, real=None, **settings):
    real = stacks(drawn(300, 1)) if real is None else real
    return Digits(**settings).score_classes(real, fake, EVEN, classifier(), RNG)


def test_a_perfect_sampler_misses_nothing_but_by_chance():
    repeats = [counted(drawn(seed=seed)) for seed in range(8)]
    for found in repeats:
        assert found["modes_recognised"] == found["modes_confident"]
        assert found["modes_recognised"] >= 998  # 1,000 (1 - 0.999^10,000) = 999.95 on average
        assert found["confident_fraction"] == 1.0
    mean = np.mean([found["recognised_kl"] for found in repeats])
    assert mean == pytest.approx(999 / (2 * N), rel=0.05)  # (K - 1) / 2N, the bias of the estimator


def test_unequal_weights_are_the_truth_of_their_dataset():
    repeats = [counted(drawn(seed=seed, dataset=HEAVY), HEAVY) for seed in range(8)]
    assert np.mean([found["recognised_kl"] for found in repeats]) == pytest.approx(999 / (2 * N), rel=0.1)
    expected = np.sum(1 - (1 - HEAVY.mode_weights) ** N)  # rare combinations are missing by chance
    assert expected < 980
    assert np.mean([found["modes_recognised"] for found in repeats]) == pytest.approx(expected, abs=6)
    # a sampler of equal weights is wrong by KL(uniform || heavy)
    divergence = float(np.mean(np.log(1e-3 / HEAVY.mode_weights)))
    assert counted(drawn(), HEAVY)["recognised_kl"] == pytest.approx(divergence + 999 / (2 * N), rel=0.05)


@pytest.mark.parametrize("without", [[17], range(500), range(999)])
def test_dropped_modes_are_counted_and_cost_the_log_of_what_is_left(without):
    found, left = counted(drawn(without=without)), 1_000 - len(without)
    assert found["modes_recognised"] == pytest.approx(left, abs=2)
    expected = math.log(1_000 / left) + (left - 1) / (2 * N)
    assert found["recognised_kl"] == found["confident_kl"] == pytest.approx(expected, rel=0.1, abs=1e-9)


def test_rare_combinations_are_those_below_the_mean_probability():
    rare = np.flatnonzero(HEAVY.mode_weights < 1e-3)
    assert len(rare) == 9**3  # none of the digits is 0: 0.37 x 0.07 x 0.07 = 0.0018 is above the mean
    found = counted([*rare[:30], *[0] * 70], HEAVY)
    assert found["rare_ratio"] == pytest.approx(0.3 / HEAVY.mode_weights[rare].sum())
    assert counted(drawn(dataset=HEAVY), HEAVY)["rare_ratio"] == pytest.approx(1, abs=0.04)
    assert "rare_ratio" not in counted([0, 1])


def test_kl_by_hand():
    weights = np.array([0.5, 0.25, 0.25])
    assert kl(np.array([2, 1, 1]), weights) == 0
    assert kl(np.array([4, 0, 0]), weights) == pytest.approx(math.log(2))
    assert kl(np.array([1, 3, 0]), weights) == pytest.approx(0.25 * math.log(0.5) + 0.75 * math.log(3))
    assert kl(np.array([0, 0, 0]), weights) == math.inf


def test_doubtful_stacks_count_leniently_alone():
    fake = stacks([0, 1, 1, 999])
    fake[3, 0] = (PICTURES[9] + PICTURES[8]) / 2  # pixels of 0, so all digits are alike
    found = counts(classifier().recognise(fake), EVEN)
    assert found["modes_recognised"] == 3
    assert found["modes_confident"] == 2
    assert found["confident_fraction"] == 0.75
    lenient, strict = np.zeros(1_000), np.zeros(1_000)
    lenient[[0, 1, 99]] = [0.25, 0.5, 0.25]
    strict[[0, 1]] = [1 / 3, 2 / 3]
    for name, share in (("recognised_kl", lenient), ("confident_kl", strict)):
        expected = sum(p * math.log(p / 1e-3) for p in share[share > 0])
        assert found[name] == pytest.approx(expected)


@pytest.fixture(scope="module")
def trained():
    """A classifier of real digits, trained for less time than by default."""
    train, held_out = EVEN.pictures()
    settings = Classifying(study="thousand", dataset="digits", steps=1_000)
    return training.learn(train, held_out, settings, np.random.default_rng(0))


@pytest.mark.parametrize("together", [2, 3, 10, 50])
def test_a_generator_of_averaged_digits_scores_nothing_strictly(trained, together):
    """Stacks of averages of several random pictures, as a generator that plays safe makes them."""
    rng, pictures = np.random.default_rng(0), EVEN.pictures()[1]
    by_digit = [pictures.values[pictures.labels == digit] for digit in range(10)]
    different = [rng.choice(10, min(together, 10), replace=False) for _ in range(3_000)]
    blurred = np.stack(
        [np.mean([by_digit[d][rng.integers(len(by_digit[d]))] for d in np.resize(ds, together)], 0) for ds in different]
    )
    found = counts(trained.recognise(blurred.reshape(1_000, 3, 8, 8)), EVEN)
    assert found["modes_recognised"] >= 15  # the published count is fooled
    assert found["modes_confident"] <= 5
    assert found["confident_fraction"] <= 0.005
    real = counts(trained.recognise(EVEN.sample(1_000, rng)), EVEN)
    assert real["modes_confident"] > 400
    assert real["confident_fraction"] > 0.7


def test_every_metric_is_explained_and_directions_and_units_are_named():
    found = Digits().score_classes(stacks(drawn(60, 1)), stacks(drawn(60)), HEAVY, classifier(), RNG)
    assert list(found) == list(Digits.about)
    assert all(type(value) is float for value in found.values())
    for name, about in Digits.about.items():
        assert about.sentence.endswith(".")
        assert ("KL(generated || true) in nats" in about.sentence) == name.endswith("_kl")


def test_only_stacks_with_a_classifier_have_such_scores():
    family, ring = Digits(), Ring()
    assert family.applies(EVEN)
    assert not family.applies(ring)
    families, points = {"digits": family}, stacks(drawn(20))
    assert metrics.score_all(families, points, points, EVEN, ("a",)) == {}
    found = metrics.score_all(families, points, points, EVEN, ("a",), None, classifier())
    assert set(found) == set(Digits.about) - {"rare_ratio"}
    assert metrics.score_all(families, points, points[:0], EVEN, ("a",), None, classifier()) == {}
    with pytest.raises(ValueError, match="gaussian has no modes"):
        counts(classifier().recognise(points), datasets.build({"kind": "gaussian"}))


# In the classifier's features


def test_stacks_are_compared_by_features():
    """Its features are the ten pixels, so noise elsewhere changes nothing and a lost digit does."""
    rng = np.random.default_rng(2)

    def brightness(n, digits=10):
        made = stacks(rng.integers(digits, size=n) * 111)
        return np.where(made > 0, rng.uniform(0.5, 1, made.shape), made)

    real, fake = brightness(400), brightness(400)
    fake[:, :, 5:] = rng.uniform(-1, 1, fake[:, :, 5:].shape)
    found, collapsed = scored(fake, real), scored(brightness(400, digits=5), real)
    for name in ("precision", "recall", "coverage"):
        assert found[f"feature_{name}"] > 0.85
    assert found["feature_density"] == pytest.approx(1, abs=0.15)
    assert collapsed["feature_precision"] > 0.85
    assert collapsed["feature_recall"] == pytest.approx(0.5, abs=0.1)
    assert collapsed["feature_coverage"] == pytest.approx(0.5, abs=0.1)


def test_at_most_so_many_stacks_are_compared():
    real, fake = stacks(drawn(60, 3)), stacks(drawn(60, 4))
    changed = fake.copy()
    changed[40:] = 0.0
    few = [scored(x, real, points=40) for x in (fake, changed)]
    for name in ("feature_precision", "feature_recall", "feature_density", "feature_coverage", "nearer_train"):
        assert few[0][name] == few[1][name]
    assert few[0]["modes_recognised"] > few[1]["modes_recognised"]


def test_features_of_the_test_set_are_computed_once_for_equal_classifiers():
    real = frozen(stacks(drawn(30)))
    one = features(real, classifier(), 20)
    assert one.shape == (20, 30)
    assert features(real, classifier(), 20) is one
    assert features(real, classifier(0.9), 20) is not one
    assert features(real, classifier(), 10) is not one


@pytest.mark.parametrize("k", [1, 7])
def test_one_more_stack_than_neighbours_is_needed(k):
    family = Digits(k=k)
    assert family.min_points == k + 1
    assert math.isfinite(scored(stacks(drawn(k + 1)), stacks(drawn(k + 1, 1)), k=k)["feature_recall"])


def test_more_stacks_are_compared_than_are_neighbours():
    assert Digits(k=5, points=6).points == 6
    with pytest.raises(ValueError, match="points must exceed k: 5 <= 5"):
        Digits(k=5, points=5)


# Copies


def copies(pictures):
    """Stacks (n, 3, 8, 8) of one picture each."""
    return np.repeat(np.asarray(pictures, np.float64)[:, None], 3, axis=1)


def test_copies_of_train_pictures_are_seen():
    one = classifier()  # two groups of ten train pictures, darker in the second
    first, second = one.train[:10], one.train[10:]
    assert nearer_train(copies(first), one) == 1.0  # the darker ones, too, are nearer than any held-out picture
    assert nearer_train(copies(second), one) == 1.0
    assert nearer_train(copies(one.held_out + 0.1), one) == 0.0


def test_real_pictures_are_not_their_own_neighbours():
    one = classifier()
    # of one white pixel each: every other held-out picture is as far as a train picture, and nearer than a dark one
    assert nearer_train(copies(one.held_out), one) == 0.0
    brighter = replace(one, held_out=one.held_out + np.arange(10, dtype=np.float32)[:, None, None] / 5)
    apart = replace(brighter, train=brighter.held_out + 0.05)  # nearer than the next held-out one
    assert nearer_train(copies(apart.held_out), apart) == 1.0


def test_real_digits_are_as_near_to_train_as_to_held_out_pictures(trained):
    rng = np.random.default_rng(5)
    train, _ = EVEN.pictures()
    assert nearer_train(EVEN.sample(500, rng), trained) == pytest.approx(0.5, abs=0.1)
    copied = nearer_train(EVEN.stacked(train, 500, rng)[0].astype(np.float64), trained)
    # two groups of 450 train pictures of 1,347: in one group a third, the others by chance
    assert copied == pytest.approx(0.67, abs=0.07)
