"""What a user may get wrong about classifiers in params.yaml, each in one line."""

from __future__ import annotations

import pytest
import tiny

from modescope.params.config import ConfigError
from modescope.plan.check import check
from modescope.plan.studies import plans

GONE = object()


def refusal(content):
    """The line with which the parameters are refused."""
    with pytest.raises(ConfigError) as caught:
        check(content)
    assert "\n" not in str(caught.value)
    return str(caught.value)


STACKS = {"kind": "stacked_digits"}


def with_classifier(name="reader", **changes):
    """The valid parameters with stacks of digits and a classifier of theirs."""
    entry = {"study": "latent", "dataset": "digits"} | changes
    content = tiny.params()
    content["datasets"] |= {"digits": STACKS, "heavy": STACKS | {"digit_weights": [0.55, *[0.05] * 9]}}
    content["classifiers"] = {name: {key: value for key, value in entry.items() if value is not GONE}}
    return content


def on_stacks(content, dataset="digits", study=None):
    """The parameters with a study of pictures and an experiment in it on stacks."""
    content["studies"]["modes"] = {"title": "Modes"}
    for entry in content["classifiers"].values():
        entry["study"] = study or "modes"
    content["experiments"]["stacked"] = tiny.settings(study="modes", dataset=dataset)
    return content


@pytest.mark.parametrize("dataset", ["digits", "heavy"])
def test_stacks_in_a_study_with_a_classifier_are_valid(dataset):
    params = check(on_stacks(with_classifier(), dataset))
    plan = dict(plans(params, {}))["modes"]
    assert plan["classifiers"] == {
        "reader": {"settings": params.classifiers["reader"].model_dump(), "shape": (3, 8, 8)}
    }
    assert list(plan["datasets"]) == [dataset]  # floors are measured of what experiments use
    assert dict(plans(params, {}))["latent"]["classifiers"] == {}


def two(name="second", **changes):
    """A second classifier beside the first."""
    content = on_stacks(with_classifier())
    content["classifiers"][name] = content["classifiers"]["reader"] | changes
    return content


def seeded():
    """Stacks of another split into train and test than the classifier's."""
    content = on_stacks(with_classifier(), "heavy")
    content["datasets"]["heavy"] = STACKS | {"seed": 1}
    return content


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (with_classifier(study="gone"), "classifiers.reader.study: 'gone' is not one of the study entries: latent"),
        (with_classifier(study=GONE), "classifiers.reader.study: missing; it must be given"),
        (with_classifier(dataset="gone"), "classifiers.reader.dataset: 'gone' is not one of the dataset entries: blob"),
        (
            with_classifier(dataset="blob"),
            "classifiers.reader.dataset: 'blob' is of kind gaussian; a classifier needs stacked digits",
        ),
        (
            with_classifier(step=3),
            "classifiers.reader.step: unknown key; allowed: study, dataset, hidden, steps, batch",
        ),
        (with_classifier(steps=0), "classifiers.reader.steps: 0: Input should be greater than or equal to 1"),
        (with_classifier(hidden=[]), "classifiers.reader.hidden: []: "),
        (with_classifier(confidence=1.0), "classifiers.reader.confidence: 1.0: Input should be less than 1"),
        (
            with_classifier(name="tiny"),
            "classifiers.tiny: there is an experiment of that name; their outputs would lie",
        ),
        (with_classifier(name="../up"), "classifiers.'../up': '../up': must be small letters"),
        (
            two(),
            "classifiers.second: the study 'modes' already has reader for pictures of shape (3, 8, 8); one classifier "
            "reads all datasets of that shape",
        ),
        (two(dataset="heavy"), "classifiers.second: the study 'modes' already has reader for pictures of shape"),
        (
            on_stacks(with_classifier(), study="latent"),
            "experiments.stacked.dataset: the modes of 'digits' are counted by a classifier; classifiers has none of "
            "the study 'modes' for pictures of shape (3, 8, 8); add `NAME: {study: modes, dataset: digits}` under "
            "classifiers",
        ),
        (
            seeded(),
            "experiments.stacked.dataset: the classifier of these pictures learns those of 'digits'; 'heavy' must have "
            "the same settings but for n_train, n_test and digit_weights, so that no test picture was learnt",
        ),
    ],
)
def test_a_bad_classifier_is_refused_in_one_line(content, line):
    assert refusal(content).startswith(line)


def test_a_classifier_of_the_same_pictures_in_another_study_is_valid():
    assert set(check(two(study="latent")).classifiers) == {"reader", "second"}
