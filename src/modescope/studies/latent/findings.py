"""What the study `latent` finds, in sentences computed from the scores: its answer and the headings of its figures."""

from __future__ import annotations

from modescope.formatting import counted, in_letters, listing, number, numbers, percent, percents
from modescope.store.runs import Scores
from modescope.studies.common import answers
from modescope.studies.common import scores as ask
from modescope.studies.latent.claims import DATA_DIM, KEY, claims

NOUN = "latent dimension"


def answer(scores: Scores) -> list[str]:
    """Whether the data's own number of dimensions is needed, and whether more help; then coverage by dataset."""
    each = (answers.coverage(scores, e, KEY, NOUN) for e in ask.experiments(scores))
    return [found for found in (_needed(scores), _more(scores), *each) if found]


def _needed(scores: Scores) -> str:
    """Coverage with one dimension too few and with enough, on the data where both were trained."""
    pairs = [
        (found[DATA_DIM - 1], found[DATA_DIM])
        for e in ask.experiments(scores)
        if {DATA_DIM - 1, DATA_DIM} <= (found := answers.means(scores, e, KEY, "coverage")).keys()
    ]
    if not pairs:
        return answers.covered(scores, KEY, NOUN, DATA_DIM)
    below, enough = (percents(shares) for shares in zip(*pairs, strict=True))
    judged = [claim.verdict for claim in claims(scores) if claim.key.startswith("dimension-")]
    few, many = counted(DATA_DIM - 1, NOUN), in_letters(DATA_DIM)
    if set(judged) != {"supported"}:
        return f"With {few} a GAN covers {below} of the real points, with {many} {enough}."
    return (
        f"A GAN needs as many latent dimensions as the data have: with {in_letters(DATA_DIM - 1)} it covers {below} of "
        f"the real points, with {many} {enough}."
    )


def _more(scores: Scores) -> str:
    """On which data some larger number of dimensions covers more than the data's own, by intervals that lie apart."""
    helped, same = [], []
    for experiment in ask.experiments(scores):
        arms = ask.along(ask.arms(scores, experiment), KEY)
        found = {value: ask.mean(scores, experiment, arm, "coverage") for value, arm in arms.items()}
        found = {value: e for value, e in found.items() if e.n > 1 and value >= DATA_DIM}
        if DATA_DIM not in found or len(found) < 2:
            continue
        best = max(found, key=lambda value: found[value].value)
        name = ask.title(scores, ask.dataset(scores, experiment))
        if found[best].low > found[DATA_DIM].high:
            helped.append(f"{name} ({counted(best, 'dimension')} cover {percent(found[best].value)})")
        else:
            same.append(name)
    words = [f"more dimensions help on {listing(helped)}"] if helped else []
    words += [f"on {listing(same)} no number covers significantly more"] if same else []
    return f"Beyond {in_letters(DATA_DIM)}, {'; '.join(words)}." if words else ""


def divergence(scores: Scores) -> str:
    """The smoothed KL below the data's number of dimensions and from it on."""
    below, others = answers.split(scores, KEY, "kl_qp_smoothed", DATA_DIM)
    if not below or not others:
        return ""
    return (
        f"With {counted(DATA_DIM - 1, NOUN)}, generated points lie {numbers(below)} nats from the data, with more "
        f"{numbers(others)} (noise-smoothed)."
    )


def coverage(scores: Scores) -> str:
    """Coverage below the data's number of dimensions and from it on."""
    return answers.covered(scores, KEY, NOUN, DATA_DIM)


def modes(scores: Scores) -> str:
    """Where most modes are covered, one sentence per dataset with modes."""
    found = [
        answers.best(scores, e, KEY, NOUN, "modes_covered", "Most modes are covered", number)
        for e in ask.experiments(scores)
    ]
    return _each(scores, found)


def between(scores: Scores) -> str:
    """Where the fewest points lie between the modes, one sentence per dataset with modes."""
    words = "The fewest points lie between the modes"
    found = [answers.best(scores, e, KEY, NOUN, "invalid_fraction", words, most=False) for e in ask.experiments(scores)]
    return _each(scores, found)


def _each(scores: Scores, found: list[str]) -> str:
    """The sentences of all experiments, each with its data if there are several."""
    titles = [ask.title(scores, ask.dataset(scores, e)) for e in ask.experiments(scores)]
    told = [(title, words) for title, words in zip(titles, found, strict=True) if words]
    return " ".join(f"{title}: {words}" if told[1:] else words for title, words in told)
