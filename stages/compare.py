"""Compare two revisions on one page: commits, branches, DVC experiments, or the workspace as it is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from modescope import metrics
from modescope.compare import page, view
from modescope.compare.sides import COLUMNS, Side, Still, no_scores
from modescope.params import config, entry, registry
from modescope.store import artifacts

WORKSPACE = "workspace"  # as `dvc params diff` calls it
COMMITTED = ("params.yaml", "dvc.lock", "scores")  # files read from git
FIGURE = re.compile(r"[a-z0-9_]+")  # names allowed for files of media/<study>/
SHOWN = 10  # most one-sided rows printed; the page lists all
TEXT = {"study": str, "experiment": str, "arm": str, "metric": str}


def git(project: Path, *arguments: str) -> bytes | None:
    """The output of a git command; None if it fails."""
    run = subprocess.run(["git", *arguments], cwd=project, capture_output=True, check=False)
    return run.stdout if run.returncode == 0 else None


def resolve(letter: str, name: str, project: Path) -> str:
    """The commit of a revision or DVC experiment. Raises ConfigError unless the name stands for exactly one."""
    found = git(project, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if found:
        return found.decode().strip()
    refs = (git(project, "for-each-ref", "--format=%(objectname) %(refname)", "refs/exps") or b"").decode()
    # refs/exps/<2 digits of the commit it began from>/<the other 38>/<name of the experiment>
    named = [ref.split(" ", 1) for ref in refs.splitlines()]
    commits = {commit for commit, ref in named if re.fullmatch(r"refs/exps/\w{2}/\w{38}/" + re.escape(name), ref)}
    if len(commits) > 1:
        found_at = ", ".join(sorted(commit[:10] for commit in commits))
        raise config.ConfigError(f"{letter}={name}: several experiments have this name; give a commit: {found_at}")
    if not commits:
        raise config.ConfigError(
            f"{letter}={name}: no such revision; allowed: a git revision, the name of a DVC experiment "
            f"(`dvc exp list`), or {WORKSPACE}"
        )
    return commits.pop()


def export(project: Path, commit: str, folder: Path) -> None:
    """Write the files COMMITTED of a commit to `folder`."""
    listed = git(project, "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, "--", *COMMITTED) or b""
    for name in filter(None, listed.decode().split("\0")):
        content = git(project, "cat-file", "blob", f"{commit}:{name}")
        artifacts.write_bytes(folder / name, content or b"")


def side(letter: str, name: str, project: Path, folder: Path, cache: Path | None) -> Side:
    """Read one side; a commit's files go through `folder`. Raises ConfigError for unreadable params.yaml or scores."""
    if name == WORKSPACE:
        root, told = project, "the workspace as it is"
    else:
        commit = resolve(letter, name, project)
        root, told = folder, (git(project, "show", "-s", "--format=%h of %cs: %s", commit) or b"").decode().strip()
        export(project, commit, folder)
    try:
        params = config.read(root / "params.yaml")
    except config.ConfigError as error:
        raise config.ConfigError(
            str(error).replace(str(root / "params.yaml"), f"{letter}={name}: params.yaml")
        ) from None
    read = Side(name, told, params, no_scores())
    tables, stills, missing = [], {}, []
    for study in read.studies():
        if not FIGURE.fullmatch(study):
            missing.append(f"{study} is not a valid name of a study and is left out.")
            continue
        file = root / "scores" / f"{study}.csv"
        if file.exists():
            tables.append(scores(file, f"{letter}={name}: scores/{study}.csv"))
        else:
            missing.append(f"{study} has no scores.")
        found = pictures(root, study, cache)
        if found is None:
            missing.append(f"The figures of {study} are neither in media/ nor in DVC's cache.")
        else:
            stills[study] = found
    runs = pd.concat(tables, ignore_index=True) if tables else no_scores()
    return Side(name, told, params, runs, stills, missing)


def scores(file: Path, where: str) -> pd.DataFrame:
    """Read a table of scores. Raises ConfigError if it is not one."""
    try:
        return pd.read_csv(file, dtype=TEXT, usecols=COLUMNS)
    except (ValueError, pd.errors.ParserError) as error:
        raise config.ConfigError(f"{where}: not a table of scores: {' '.join(str(error).split())}") from None


def pictures(root: Path, study: str, cache: Path | None) -> dict[str, Still] | None:
    """The stills of a study by figure, from media/ or by hash from DVC's cache; None if neither has them."""
    folder = root / "media" / study
    if (folder / "figures.json").exists():
        return described(folder / "figures.json", lambda name: folder / name)
    tree = cached(cache, output(root / "dvc.lock", f"media/{study}"))
    if tree is None:
        return None
    hashes = {item["relpath"]: item["md5"] for item in json.loads(tree.read_text(encoding="utf-8"))}
    figures = cached(cache, hashes.get("figures.json"))
    return None if figures is None else described(figures, lambda name: cached(cache, hashes.get(name)), hashes)


def described(
    figures: Path, find: Callable[[str], Path | None], hashes: Mapping[str, str] | None = None
) -> dict[str, Still]:
    """The entries of a figures.json with valid names, each with its picture if `find` has it."""
    stills = {}
    for words in json.loads(figures.read_text(encoding="utf-8")):
        name = str(words["name"])
        if not FIGURE.fullmatch(name):
            continue
        file = find(f"{name}.png")
        there = file if file is not None and file.exists() else None
        digest = artifacts.sha256(there) if there else (hashes or {}).get(f"{name}.png", "")
        stills[name] = Still(words["title"], words["alt"], int(words["width"]), int(words["height"]), digest, there)
    return stills


def output(lock: Path, path: str) -> str | None:
    """The hash of a stage's output in dvc.lock; None if it has none."""
    if not lock.exists():
        return None
    content: Any = YAML(typ="safe").load(lock.read_text(encoding="utf-8"))  # libyaml, because the file has 10,000 lines
    outs = [out for stage in (content or {}).get("stages", {}).values() for out in stage.get("outs", [])]
    return next((str(out["md5"]) for out in outs if out["path"] == path and "md5" in out), None)


def cached(cache: Path | None, digest: str | None) -> Path | None:
    """The file with this hash in DVC's cache; None if it is not there."""
    if cache is None or not digest:
        return None
    file = cache / digest[:2] / digest[2:]
    return file if file.is_file() else None


def cache_of(project: Path) -> Path | None:
    """The folder of DVC's cache, as configured; None outside a DVC project."""
    from dvc.exceptions import NotDvcRepoError
    from dvc.repo import Repo

    try:
        with Repo(str(project)) as repo:
            return Path(repo.cache.local.path)
    except NotDvcRepoError:
        return None


def main(a: str, b: str, project: Path = Path()) -> None:
    """Write reports/compare/, completely or not at all. Raises ConfigError if A or B is not a revision."""
    about = {
        n: t for f in registry.names("metrics") for n, t in registry.find("metrics", f, metrics.Metric).about.items()
    }
    look, target = Path(__file__).parents[1] / "reports", project / "reports" / "compare"
    with tempfile.TemporaryDirectory() as folder:
        cache = cache_of(project)
        sides = [side(k, name, project, Path(folder) / k, cache) for k, name in (("A", a), ("B", b))]
        comparison = view.build(*sides, about)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".compare.") as fresh:
            for path, content in page.files(comparison, look / "templates", look / "static"):
                artifacts.write_bytes(Path(fresh) / "new" / path, content)
            if target.exists():
                target.rename(Path(fresh) / "old")
            (Path(fresh) / "new").rename(target)
    print(comparison.lead)
    for row in comparison.one_sided[:SHOWN]:
        print(f"Only in {row.only}: {row.what} {row.name}{f' ({row.where})' if row.where else ''}")
    if len(comparison.one_sided) > SHOWN:
        print(f"... and {len(comparison.one_sided) - SHOWN:,} more on one side only; the page lists all")
    print(f"The page: {target / 'index.html'}")


if __name__ == "__main__":
    sys.exit(entry.run(main, sys.argv[1:], "A B"))
