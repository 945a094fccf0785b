"""Whatever is done to params.yaml, nothing but a one-line ConfigError leaves the check."""

from __future__ import annotations

import copy
from datetime import date

import tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from modescope.params.config import ConfigError
from modescope.plan.check import check
from modescope.plan.pages import pages


def base():
    """The small valid parameters, with an entry of every section and of many kinds."""
    content = tiny.params()
    content["datasets"] |= {
        "peaks": {"kind": "mixture", "means": [[-1.5], [1.0]], "std": 0.4, "weights": [0.35, 0.65]},
    }
    content["studies"]["sampling"] = {"title": "Samplers"}
    proposal = {"kind": "normal", "mean": 0.2, "std": 1.4}
    content["samplers"] = {
        "reject": {
            "study": "sampling",
            "dataset": "peaks",
            "sampler": "rejection",
            "seeds": 2,
            "settings": {"proposal": proposal, "constant": 2.75},
        }
    }
    content["experiments"]["tiny"] |= {"ema": {"decay": 0.9}, "hyperparameters": {"saturating": True}}
    return content


BASE = base()


def places(content, at=()):
    """The path of every value."""
    parts = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in parts:
        yield (*at, key)
        yield from places(value, (*at, key))


PLACES = st.sampled_from(list(places(BASE)))
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**18), 10**18), st.floats(), st.text(max_size=8),
    st.just(date(2026, 1, 1)),
    st.sampled_from(["gan", "ring", "con", "latent_dim", "mlp", 10**9, 1e-320, 65_536]),
)  # fmt: skip
KEYS = st.one_of(st.text(max_size=6), st.none(), st.integers(0, 3), st.sampled_from(["kind", "sweep", "con", "<b>"]))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=5
)
HOW = st.sampled_from(["delete", "set", "set", "rename", "move"])
EDITS = st.lists(st.tuples(HOW, PLACES, VALUES, KEYS, PLACES), min_size=1, max_size=3)


def edited(edits):
    content = copy.deepcopy(BASE)
    for how, (*parents, last), value, key, other in edits:
        try:
            place = content
            for part in parents:
                place = place[part]
            if how == "delete":
                del place[last]
            elif how == "set":
                place[last] = value
            elif how == "rename":
                place[key] = place.pop(last)
            else:
                found = content
                for part in other:
                    found = found[part]
                place[last] = copy.deepcopy(found)
        except (KeyError, IndexError, TypeError, AttributeError):
            continue  # an earlier edit took the place away
    return content


@settings(max_examples=40)
@given(EDITS)
def test_an_edited_file_is_valid_or_refused_in_one_line(edits):
    try:
        pages(check(edited(edits)))
    except ConfigError as error:
        message = str(error)
    else:
        message = "valid"
    assert message
    assert "\n" not in message
