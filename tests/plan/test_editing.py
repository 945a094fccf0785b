"""One value of params.yaml is changed in its text: no other value changes, and anchors, comments and lines stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modescope.params.config import ConfigError
from modescope.params.reading import parsed
from modescope.plan.editing import assign, flow

ROOT = Path(__file__).parents[2]
TEXT = """\
# what is run
effort: 1.0   # share
experiments:
  one: &one
    steps: 10  # of it
    sweep: &few {latent_dim: [1, 2]}
    optimizers:
      generator: &adam {kind: adam, learning_rate: 1e-3}
      discriminator: *adam
    title: null

  # the second
  two:
    <<: *one
    seeds: 3
  three: {<<: *one, sweep: *few}
  four: {}
"""


def lines(key, value):
    """The lines that an edit removes and adds, and the places that keep the old value."""
    edited = assign(TEXT, key, value, "params.yaml")
    old, new = TEXT.splitlines(), edited.text.splitlines()
    return [x for x in old if x not in new], [x for x in new if x not in old], [".".join(path) for path in edited.kept]


@pytest.mark.parametrize(
    ("key", "value", "removed", "added", "kept"),
    [
        ("effort", "0.5", ["effort: 1.0   # share"], ["effort: 0.5   # share"], []),
        # inherited by <<: the entry gets a value of its own
        ("experiments.two.steps", "7", [], ["    steps: 7"], []),
        ("experiments.three.steps", "7", ["  three: {<<: *one, sweep: *few}"],
         ["  three: {<<: *one, sweep: *few, steps: 7}"], []),
        # behind an alias: DVC's --set-param changes `one` and `two` as well
        ("experiments.three.sweep.latent_dim", "[3]", ["  three: {<<: *one, sweep: *few}"],
         ["  three: {<<: *one, sweep: {latent_dim: [3]}}"], []),
        # within what is inherited: it undoes this change
        ("experiments.two.optimizers.generator.learning_rate", "1e-2", [],
         ["    optimizers: {generator: {kind: adam, learning_rate: 0.01}, "
          "discriminator: {kind: adam, learning_rate: 0.001}}"], []),
        # where others inherit it, they keep the old value
        ("experiments.one.steps", "5", ["    steps: 10  # of it", "  three: {<<: *one, sweep: *few}"],
         ["    steps: 5  # of it", "    steps: 10", "  three: {<<: *one, sweep: *few, steps: 10}"],
         ["experiments.two.steps", "experiments.three.steps"]),
        ("experiments.four.hyperparameters.gamma", "1e-3", ["  four: {}"],
         ["  four: {hyperparameters: {gamma: 0.001}}"], []),
        ("experiments.four.title", "yes: no", ["  four: {}"], ["  four: {title: {yes: no}}"], []),
    ],
)  # fmt: skip
def test_the_named_place_changes_and_nothing_else(key, value, removed, added, kept):
    assert lines(key, value) == (removed, added, kept)


def test_a_mapping_in_lines_is_replaced_to_its_end():
    edited = assign(TEXT, "experiments.one.optimizers", "{generator: {kind: sgd}}", "params.yaml").text
    assert "    optimizers: {generator: {kind: sgd}}\n    title: null\n\n  # the second\n" in edited


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        (
            "experiments.one.steps.x",
            "3",
            "experiments.one.steps is 10, no mapping; set experiments.one.steps as a whole",
        ),
        ("effort", "[1", "params.yaml: effort: not valid YAML, line 1: "),
        ("effort", "!!python/object:x", "params.yaml: effort: line 1: the tag"),
    ],
)
def test_what_cannot_be_set_is_refused_in_one_line(key, value, says):
    with pytest.raises(ConfigError, match=r"^[^\n]*$") as caught:
        assign(TEXT, key, value, "params.yaml")
    assert says in str(caught.value)


def test_the_line_ends_of_windows_stay():
    text = assign(TEXT.replace("\n", "\r\n"), "effort", "0.5", "params.yaml").text
    assert text == TEXT.replace("effort: 1.0", "effort: 0.5").replace("\n", "\r\n")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**16), 10**16) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=40)
@given(VALUES)
@example("yes: no")
@example({"<<": 1, "null": "null", "1": "1.0"})
def test_a_value_on_one_line_is_read_as_it_was(value):
    assert repr(parsed(flow({"a": value}), "x")) == repr({"a": value})


PLACES = st.sampled_from(
    ["effort", "experiments.one.steps", "experiments.one.sweep.latent_dim", "experiments.one.optimizers",
     "experiments.one.optimizers.generator.learning_rate", "experiments.two.optimizers.discriminator.kind",
     "experiments.two.sweep", "experiments.three.title", "experiments.three", "experiments.four.a.b", "new"]
)  # fmt: skip


@settings(max_examples=30)
@given(PLACES, VALUES)
def test_whatever_is_set_only_that_place_differs(key, value):
    try:
        text = assign(TEXT, key, flow(value), "params.yaml").text
    except ConfigError:  # too deep, or no mapping on the way
        return
    wanted = copied(parsed(TEXT, "x"))
    *parents, last = key.split(".")
    place = wanted
    for parent in parents:
        place = place.setdefault(parent, {})
    place[last] = value
    assert repr(ordered(parsed(text, "x"))) == repr(ordered(wanted))


def copied(value):
    """The same, in which no two entries share an object."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value


def ordered(value):
    """With sorted keys, as the order of an entry's keys means nothing."""
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value, key=str)}
    return [ordered(item) for item in value] if isinstance(value, list) else value


def test_the_committed_file_takes_an_effort_as_a_change_of_one_line():
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    edited = assign(text, "effort", "0.25", "params.yaml")
    changed = [pair for pair in zip(text.splitlines(), edited.text.splitlines(), strict=True) if pair[0] != pair[1]]
    assert changed == [("effort: 1.0", "effort: 0.25")]
