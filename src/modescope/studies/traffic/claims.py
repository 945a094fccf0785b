"""Article 003's claims about traffic frames, each a statement about one number of one kind of network."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from modescope.formatting import number
from modescope.store.runs import Scores
from modescope.studies import Claim
from modescope.studies.common import scores as ask
from modescope.studies.common.claims import beyond, claim, effect, gated
from modescope.studies.common.entries import Entry, entries
from modescope.studies.common.margins import RECALL
from modescope.studies.traffic.patterns import known

STUDY = "traffic"
LOST, LEARNED = 0.1, 0.5  # recall of the frames with cars: almost none, at least half
VALID = 0.5  # share of valid frames: below it, most frames show no pattern, and no claim can be judged
LOSERS = {"gan": "a GAN", "wgan": "a Wasserstein GAN"}
NETWORKS = {"mlp": "fully connected networks", "conv": "convolutional networks"}
FORMS = {"ours": "", "article": ", as the article prints it,", "authors": ", as in the authors’ code,"}


def claims(scores: Scores, dataset: str) -> Iterator[Claim]:
    """Every claim that the experiments of the plan can judge, of each kind of network and form of the penalty.

    Averaged weights (EMA) are judged apart from live ones, which may oscillate: like is compared with like.
    """
    if not known(scores, dataset):
        return
    every = entries(scores, dataset)
    for averaged in (False, True):
        found = [e for e in every if e.averaged == averaged]
        for entry in found:
            if entry.variant in LOSERS:
                yield _empty(scores, dataset, entry)
        for entry in found:
            if entry.variant == "bigan_pgp":
                yield _learns(scores, dataset, entry)
                alike = [e for e in found if network(scores, e) == network(scores, entry)]
                plain = next((e for e in alike if e.variant == "gan"), None)
                if plain is not None:
                    yield _beats(scores, dataset, plain, entry)


def network(scores: Scores, entry: Entry) -> str:
    """The kind of an entry's networks, in words."""
    return NETWORKS[scores.settings[entry.experiment]["networks"]["generator"]["kind"]]


def kind(scores: Scores, entry: Entry) -> str:
    """The kind of an entry's networks and weights, in words."""
    return f"{network(scores, entry)}{', averaged weights' if entry.averaged else ''}"


def _empty(scores: Scores, dataset: str, entry: Entry) -> Claim:
    key = f"{_slug(entry)}_empty_{dataset}"
    text = f"{_where(scores, dataset, entry)}: {LOSERS[entry.variant]} converges to the empty junction."
    rule = f"Mean recall of the frames with cars is at most {LOST}."
    return _readable(
        scores, [entry], claim(key, text, rule, effect(_recall(scores, entry), STUDY, key), -math.inf, LOST)
    )


def _learns(scores: Scores, dataset: str, penalty: Entry) -> Claim:
    key = f"{_slug(penalty)}_learns_{dataset}"
    text = f"{_where(scores, dataset, penalty)}: with {_penalty(penalty)} the minor modes are learned."
    rule = f"{penalty.label}: mean recall of the frames with cars is at least {LEARNED}."
    judged = claim(key, text, rule, effect(_recall(scores, penalty), STUDY, key), LEARNED, math.inf)
    return _readable(scores, [penalty], judged)


def _beats(scores: Scores, dataset: str, plain: Entry, penalty: Entry) -> Claim:
    key = f"{_slug(penalty)}_beats_gan_{dataset}"
    pair = [(plain.experiment, plain.arm), (penalty.experiment, penalty.arm)]
    base, other = ask.between(scores, "minor_recall", pair)
    text = (
        f"{_where(scores, dataset, penalty)}: with {_penalty(penalty)} BiGAN recovers more of the frames "
        "with cars than a GAN."
    )
    what = f"Recall of the frames with cars of {penalty.label} minus that of {plain.label}, paired by seed,"
    return _readable(scores, [plain, penalty], beyond(key, text, what, effect(other - base, STUDY, key), RECALL))


def _recall(scores: Scores, entry: Entry) -> ask.Values:
    return ask.values(scores, entry.experiment, entry.arm, "minor_recall")


def _where(scores: Scores, dataset: str, entry: Entry) -> str:
    return f"{ask.title(scores, dataset)}, {kind(scores, entry)}"


def _penalty(entry: Entry) -> str:
    return f"the pairwise gradient penalty{FORMS[entry.hyperparameters.get('form', 'ours')]}"


def _slug(entry: Entry) -> str:
    return re.sub(r"[^a-z0-9]+", "_", entry.label.lower())


def _readable(scores: Scores, of: Sequence[Entry], judged: Claim) -> Claim:
    """The claim, open if most frames of any entry show no pattern: then too little has been learned."""
    found = [ask.values(scores, e.experiment, e.arm, "invalid_frames") for e in of]
    valid = min((1 - float(values.mean()) for values in found if values.size), default=0.0)
    gate = (
        "Not judged if the decoder reads a pattern in fewer than half of the frames, because then too little has been "
        f"learned; here the share is {number(valid)}."
    )
    return gated(judged, gate, passed=valid >= VALID)
