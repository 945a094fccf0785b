"""The workflows of the repository are what GitHub accepts, and the citation is valid."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def problems(schema: str, *files: Path) -> str:
    """What check-jsonschema says, by a schema that it carries; empty when all is well."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if run.returncode == 0 else run.stdout + run.stderr


def test_workflows_are_valid() -> None:
    assert [path.name for path in WORKFLOWS] == ["report.yml", "tests.yml"]
    assert problems("vendor.github-workflows", *WORKFLOWS) == ""


def test_the_citation_is_valid() -> None:
    assert problems("vendor.citation-file-format", ROOT / "CITATION.cff") == ""


def test_a_wrong_workflow_is_not(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("on: push\njobs: {test: {steps: []}}\n")
    assert "wrong.yml" in problems("vendor.github-workflows", wrong)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_inputs_never_reach_a_shell_as_text(path: Path) -> None:
    content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    scripts = [step["run"] for job in content["jobs"].values() for step in job["steps"] if "run" in step]
    assert scripts
    assert not [script for script in scripts if "${{" in script]


def test_what_the_workflows_run_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target, name in (("test", "tests.yml"), ("report", "report.yml")):
        assert f"make {target} PYTHON=python" in (ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8")
        assert f"\n{target}:" in makefile
