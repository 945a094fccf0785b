"""What the penalty buys BiGAN: a sentence on each dataset of article 003's protocol, where there is no plain GAN."""

from __future__ import annotations

from modescope.formatting import listing, number
from modescope.seeding import stream
from modescope.statistics import bootstrap_mean, widened
from modescope.store.runs import Scores
from modescope.studies.common import scores as ask
from modescope.studies.common.entries import Entry, find, plain
from modescope.studies.modes.bigan_claims import count_of, ours

FORMS = {"article": "in the form that article 003 prints", "authors": "in that of the authors’ code"}


def answer(scores: Scores, dataset: str) -> str:
    """The modes found by BiGAN, with the penalty, and with its other forms; empty without one of the first two."""
    count, bigan = count_of(scores, dataset), find(scores, dataset, "bigan")
    penalty = ours(scores, dataset)
    if count is None or bigan is None or penalty is None or plain(scores, dataset) is not None:
        return ""
    forms = {words: find(scores, dataset, "bigan_pgp", form=form) for form, words in FORMS.items()}
    told = {"": bigan, "with the penalty it finds": penalty} | {words: e for words, e in forms.items() if e}
    means = {words: _mean(scores, dataset, entry, count.metric) for words, entry in told.items()}
    (_, mean), (with_penalty, kept), *others = means.items()
    if not (mean and kept):
        return ""
    rest = [(with_penalty, kept), *((words, found) for words, found in others if found)]
    return (
        f"{ask.title(scores, dataset)}: BiGAN finds {mean} of {count.n_modes:g} modes (at least half of each mode’s "
        f"share "
        f"within {count.radius}); {listing([f'{words} {found}' for words, found in rest])}."
    )


def _mean(scores: Scores, dataset: str, entry: Entry, metric: str) -> str:
    values = ask.values(scores, entry.experiment, entry.arm, metric)
    if not values.size:
        return ""
    mean = widened(bootstrap_mean(values, stream("answer", dataset, entry.label)), values)
    return f"{number(mean.value)} [{number(mean.low)}, {number(mean.high)}]"
