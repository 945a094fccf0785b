"""The workflows are what GitHub accepts, their steps run, the comment is written once; the citation is valid."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from modescope.__main__ import COMMANDS
from modescope.compare.comment import MARKER

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def problems(schema: str, *files: Path) -> str:
    """What check-jsonschema says, by a schema that it carries; empty when all is well."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if run.returncode == 0 else run.stdout + run.stderr


def workflow(path: Path) -> dict[str, Any]:
    """The content of a workflow's file."""
    return dict(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")))


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
    scripts = [step["run"] for job in workflow(path)["jobs"].values() for step in job["steps"] if "run" in step]
    assert scripts
    assert not [script for script in scripts if "${{" in script]


def test_what_the_workflows_run_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target, name in (("test", "tests.yml"), ("report", "report.yml")):
        assert f"make {target} PYTHON=python" in (ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8")
        assert f"\n{target}:" in makefile


def script(file: str, job: str, name: str) -> str:
    """The shell text of a step."""
    steps = workflow(ROOT / ".github" / "workflows" / file)["jobs"][job]["steps"]
    return str(next(step["run"] for step in steps if step.get("name") == name))


def test_commands_of_the_workflows_are_those_of_the_repository() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    called = re.findall(r"python -m modescope (\w+)", texts)
    assert called == ["changes", "changes"]
    assert set(called) <= set(COMMANDS)
    targets = set(re.findall(r"make (\w+)", texts))
    assert targets == {"report", "setup", "test"}
    assert all(f"\n{target}:" in makefile for target in targets)
    actions = set(re.findall(r"uses: (\S+)/", texts))
    assert actions == {"actions"}, "only GitHub's own"


def test_only_the_comment_may_write_to_pull_requests() -> None:
    content = YAML(typ="safe", pure=True).load(
        (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    )
    assert content["permissions"] == {"contents": "read"}
    allowed = {name: job.get("permissions") for name, job in content["jobs"].items()}
    assert allowed == {"test": None, "changes": {"contents": "read", "pull-requests": "write"}}
    last = content["jobs"]["changes"]["steps"][-1]
    assert last["if"] == "github.event.pull_request.head.repo.full_name == github.repository"  # a fork may not write


# Stands for `gh`: notes its arguments and the file that becomes the comment; knows one comment once it is written.
GH = """\
#!/bin/sh
printf '%s\\n' "$*" >> calls
for last; do :; done
case "$*" in
  *--paginate*) [ ! -e posted ] || echo 17 ;;
  *) cp "${last#body=@}" posted ;;
esac
"""


def test_the_comment_is_written_once_and_then_kept_up_to_date(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gh").write_text(GH, encoding="utf-8")
    (tmp_path / "bin" / "gh").chmod(0o755)
    environment = {
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_REPOSITORY": "some/where",
        "NUMBER": "5",
    }
    shell = script("tests.yml", "changes", "One comment on the pull request")
    assert MARKER in shell
    for text in ("first", "second"):
        (tmp_path / "changes.md").write_text(text, encoding="utf-8")
        subprocess.run(["bash", "-e", "-c", shell], cwd=tmp_path, env=environment, check=True)
        assert (tmp_path / "posted").read_text(encoding="utf-8") == text
    calls = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    assert [re.sub(r" --jq .*", "", call) for call in calls] == [
        "api --paginate repos/some/where/issues/5/comments",
        "api --silent --method POST repos/some/where/issues/5/comments --field body=@changes.md",
        "api --paginate repos/some/where/issues/5/comments",
        "api --silent --method PATCH repos/some/where/issues/comments/17 --field body=@changes.md",
    ]


def test_the_summary_is_written_by_the_command(tmp_path: Path) -> None:
    """The step as it stands, in a small repository, with this interpreter in place of the environment's."""
    for name in ("params.yaml", "metrics.json", "verdicts.csv", "scores/intro.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    me = ("-c", "user.name=someone", "-c", "user.email=someone@example.org", "-c", "commit.gpgsign=false")
    for command in (("init", "--quiet"), ("add", "."), (*me, "commit", "--quiet", "--message", "All")):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    (tmp_path / ".venv" / "bin" / "python").chmod(0o755)
    environment = os.environ | {"BASE": "HEAD", "GITHUB_STEP_SUMMARY": "summary.md", "PYTHONPATH": str(ROOT / "src")}
    shell = script("tests.yml", "changes", "What changed")
    subprocess.run(["bash", "-e", "-c", shell], cwd=tmp_path, env=environment, check=True)
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert summary.startswith(f"{MARKER}\n\n### Nothing changed\n\nFrom `HEAD` (")
    after_a_run = script("report.yml", "build", "What changed from the committed results")
    called = "python -m modescope changes --base {} --head {} >"
    assert called.format('"$BASE"', "HEAD") in shell
    assert called.format("HEAD", "workspace") in after_a_run  # the same command, for what the workflow has trained
