"""What a revision has in git: a commit, branch, DVC experiment, or the workspace as it is, read as one side."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd

from modescope.compare.sides import COLUMNS, NAME, Side, no_scores
from modescope.params import config, reading
from modescope.report.sheets import VERDICTS
from modescope.store import artifacts

WORKSPACE = "workspace"  # as `dvc params diff` calls it
COMMITTED = ("params.yaml", "dvc.lock", "scores", "metrics.json", "verdicts.csv")  # files read from git
TEXT = {"study": str, "experiment": str, "arm": str, "metric": str}


def git(project: Path, *arguments: str) -> bytes | None:
    """The output of a git command; None if it fails. Raises ConfigError where git is not installed."""
    try:
        run = subprocess.run(["git", *arguments], cwd=project, capture_output=True, check=False)
    except FileNotFoundError:
        raise config.ConfigError("git: not installed; a revision is read with it") from None
    return run.stdout if run.returncode == 0 else None


def resolve(where: str, name: str, project: Path) -> str:
    """The commit of a revision or DVC experiment; `where` names the argument in errors, as in `A=main`.

    Raises ConfigError unless the name stands for exactly one commit.
    """
    if git(project, "rev-parse", "--git-dir") is None:
        raise config.ConfigError(f"{where}: no git repository here, so only {WORKSPACE} can be read")
    found = git(project, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if found:
        return found.decode().strip()
    refs = (git(project, "for-each-ref", "--format=%(objectname) %(refname)", "refs/exps") or b"").decode()
    # refs/exps/<2 digits of the commit it began from>/<the other 38>/<name of the experiment>
    named = [ref.split(" ", 1) for ref in refs.splitlines()]
    commits = {commit for commit, ref in named if re.fullmatch(r"refs/exps/\w{2}/\w{38}/" + re.escape(name), ref)}
    if len(commits) > 1:
        found_at = ", ".join(sorted(commit[:10] for commit in commits))
        raise config.ConfigError(f"{where}: several experiments have this name; give a commit: {found_at}")
    if not commits:
        raise config.ConfigError(
            f"{where}: no such revision; allowed: a git revision, the name of a DVC experiment "
            f"(`dvc exp list`), or {WORKSPACE}"
        )
    return commits.pop()


def export(project: Path, commit: str, folder: Path) -> None:
    """Write the files COMMITTED of a commit to `folder`."""
    listed = git(project, "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, "--", *COMMITTED) or b""
    for name in filter(None, listed.decode().split("\0")):
        content = git(project, "cat-file", "blob", f"{commit}:{name}")
        artifacts.write_bytes(folder / name, content or b"")


def read(where: str, name: str, project: Path, folder: Path) -> tuple[Side, Path]:
    """One side without its stills, and the folder that its files lie in: the project, or `folder` for a commit.

    Raises ConfigError for an unknown revision and for files that cannot be read.
    """
    if name == WORKSPACE:
        root, told = project, "the workspace as it is"
    else:
        commit = resolve(where, name, project)
        root, told = folder, (git(project, "show", "-s", "--format=%h of %cs: %s", commit) or b"").decode().strip()
        export(project, commit, folder)
    try:
        params = reading.read(root / "params.yaml")
    except config.ConfigError as error:
        raise config.ConfigError(str(error).replace(str(root / "params.yaml"), f"{where}: params.yaml")) from None
    read = Side(name, told, params, no_scores())
    tables, missing = [], []
    for study in read.studies():
        file = root / "scores" / f"{study}.csv"
        if not NAME.fullmatch(study):
            missing.append(f"{study} is not a valid name of a study and is left out.")
        elif file.exists():
            tables.append(_table(file, f"{where}: scores/{study}.csv", "scores", COLUMNS, TEXT))
        else:
            missing.append(f"{study} has no scores.")
    runs = pd.concat(tables, ignore_index=True) if tables else no_scores()
    return Side(
        name, told, params, runs, missing=missing, verdicts=_verdicts(root, where), metrics=_metrics(root, where)
    ), root


def _verdicts(root: Path, where: str) -> pd.DataFrame | None:
    file = root / "verdicts.csv"
    words = dict.fromkeys(("study", "key", "claim", "where", "verdict", "reason"), str)
    return _table(file, f"{where}: verdicts.csv", "verdicts", VERDICTS, words) if file.exists() else None


def _metrics(root: Path, where: str) -> dict[str, Any]:
    """The content of metrics.json; empty without the file."""
    file = root / "metrics.json"
    try:
        content = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except ValueError as error:
        raise config.ConfigError(f"{where}: metrics.json: not valid JSON: {error}") from None
    return content if isinstance(content, dict) else {}


def _table(file: Path, where: str, what: str, columns: list[str], text: dict[str, type[str]]) -> pd.DataFrame:
    """Read a table, its words as text, empty where a cell is. Raises ConfigError if it is not one."""
    try:
        table = pd.read_csv(file, dtype=text, usecols=columns)
    except (ValueError, pd.errors.ParserError) as error:
        raise config.ConfigError(f"{where}: not a table of {what}: {' '.join(str(error).split())}") from None
    return table.fillna(dict.fromkeys(text, ""))[columns]
