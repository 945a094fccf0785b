"""Diverged runs in words."""

import pandas as pd
import pytest

from modescope.report import divergence
from modescope.store.runs import Scores

EMPTY = pd.DataFrame()


def scores(diverged, non_finite=None):
    return Scores(runs=EMPTY, floors=EMPTY, diverged=diverged, datasets={}, non_finite=non_finite or {})


def test_each_of_a_few_runs_is_told_with_its_step_and_what_was_not_finite():
    diverged = {("e", "a", 2): 1200, ("e", "a", 0): 40, ("f", "b", 1): 3}
    terms = {("e", "a", 2): "discriminator_penalty", ("e", "a", 0): "generator parameters"}
    assert divergence.lines(scores(diverged, terms)) == [
        "e, a: seed 0 at step 40 (the generator’s parameters) and seed 2 at step 1,200 "
        "(the discriminator’s term “penalty”)",
        "f, b: seed 1 at step 3",
    ]


def test_of_many_runs_the_number_and_the_first():
    diverged = {("e", "a", seed): 50 - seed for seed in range(6)}
    found = divergence.lines(scores(diverged, {("e", "a", 5): "samples", ("e", "a", 0): "generator_fake"}))
    assert found == ["e, a: 6 runs, the first at step 45 (the samples)"]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("generator_fake", "step 7 (the generator’s term “fake”)"),
        ("discriminator_gradient_norm", "step 7 (the discriminator’s term “gradient_norm”)"),
        ("encoder parameters", "step 7 (the encoder’s parameters)"),
        ("samples", "step 7 (the samples)"),
        ("", "step 7"),
    ],
)
def test_what_was_not_finite_in_words(what, words):
    run = ("e", "a", 0)
    assert divergence.first(scores({run: 7}, {run: what}), {run: 7}) == words


def test_at_the_same_step_the_lower_seed_is_the_first():
    runs = {("e", "a", 3): 7, ("e", "a", 1): 7}
    terms = {("e", "a", 3): "samples", ("e", "a", 1): "generator_fake"}
    assert divergence.first(scores(runs, terms), runs) == "step 7 (the generator’s term “fake”)"
