"""Points as bytes: errors, the reserved code, the layout of the bits, broken input; runs as scripts."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from modescope.explorer import script
from modescope.explorer.pack import BYTES, NOWHERE, pack, step, unpack

EXTENT = (-2.0, 3.0, 0.5, 1.0)
low = st.floats(-100, 100, allow_nan=False)
widths = st.floats(1e-3, 1e3, allow_nan=False)


@given(low, low, widths, widths, arrays(np.float64, (7, 2), elements=st.floats(0, 1)))
def test_a_point_inside_comes_back_within_half_a_step(
    x: float, y: float, width: float, height: float, shares: np.ndarray
) -> None:
    extent = (x, x + width, y, y + height)
    points = np.clip([x, y] + shares * [width, height], [x, y], [extent[1], extent[3]])
    found = unpack(pack(points, extent), extent)
    assert (np.abs(found - points) <= step(extent) * (0.5 + 1e-6)).all()


def test_both_ends_have_codes_of_their_own() -> None:
    corners = np.array([[-2.0, 0.5], [3.0, 1.0]])
    packed = pack(corners, EXTENT)
    assert packed == bytes([0, 0, 0]) + (4094 << 12 | 4094).to_bytes(3, "big")
    np.testing.assert_allclose(unpack(packed, EXTENT), corners, rtol=0, atol=1e-12)


def test_x_stands_in_the_upper_bits() -> None:
    x, y = 1000, 37
    width, height = step(EXTENT)
    point = np.array([[-2.0 + x * width, 0.5 + y * height]])
    assert pack(point, EXTENT) == (x << 12 | y).to_bytes(BYTES, "big")


@pytest.mark.parametrize("point", [(np.nan, 0.7), (0.0, np.inf), (-np.inf, 0.7), (3.001, 0.7), (0.0, 0.49)], ids=str)
def test_a_point_without_a_place_has_the_reserved_code(point: tuple[float, float]) -> None:
    packed = pack(np.array([point, (0.0, 0.7)]), EXTENT)
    assert packed[:BYTES] == (NOWHERE << 12 | NOWHERE).to_bytes(BYTES, "big")
    found = unpack(packed, EXTENT)
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()


def test_what_cannot_be_packed_is_refused() -> None:
    with pytest.raises(ValueError, match="not in the plane"):
        pack(np.zeros((4, 3)), EXTENT)
    with pytest.raises(ValueError, match="empty extent"):
        pack(np.zeros((4, 2)), (1.0, 1.0, 0.0, 1.0))
    with pytest.raises(ValueError, match="4 bytes"):
        unpack(b"1234", EXTENT)


def test_a_script_is_one_call_with_json_and_ends_no_element() -> None:
    content = {"title": '</script><b a="1">\u2028', "steps": [0, 5]}
    text = script.write("modes/x", content)
    assert b"</" not in text
    assert text.isascii()
    assert json.loads(b"[" + text.strip().removeprefix(b"modescopeRun(").removesuffix(b");") + b"]") == [
        "modes/x",
        content,
    ]
    assert script.read(text) == ("modes/x", content)
    with pytest.raises(ValueError, match="not a call"):
        script.read(b"alert(1);")
    with pytest.raises(ValueError, match="JSON"):
        script.write("x", {"final": float("nan")})
