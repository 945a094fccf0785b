"""`python -m modescope set`: values of params.yaml are changed and checked, or nothing is written."""

from __future__ import annotations

import pytest
from ruamel.yaml import YAML
from tiny import params as valid

from modescope.__main__ import main


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "params.yaml"
    with path.open("w") as stream:
        YAML(typ="safe", pure=True).dump(valid(), stream)
    return path


def test_several_changes_are_written_at_once(file, capsys):
    before = file.read_text()
    assert main(["set", "effort=0.25", "experiments.other.steps=7", "--file", str(file)]) == 0
    after = YAML(typ="safe", pure=True).load(file)
    assert (after["effort"], after["experiments"]["other"]["steps"]) == (0.25, 7)
    assert len(set(before.splitlines()) ^ set(file.read_text().splitlines())) <= 4
    assert capsys.readouterr().out == f"{file}: 2 changes: effort=0.25; experiments.other.steps=7\n"


def test_who_keeps_the_old_value_is_named(file, capsys):
    text = file.read_text().replace("\n  tiny:", "\n  tiny: &tiny")
    file.write_text(text.replace("\nmetrics:", "\n  zest:\n    <<: *tiny\n    seeds: 2\nmetrics:"))
    assert main(["set", "experiments.tiny.steps=9", "--file", str(file)]) == 0
    assert "(the old value is now in experiments.zest, which took it from there)" in capsys.readouterr().out
    after = YAML(typ="safe", pure=True).load(file)["experiments"]
    assert (after["tiny"]["steps"], after["zest"]["steps"]) == (9, 20)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (["effort"], "set: 'effort': must be KEY=VALUE, such as experiments.NAME.steps=100"),
        (["effort.=1"], "set: 'effort.=1': must be KEY=VALUE"),
        (["effort=0.5", "effort=-1"], "effort: -1: Input should be greater than 0"),
        (["experiments.tiny.step=3"], "experiments.tiny.step: unknown key; allowed: study, dataset, "),
        ([], "set: the following arguments are required: KEY=VALUE"),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_written(file, capsys, changes, says):
    before = file.read_bytes()
    assert main(["set", *changes, "--file", str(file)]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"modescope: {says}")
    assert err.count("\n") == 1
    assert file.read_bytes() == before


def test_the_files_of_an_extra_lie_in_the_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "mine.csv").write_text("x,y\n" + "".join(f"{i}.5,{i * i}.25\n" for i in range(200)))
    extra = tmp_path / "extra" / "long" / "params.yaml"
    extra.parent.mkdir(parents=True)
    content = valid()
    plane = {"columns": ["x", "y"], "window": [-9, 209, -9, 40_000]}
    content["datasets"]["mine"] = {"kind": "points", "path": "mine.csv", **plane}
    with extra.open("w") as stream:
        YAML(typ="safe", pure=True).dump(content, stream)
    assert main(["set", "effort=0.25", "--file", "extra/long/params.yaml"]) == 0
