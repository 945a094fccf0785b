"""The commands work wherever git puts the code: no active environment, a worktree, an archive, any settings."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pipeline_copy
import pytest
from dvc.api import exp_show
from dvc.repo import Repo
from pipeline_copy import ROOT, Copy, environment

from modescope.commands import check
from modescope.commands import set as set_values
from modescope.params.config import ConfigError

PLAIN = "/usr/local/bin:/usr/bin:/bin"
WHERE = "import modescope, sys; print(modescope.__file__, sys.argv[1:])"
EMPTY = {"HOME": "/nonexistent", "PATH": PLAIN, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


def python_sh(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """`sh stages/python.sh` in a folder, as DVC calls it, saying whose code it runs."""
    command = ["sh", str(ROOT / "stages" / "python.sh"), "-c", WHERE, "two words"]
    return subprocess.run(command, cwd=folder, env=EMPTY | variables, capture_output=True, text=True, check=False)


def checkout(folder: Path) -> Path:
    """The least of a checkout: a package that can be told from the installed one."""
    (folder / "src" / "modescope").mkdir(parents=True)
    (folder / "src" / "modescope" / "__init__.py").touch()
    return folder


# Which Python a stage runs, and whose code


def test_a_stage_uses_the_environment_and_the_code_of_its_checkout(tmp_path: Path) -> None:
    environment(checkout(tmp_path))
    done = python_sh(tmp_path)
    assert done.stdout == f"{tmp_path}/src/modescope/__init__.py ['two words']\n", done.stderr


def test_a_copy_below_the_checkout_uses_its_environment_and_its_own_code(tmp_path: Path) -> None:
    environment(checkout(tmp_path))
    below = checkout(tmp_path / ".dvc" / "tmp" / "exps" / "tmp1")  # as `dvc exp run --temp` makes it
    assert python_sh(below).stdout.startswith(f"{below}/src/")


def test_a_second_worktree_uses_the_environment_of_the_first_and_its_own_code(tmp_path: Path) -> None:
    first, second = Copy(checkout(tmp_path / "first")), tmp_path / "second"
    pipeline_copy.git(first, "init", "--quiet")
    pipeline_copy.git(first, "add", "--all")
    pipeline_copy.git(first, "commit", "--quiet", "--message", "first")
    pipeline_copy.git(first, "worktree", "add", "--quiet", str(second))
    environment(first.root)
    done = python_sh(second)
    assert done.stdout.startswith(f"{second}/src/"), done.stderr


def test_without_an_environment_the_python_on_the_path_serves(tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{PLAIN}"
    assert python_sh(checkout(tmp_path), PATH=path).stdout.startswith(f"{tmp_path}/src/")


def test_without_any_python_one_line_says_what_to_do(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "sh").symlink_to(shutil.which("sh") or "/bin/sh")
    done = python_sh(checkout(tmp_path / "checkout"), PATH=str(tools))
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr == ("modescope: no Python environment with what requirements.lock lists: run `make setup`\n")


def test_dvc_called_by_its_path_runs_its_stages(changed: Copy) -> None:
    with (changed.root / "params.yaml").open("a", encoding="utf-8") as file:
        file.write("# touched\n")
    variables = changed.environment | {"PATH": PLAIN}
    command = [sys.executable, "-m", "dvc", "repro", "--single-item", "check"]
    done = subprocess.run(command, cwd=changed.root, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert pipeline_copy.ran(done.stdout) == ["check"]


def test_the_code_of_another_checkout_is_refused_in_one_line(tmp_path: Path) -> None:
    variables = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "modescope", "list", "datasets"]
    done = subprocess.run(command, cwd=checkout(tmp_path), env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"modescope: {ROOT / 'src' / 'modescope'}: the code of another checkout; ")
    assert done.stderr.count("\n") == 1


# Git's settings


def test_a_checkout_with_windows_line_ends_has_the_same_bytes(finished: Copy, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    pipeline_copy.git(finished, "clone", "--quiet", "--config", "core.autocrlf=true", str(finished.root), str(clone))
    listed = subprocess.run(["git", "ls-files"], cwd=clone, capture_output=True, text=True, check=True).stdout
    names = listed.splitlines()
    assert "dvc.yaml" in names
    assert [name for name in names if (clone / name).read_bytes() != (finished.root / name).read_bytes()] == []


def make(changed: Copy, *targets: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The Makefile's targets in a copy, but with this environment instead of a new one."""
    shutil.copy(ROOT / "Makefile", changed.root)
    return subprocess.run(
        ["make", "--old-file", "setup", *targets],
        cwd=changed.root,
        env=changed.environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_archive_without_git_runs_and_git_can_be_added_later(changed: Copy) -> None:
    shutil.rmtree(changed.root / ".git")
    before = changed.outputs()
    assert "is not a git repository" in changed.dvc("status").stdout
    done = make(changed, "scm", "report")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Data and pipelines are up to date." in done.stdout
    assert "reports/html/index.html" in done.stdout
    assert changed.outputs() == before
    done = make(changed, "report", "EFFORT=0.2")
    assert done.returncode != 0
    assert "modescope: EFFORT: a DVC experiment needs git; set effort in params.yaml, then `make report`" in done.stderr
    pipeline_copy.git(changed, "init", "--quiet")
    assert make(changed, "scm").returncode == 0
    assert "no_scm" not in (changed.root / ".dvc" / "config.local").read_text(encoding="utf-8")


def test_another_effort_is_an_experiment_even_where_git_knows_no_name(changed: Copy, tmp_path: Path) -> None:
    home, file = {"HOME": str(tmp_path)}, changed.root / "params.yaml"
    # A change that is not committed, so DVC has to store it as a commit of its own: one study is enough.
    text = file.read_text(encoding="utf-8")
    text = re.sub(r"^  (line|digits|sampling\w*|few_digits):.*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^(samplers|classifiers):$", r"\1: {}", text, flags=re.MULTILINE)
    file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "dvc", "exp", "run", "-S", "effort=0.05"]
    plain = subprocess.run(
        command, cwd=changed.root, env=changed.environment | home, capture_output=True, text=True, check=False
    )
    assert "user name and email must be configured" in plain.stderr

    # By an alias and << both experiments share the sweep; DVC's --set-param would change it for both.
    file.write_text(text, encoding="utf-8")
    with changed.inside():
        set_values.main(["experiments.latent_spiral.sweep.latent_dim=[1]"])
    done = make(changed, "report", "EFFORT=0.05", **home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "written anew since the commit" not in done.stdout + done.stderr
    assert changed.params()["effort"] == 0.05
    assert set(pipeline_copy.ran(done.stdout)) >= {"check", "train@latent_spiral", "report"}
    pages = {path.stem: json.loads(path.read_text()) for path in (changed.root / "plan" / "train").glob("*.json")}
    sweeps = {name: page["experiment"]["sweep"] for name, page in pages.items()}
    assert sweeps == {"latent_eight_gaussians": {"latent_dim": [1, 2]}, "latent_spiral": {"latent_dim": [1]}}
    assert {page["effort"] for page in pages.values()} == {0.05}
    with changed.inside():
        assert 0.05 in [row["effort"] for row in exp_show()]


# The user's files


def test_dvc_takes_a_file_in_own_and_its_links_are_followed(changed: Copy) -> None:
    rows = "".join(f"{i},{-i}\n" for i in range(100))
    (changed.root / "own" / "mine.csv").write_text(f"x,y\n{rows}", encoding="utf-8")
    with changed.inside(), Repo() as repo:
        repo.add("own/mine.csv")
    ignored = subprocess.run(["git", "check-ignore", "own/mine.csv.dvc"], cwd=changed.root, check=False)
    assert ignored.returncode == 1, "git must take the pointer"
    with (changed.root / ".dvc" / "config").open("a", encoding="utf-8") as config:
        config.write("[cache]\n    type = symlink\n")
    with changed.inside(), Repo() as repo:
        repo.checkout(["own/mine.csv.dvc"], relink=True)
    assert (changed.root / "own" / "mine.csv").is_symlink()
    params = changed.params()
    params["datasets"]["mine"] = {"kind": "points", "path": "mine.csv", "columns": ["x"]}
    changed.write_params(params)
    done = changed.dvc("repro", "dataset@mine")
    assert done.returncode == 0, done.stdout
    assert pipeline_copy.ran(done.stdout) == ["check", "dataset@mine"]
    (changed.root / "own" / "mine.csv").unlink()
    line = "own/mine.csv: there is no such file; DVC tracks it: run `dvc checkout own/mine.csv.dvc`"
    with changed.inside(), pytest.raises(ConfigError, match=re.escape(line)):
        check.main([])
