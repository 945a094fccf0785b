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

STUDY = "traffic"
LOST, LEARNED = 0.1, 0.5  # recall of the frames with cars: almost none, at least half
VALID = 0.5  # share of valid frames: below it, most frames show no pattern, and no claim can be judged
LOSERS = {"gan": "A GAN", "wgan": "A Wasserstein GAN"}
NETWORKS = {"mlp": "fully connected networks", "conv": "convolutional networks"}
FORMS = {"ours": "", "article": ", penalty as the article prints it", "authors": ", penalty as in the authors’ code"}


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


def known(scores: Scores, dataset: str) -> bool:
    """Whether the true probabilities of a dataset's patterns are known, so that recall is measured."""
    if ask.floor(scores, dataset, "minor_recall").size:
        return True
    return any(ask.values(scores, e.experiment, e.arm, "minor_recall").size for e in entries(scores, dataset))


def network(scores: Scores, entry: Entry) -> str:
    """The kind of an entry's networks, in words."""
    return NETWORKS[scores.settings[entry.experiment]["networks"]["generator"]["kind"]]


def kind(scores: Scores, entry: Entry) -> str:
    """The kind of an entry's networks and weights, in words."""
    return f"{network(scores, entry)}{', averaged weights' if entry.averaged else ''}"


def _empty(scores: Scores, dataset: str, entry: Entry) -> Claim:
    key = f"{_slug(entry)}_empty_{dataset}"
    words = f"{LOSERS[entry.variant]} converges to the empty junction."
    rule = f"Mean recall of the frames with cars is at most {LOST}."
    measured, where = effect(_recall(scores, entry), STUDY, key), _where(scores, dataset, entry)
    judged = claim(key, words, rule, measured, -math.inf, LOST, where=where, remedies=(entry.variant,))
    return _readable(scores, [entry], judged)


def _learns(scores: Scores, dataset: str, penalty: Entry) -> Claim:
    key = f"{_slug(penalty)}_learns_{dataset}"
    words = "With the pairwise gradient penalty, the minor modes are learned."
    rule = f"{penalty.title}: mean recall of the frames with cars is at least {LEARNED}."
    measured, where = effect(_recall(scores, penalty), STUDY, key), _where(scores, dataset, penalty)
    judged = claim(key, words, rule, measured, LEARNED, math.inf, where=where, remedies=(penalty.variant,))
    return _readable(scores, [penalty], judged)


def _beats(scores: Scores, dataset: str, plain: Entry, penalty: Entry) -> Claim:
    key = f"{_slug(penalty)}_beats_gan_{dataset}"
    pair = [(plain.experiment, plain.arm), (penalty.experiment, penalty.arm)]
    base, other = ask.between(scores, "minor_recall", pair)
    words = "With the pairwise gradient penalty, BiGAN recovers more of the frames with cars than a GAN."
    what = f"Recall of the frames with cars of “{penalty.title}” minus that of “{plain.title}”, paired by seed,"
    more, where = effect(other - base, STUDY, key), _where(scores, dataset, penalty)
    remedies = (penalty.variant, plain.variant)
    judged = beyond(key, words, what, more, RECALL, where=where, remedies=remedies)
    return _readable(scores, [plain, penalty], judged)


def _recall(scores: Scores, entry: Entry) -> ask.Values:
    return ask.values(scores, entry.experiment, entry.arm, "minor_recall")


def _where(scores: Scores, dataset: str, entry: Entry) -> str:
    form = FORMS[entry.hyperparameters.get("form", "ours")]  # only the penalty has forms
    return f"{ask.title(scores, dataset)}, {kind(scores, entry)}{form}"


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
