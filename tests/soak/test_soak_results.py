"""The tables of `make soak`: the rows of a part are replaced, those of the others stay."""

from __future__ import annotations

import pandas as pd
from soak import results
from soak.case import Row


def test_a_part_is_replaced_and_what_earlier_code_did_is_kept(tmp_path):
    results.save(tmp_path, "kills", [Row("one", "dvc repro", "same bytes", 1.0, ok=True)])
    results.save(tmp_path, "inputs", [Row(what, "check", "old", 1.0, ok=False, before="exit code 0") for what in "ab"])
    results.save(tmp_path, "inputs", [Row(what, "check", "new", 2.0, ok=True) for what in "bc"])
    found = pd.read_csv(tmp_path / "results.csv", keep_default_na=False)
    assert found[["what", "outcome", "before"]].values.tolist() == [
        ["b", "new", "exit code 0"],
        ["c", "new", ""],
        ["one", "same bytes", ""],
    ]
    assert "## inputs: 2 of 2 as they should be" in (tmp_path / "results.md").read_text()
