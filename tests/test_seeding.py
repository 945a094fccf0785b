"""A stream depends on its names alone; different names give independent streams."""

import hashlib
import itertools

import numpy as np
import pytest
from scipy import stats

from modescope.seeding import stream


def draws(*names, n=8):
    return stream(*names).integers(0, 2**63, n).tolist()


def test_same_names_same_bits_whatever_was_drawn_before():
    first = draws("ring8_gan", "base", 0, "z")
    draws("ring8_gan", "base", 1, "z")
    np.random.default_rng(0).normal(size=10)
    assert draws("ring8_gan", "base", 0, "z") == first


def test_bits_are_those_of_the_documented_hash():
    text = [b"str:z", b"int:3"]
    digest = hashlib.sha256(b"".join(len(t).to_bytes(8, "little") + t for t in text)).digest()
    seed = np.random.SeedSequence(int.from_bytes(digest, "little"))
    expected = np.random.Generator(np.random.SFC64(seed)).integers(0, 2**63, 8).tolist()
    assert draws("z", 3) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")),
        (("a", "b"), ("b", "a")),
        (("0",), (0,)),
        (("a",), ("a", "")),
        ((1, 2), (12,)),
        (("z", 0), ("z", 1)),
        ((), ("",)),
    ],
)
def test_different_names_different_streams(one, other):
    assert draws(*one) != draws(*other)


def test_neighbouring_seeds_are_uncorrelated_and_uniform():
    u = np.array([stream("experiment", "base", seed, "z").random(500) for seed in range(40)])  # (seed, draw)
    assert stats.kstest(u.ravel(), stats.uniform.cdf).pvalue > 0.01
    correlations = [np.corrcoef(u[i], u[j])[0, 1] for i, j in itertools.combinations(range(40), 2)]
    assert max(map(abs, correlations)) < 5 / np.sqrt(500)


def test_no_collisions_among_many_names():
    first = {draws(purpose, seed, n=1)[0] for purpose in ("z", "real", "init") for seed in range(1_000)}
    assert len(first) == 3_000
