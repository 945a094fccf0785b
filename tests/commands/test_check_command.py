"""`python -m modescope check`: one line, whatever is wrong, and the pages of the plan where a folder is named."""

import errno
import json
import subprocess
import sys

import pytest
from ruamel.yaml import YAML
from tiny import params as valid

from modescope.__main__ import main
from modescope.commands import check as command
from modescope.params import registry
from modescope.plan.check import check
from modescope.plan.pages import pages


def written(file, content):
    with file.open("w") as stream:
        YAML(typ="safe", pure=True).dump(content, stream)
    return file


def snapshot(folder):
    """All that lies below a folder: path -> (time, content)."""
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_valid_file_prints_one_line_and_writes_its_pages(tmp_path, capsys):
    file, folder = written(tmp_path / "params.yaml", valid()), tmp_path / "plan"
    assert main(["check", str(file), "--plan", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert out == f"{file}: valid; 2 experiments in 1 study\n"
    assert err == ""
    found = {path.relative_to(folder).as_posix(): json.loads(path.read_text()) for path in folder.rglob("*.json")}
    assert found == pages(check(valid()))
    assert set(found) == {
        "report.json",
        "studies.json",
        *("dataset/blob.json", "dataset/eight.json"),
        *("train/tiny.json", "train/other.json"),
        *(f"remedy/{name}.json" for name in registry.names("variants")),
        "study/latent.json",
    }


def test_pages_and_outputs_of_entries_that_are_gone_are_removed(tmp_path, capsys):
    file, folder = written(tmp_path / "params.yaml", valid()), tmp_path / "plan"
    gone = ["plan/train/gone.json", "runs/latent/gone/run.json", "runs/old/gone/run.json", "history/latent/gone.csv"]
    gone += ["media/old/figures.json", "scores/old.csv", "scores/floors/old.csv", "scores/progress/old.csv"]
    kept = ["runs/latent/tiny/run.json", "history/latent/tiny.csv", "media/latent/figures.json", "scores/latent.csv"]
    for path in [*gone, *kept]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("{}")
    assert main(["check", str(file), "--plan", str(folder)]) == 0
    assert [path for path in gone if (tmp_path / path).exists()] == []
    assert [path for path in kept if not (tmp_path / path).exists()] == []
    assert not (tmp_path / "runs" / "old").exists()
    assert f"runs/latent/gone: removed, since no entry of {file} makes it\n" in capsys.readouterr().out


def test_a_plan_elsewhere_removes_nothing_beside_it(tmp_path):
    file = written(tmp_path / "params.yaml", valid())
    other = tmp_path / "elsewhere" / "runs" / "mine" / "thesis"
    other.mkdir(parents=True)
    assert main(["check", str(file), "--plan", str(tmp_path / "elsewhere" / "plan")]) == 0
    assert other.is_dir()


@pytest.mark.parametrize(("effort", "code"), [("0.02", 0), ("-1", 1), ("nan", 1)])
def test_another_effort_is_checked_before_it_is_written_anywhere(tmp_path, capsys, effort, code):
    file = written(tmp_path / "params.yaml", valid())
    before = snapshot(tmp_path)
    assert main(["check", str(file), "--effort", effort]) == code
    assert ("effort: " in capsys.readouterr().err) == bool(code)
    assert snapshot(tmp_path) == before


def test_a_plan_that_is_a_file_is_refused(tmp_path, capsys):
    file = written(tmp_path / "params.yaml", valid())
    assert main(["check", str(file), "--plan", str(file)]) == 1
    assert "there is a file of that name; name a folder" in capsys.readouterr().err
    assert file.read_text()


def test_a_plan_on_a_full_disk_names_its_file(tmp_path, capsys, monkeypatch):
    def full(folder, _):
        raise OSError(errno.ENOSPC, "No space left on device", str(folder / "study" / "modes.json"))

    monkeypatch.setattr(command.pages, "write", full)
    file, plan = written(tmp_path / "params.yaml", valid()), tmp_path / "plan"
    assert main(["check", str(file), "--plan", str(plan)]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"modescope: {plan / 'study' / 'modes.json'}: too little space on the disk: ")
    assert said.count("\n") == 1


def test_without_plan_nothing_is_written(tmp_path, capsys):
    file = written(tmp_path / "params.yaml", valid())
    before = snapshot(tmp_path)
    assert main(["check", str(file)]) == 0
    assert snapshot(tmp_path) == before
    assert "valid" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        ("effort: [", "not valid YAML, line 1"),
        ("- a", "must be a mapping with the keys effort, "),
        ("effort: 0.1\nefort: 1", "efort: unknown key; allowed: effort, "),
        ("effort: 0", "effort: 0: Input should be greater than 0"),
    ],
)
def test_a_bad_file_ends_with_one_line_and_writes_nothing(tmp_path, capsys, text, message):
    file, folder = written(tmp_path / "params.yaml", valid()), tmp_path / "plan"
    assert main(["check", str(file), "--plan", str(folder)]) == 0
    capsys.readouterr()
    file.unlink() if text is None else file.write_text(text)
    before = snapshot(tmp_path)
    assert main(["check", str(file), "--plan", str(folder)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("modescope: ")
    assert message in err
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert snapshot(tmp_path) == before


def test_the_module_ends_with_that_exit_code(tmp_path):
    (tmp_path / "params.yaml").write_text("effort: 0")
    command = [sys.executable, "-m", "modescope", "check"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr == "modescope: effort: 0: Input should be greater than 0\n"
    assert [path.name for path in tmp_path.iterdir()] == ["params.yaml"]
