"""The claims of the study `thousand`: each comes out in every way, levels are gated, other data have their own."""

from __future__ import annotations

import pytest
import synthetic_thousand as made_up
from stated import says_its_range
from synthetic_thousand import EXPERIMENTS, GAN, HEAVY_GAN, R1, R1R2, R3GAN, Values, made, shown

from modescope import studies
from modescope.formatting import in_words
from modescope.statistics import Verdict
from modescope.studies import Claim
from modescope.studies.common.margins import MODE_KL, THOUSAND

STUDY = studies.build("thousand")
PACGAN, WGAN_GP, UNROLLED, VEEGAN = (f"thousand_digits_{v}" for v in made_up.VARIANTS[4:])
ALL, FEW, MIXED = [998, 999, 1_000], [700, 705, 702], [985, 1_000, 990]


def claims(values: Values, **rest: object) -> dict[str, Claim]:
    found = STUDY.claims(made(values, **rest))  # type: ignore[arg-type]
    assert len({claim.key for claim in found}) == len(found)
    return {claim.key: claim for claim in found}


LEVELS: list[tuple[str, Verdict, str, list[int]]] = [
    ("gan-loses-digits", "supported", GAN, FEW),
    ("gan-loses-digits", "contradicted", GAN, ALL),
    ("gan-loses-digits", "inconclusive", GAN, MIXED),
    ("penalties-drop-digits", "supported", R1R2, FEW),
    ("penalties-drop-digits", "contradicted", R1R2, ALL),
    ("penalties-drop-digits", "inconclusive", R1R2, MIXED),
    ("packing-covers-digits", "supported", PACGAN, ALL),
    ("packing-covers-digits", "contradicted", PACGAN, FEW),
    ("packing-covers-digits", "inconclusive", PACGAN, MIXED),
    ("r3gan-covers-digits", "supported", R3GAN, ALL),
    ("r3gan-covers-digits", "contradicted", R3GAN, FEW),
    ("r3gan-covers-digits", "inconclusive", R3GAN, MIXED),
]


@pytest.mark.parametrize(("key", "verdict", "name", "counts"), LEVELS)
def test_levels_can_be_judged_in_every_way(key: str, verdict: Verdict, name: str, counts: list[int]) -> None:
    claim = claims(shown(*counts, name=name))[key]
    assert claim.verdict == verdict
    assert says_its_range(claim)
    assert claim.remedies == (EXPERIMENTS[name].variant,)


@pytest.mark.parametrize(("key", "verdict", "name", "counts"), [c for c in LEVELS if c[1] != "inconclusive"])
def test_levels_are_open_while_stacks_cannot_be_read(key: str, verdict: Verdict, name: str, counts: list[int]) -> None:
    assert claims(shown(*counts, name=name, share=0.3))[key].verdict == verdict  # of real ones 0.6
    claim = claims(shown(*counts, name=name, share=0.29))[key]
    assert (claim.verdict, claim.reason) == ("inconclusive", "too short")
    assert "(0.29 of the stacks) and real 990 (0.6 of the stacks)." in claim.rule


@pytest.mark.parametrize(("key", "name"), [("gan-loses-digits", GAN), ("r3gan-covers-digits", R3GAN)])
def test_the_strict_count_stands_in_the_rule_of_a_level(key: str, name: str) -> None:
    rule = claims(shown(*FEW, name=name))[key].rule
    assert "By the strict count, of stacks recognised with confidence: " in rule
    assert rule.endswith(" 351 (0.5 of the stacks) and real 990 (0.6 of the stacks).")


HIGH, LOW = [900, 905, 903], [700, 702, 705]
BETTER = [
    ("unrolling-buys-digits", UNROLLED, GAN),
    ("unrolling-costs-digits", GAN, UNROLLED),
    ("veegan-buys-digits", VEEGAN, GAN),
    ("veegan-beats-unrolled-digits", VEEGAN, UNROLLED),
    ("packing-buys-digits", PACGAN, GAN),
    ("pairing-buys-digits", R3GAN, R1R2),
    ("r3gan-beats-wgan-gp-digits", R3GAN, WGAN_GP),
    ("packing-closer-digits", PACGAN, GAN),
    ("pairing-closer-digits", R3GAN, R1R2),
]


@pytest.mark.parametrize(("key", "first", "second"), BETTER)
def test_differences_can_be_judged_in_every_way(key: str, first: str, second: str) -> None:
    better = claims(shown(*HIGH, name=first, share=0.01) | shown(*LOW, name=second, share=0.01))[key]
    assert better.verdict == "supported"
    assert says_its_range(better)
    assert better.remedies == tuple(EXPERIMENTS[name].variant for name in (first, second))
    worse = claims(shown(*LOW, name=first) | shown(*HIGH, name=second))[key]
    assert (worse.verdict, worse.reason) == ("contradicted", "opposite effect")
    same = claims(shown(700, 701, 702, name=first) | shown(700, 702, 701, name=second))[key]
    assert (same.verdict, same.reason) == ("contradicted", "no material effect")
    unsure = claims(shown(700, 900, name=first) | shown(750, 700, name=second))[key]
    assert unsure.verdict == "inconclusive"


@pytest.mark.parametrize(("key", "first", "second"), [one for one in BETTER if "closer" not in one[0]])
def test_more_is_claimed_only_where_the_other_leaves_out_enough(key: str, first: str, second: str) -> None:
    enough = claims(shown(988, 990, 992, name=first) | shown(989, 990, 991, name=second))[key]
    assert (enough.verdict, enough.reason) == ("contradicted", "no material effect")
    full = claims(shown(*ALL, name=first) | shown(990, 991, 992, name=second))[key]
    assert (full.verdict, full.reason) == ("inconclusive", "nothing to gain")
    called = "the plain GAN" if second == GAN else in_words(second.removeprefix("thousand_digits_"))
    assert f"Not judged unless {called} leaves out at least 10 combinations: otherwise there is" in full.rule


def test_differences_are_paired_by_seed_and_have_their_margin() -> None:
    found = claims(shown(700, 720, 740, name=R1R2) | shown(750, 771, 789, 0, name=R3GAN))
    assert found["pairing-buys-digits"].effect.n == 3
    assert found["pairing-buys-digits"].effect.value == pytest.approx(50)
    assert f"at least {THOUSAND.size:g} on average" in found["pairing-buys-digits"].rule
    assert found["pairing-closer-digits"].effect.value == pytest.approx(0.05)
    assert f"at least {MODE_KL.size:g} on average" in found["pairing-closer-digits"].rule


def test_r1_diverges_in_a_share_of_its_runs() -> None:
    key = "r1-diverges-digits"
    assert claims(shown(*[800.0] * 8, name=R1))[key].verdict == "contradicted"
    assert claims({}, diverged=[(R1, seed) for seed in range(8)])[key].verdict == "supported"
    half = claims(shown(800, 800, name=R1), diverged=[(R1, 2), (R1, 3)])[key]
    assert (half.verdict, half.effect.value) == ("inconclusive", 0.5)
    assert says_its_range(half)
    assert half.remedies == ("r1",)


@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [([0.5, 0.52, 0.51], "supported"), ([1.2, 1.21, 1.19], "contradicted"), ([0.5, 1.5, 1.0], "inconclusive")],
)
def test_rare_combinations(ratios: list[float], verdict: Verdict) -> None:
    values = shown(*[600.0] * 3, name=HEAVY_GAN) | {(HEAVY_GAN, "rare_ratio"): ratios}
    found = claims(values)
    assert list(found) == ["rare-lost-digits-heavy"]  # the papers' data have equal weights
    assert found["rare-lost-digits-heavy"].verdict == verdict
    assert says_its_range(found["rare-lost-digits-heavy"])
    assert found["rare-lost-digits-heavy"].remedies == ("gan",)
    blurred = claims(values | {(HEAVY_GAN, "confident_fraction"): [0.01] * 3})["rare-lost-digits-heavy"]
    assert blurred.verdict == "inconclusive"


def test_only_claims_whose_experiments_are_in_the_plan_appear() -> None:
    assert list(claims(shown(*FEW))) == ["gan-loses-digits"]
    assert list(claims(shown(*FEW, name=R1))) == ["r1-diverges-digits"]
    assert claims(shown(*FEW, name=WGAN_GP)) == {}
    assert claims({}) == {}


def test_nothing_is_claimed_of_runs_that_all_diverged_or_have_no_floor() -> None:
    gone = claims({}, diverged=[(GAN, 0), (GAN, 1)])
    assert (gone["gan-loses-digits"].verdict, gone["gan-loses-digits"].reason) == ("inconclusive", "nothing measured")
    unknown = claims(shown(*FEW) | shown(*ALL, name=R3GAN) | shown(*ALL, name=PACGAN), floors=False)
    assert {claim.verdict for key, claim in unknown.items() if "closer" not in key} == {"inconclusive"}
    assert unknown["packing-buys-digits"].reason == "nothing measured"


def test_every_claim_names_its_source() -> None:
    values = shown(*FEW)
    for name in (R1, R1R2, R3GAN, PACGAN, UNROLLED, VEEGAN):
        values |= shown(*FEW, name=name)
    for claim in claims(values).values():
        assert claim.text.startswith("Digits: ")
        assert " et al. 20" in claim.text
