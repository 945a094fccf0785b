"""CSV for spreadsheets: texts that begin like a formula are quoted by an apostrophe, and nothing else is changed."""

import io

import numpy as np
import pandas as pd
import pytest

from modescope.report.spreadsheet import csv, harmless


@pytest.mark.parametrize(
    "cell", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|'/c calc'!A0", "＝1", "-1, b"]
)
def test_what_begins_like_a_formula_is_quoted(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell",
    ["GAN", "a=1", "latent_dim=-1", "", "-0.5", "+3", "-inf", "-2, 2", "-1e-3", "−0.4", "–", -0.5, None, np.nan, True],
)
def test_names_and_numbers_stay(cell):
    assert harmless(cell) is cell


def test_a_table_keeps_its_numbers_and_types():
    frame = pd.DataFrame(
        {
            "title": ["=1+1", None],
            "-x": [-0.1, np.inf],
            "seeds": pd.array([-1, None], dtype="Int64"),
            "text": ["-0.25", "x"],
            "yes": [True, False],
        }
    )
    before = frame.copy()
    assert csv(frame) == "title,'-x,seeds,text,yes\n'=1+1,-0.1,-1,-0.25,True\n,inf,,x,False\n"
    pd.testing.assert_frame_equal(frame, before)


def test_a_table_without_such_texts_is_what_pandas_writes():
    frame = pd.DataFrame({"metric": ["a, b", 'c "d"'], "value": [1e-17, 0.1 + 0.2], "n": [1, 2]})
    assert csv(frame) == frame.to_csv(index=False, lineterminator="\n")
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(csv(frame))), frame)
