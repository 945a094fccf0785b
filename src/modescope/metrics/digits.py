"""Which combinations of digits a generator of stacks makes, by the classifier of the study.

The field counts the digit that its classifier finds most probable in every channel (Metz et al. 2017, Srivastava et
al. 2017). But everything has a most probable digit, an average of digits too. So there is a second count, of the stacks
whose digits are all recognised with confidence: at least the probability that the classifier's entry states.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator
from scipy.special import rel_entr

from modescope.classifiers import Classifier, Recognised, combinations
from modescope.datasets import Distribution
from modescope.datasets.common.stacks import Stacks
from modescope.metrics import About, Array, Metric
from modescope.metrics.common.memory import frozen, remembered
from modescope.metrics.common.neighbours import flat
from modescope.metrics.strata import dense_prdc, squared

ROUNDING = 1e-9  # relative, of a combination's probability
CHANCE = "A perfect sampler scores about (modes - 1) / (2 stacks) where every mode has many stacks"


class Digits(Metric):
    """For stacks of digits; which digits they are, and how alike two stacks are, the classifier says."""

    k: int = Field(5, ge=1, description="neighbours, as in prdc")
    points: int = Field(
        1_000,
        ge=2,
        description="stacks, real and generated, at most (the first ones) whose features "
        "or pixels are compared: all pairs are",
    )

    about: ClassVar[dict[str, About]] = {
        "modes_recognised": About(
            "Modes, most probable digits",
            "Combinations of digits among the generated stacks, by the most probable digit of every channel: the "
            "published count. A blurred stack counts too.",
            "0 to the number of modes",
            "higher",
        ),
        "modes_confident": About(
            "Modes, recognised digits",
            "Combinations of digits among the generated stacks whose three digits are each recognised with confidence "
            "(probability 0.8 unless the classifier's entry states another).",
            "0 to the number of modes",
            "higher",
        ),
        "confident_fraction": About(
            "Recognised",
            "Share of generated stacks whose three digits are each recognised with confidence.",
            "0 to 1",
            "higher",
        ),
        "recognised_kl": About(
            "Mode KL, most probable digits",
            f"KL(generated || true) in nats between the combinations of most probable digits and their true "
            f"probabilities. {CHANCE}.",
            "0 to infinity",
            "lower",
        ),
        "confident_kl": About(
            "Mode KL, recognised digits",
            f"KL(generated || true) in nats between the combinations of the stacks whose digits are recognised with "
            f"confidence and the true probabilities. {CHANCE}, so it is larger by chance where fewer are recognised; "
            f"infinite by convention when none is.",
            "0 to infinity",
            "lower",
        ),
        "rare_ratio": About(
            "Rare combinations",
            "Share of generated stacks whose combination of most probable digits is rarer than 1 in the number of "
            "modes, over the true share of all such combinations: 1 is right, less means that what is rare is lost. "
            "Only where combinations differ in probability.",
            "0 to infinity",
            "neither",
        ),
        "feature_precision": About(
            "Precision, features",
            "Share of generated stacks inside the ball of at least one real one (radius: distance to its k-th nearest "
            "real neighbour; k = 5 by default) in the classifier's last hidden layer; of 1,000 stacks each by default.",
            "0 to 1",
            "higher",
        ),
        "feature_recall": About(
            "Recall, features",
            "Share of real stacks inside the ball of at least one generated one (radius: distance to its k-th nearest "
            "generated neighbour) in the classifier's last hidden layer.",
            "0 to 1",
            "higher",
        ),
        "feature_density": About(
            "Density, features",
            "Mean number of real balls in the classifier's last hidden layer that contain a generated stack, divided "
            "by k; about 1 when the distributions agree.",
            "0 to infinity",
            "higher",
        ),
        "feature_coverage": About(
            "Coverage, features",
            "Share of real stacks whose ball in the classifier's last hidden layer contains at least one generated "
            "stack; 0.969 on average for a perfect sampler with k = 5.",
            "0 to 1",
            "higher",
        ),
        "nearer_train": About(
            "Nearer to train",
            "Share of generated digits whose nearest train picture is nearer than the nearest of as many held-out "
            "ones, by pixels, averaged over up to three groups of train pictures. About 0.5 without copying (compare "
            "with the floor: the split alone moves it by some hundredths), above it when digits are copies of the "
            "train pictures that are kept: 0.67 if all train pictures are, hardly more than 0.5 where only a few are, "
            "as on MNIST. A generator of a few digits has any value.",
            "0 to 1",
            "neither",
        ),
    }

    def applies(self, dataset: Distribution) -> bool:
        """Only for stacks of digits."""
        return isinstance(dataset, Stacks)

    @model_validator(mode="after")
    def _every_stack_has_neighbours(self) -> Digits:
        if self.points <= self.k:
            raise ValueError(f"points must exceed k: {self.points} <= {self.k}")
        return self

    @property
    def min_points(self) -> int:
        """One more than k, since a stack is not its own neighbour."""
        return self.k + 1

    def score_classes(
        self, real: Array, fake: Array, dataset: Distribution, classifier: Classifier, rng: np.random.Generator
    ) -> dict[str, float]:
        """Scores of fake (n, channels, side, side) against real of the same shape; `rng` is not used."""
        seen = classifier.recognise(fake)
        theirs = features(real, classifier, self.points)
        alike = dense_prdc(theirs, seen.features[: self.points].astype(np.float64), self.k)
        return (
            counts(seen, dataset)
            | {f"feature_{name}": value for name, value in alike.items()}
            | {"nearer_train": nearer_train(fake[: self.points], classifier)}
        )


def counts(seen: Recognised, dataset: Distribution) -> dict[str, float]:
    """How many combinations are seen, and how far their shares are from the dataset's; leniently and strictly.

    Raises ValueError for a dataset without modes.
    """
    weights = dataset.mode_weights
    if weights is None:
        raise ValueError(f"{dataset.kind} has no modes")
    found = combinations(seen.digits)
    every, strict = (np.bincount(which, minlength=len(weights)) for which in (found, found[seen.confident]))
    rare = weights < (1 - ROUNDING) / len(weights)
    ratio = {"rare_ratio": float(every[rare].sum() / len(found) / weights[rare].sum())} if rare.any() else {}
    return {
        "modes_recognised": float(np.sum(every > 0)),
        "modes_confident": float(np.sum(strict > 0)),
        "confident_fraction": float(np.mean(seen.confident)),
        "recognised_kl": kl(every, weights),
        "confident_kl": kl(strict, weights),
    } | ratio


def kl(counted: NDArray[np.intp], weights: Array) -> float:
    """KL(counts / sum || weights) in nats, both (modes,); infinite when nothing is counted."""
    total = counted.sum()
    return float(np.sum(rel_entr(counted / total, weights))) if total > 0 else np.inf


@remembered
def features(real: Array, classifier: Classifier, most: int) -> Array:
    """The classifier's features of the first `most` stacks, (<= most, channels * F)."""
    return frozen(classifier.recognise(real[:most]).features)


def nearer_train(stacks: Array, classifier: Classifier) -> float:
    """Share of the digits of (n, channels, side, side) that lie nearer to a train picture than to any held-out one.

    The mean over groups of as many train pictures as are held out. A held-out picture that equals the digit is left
    out, so that real digits are compared with the others.
    """
    digits = flat(stacks.reshape(-1, classifier.side, classifier.side))
    train, held_out = (
        squared(digits, flat(pictures.astype(np.float64))) for pictures in (classifier.train, classifier.held_out)
    )
    held_out[held_out == 0] = np.inf
    groups = train.reshape(len(digits), -1, len(classifier.held_out))
    return float(np.mean(groups.min(axis=2) < held_out.min(axis=1)[:, None]))
