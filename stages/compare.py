"""Compare two revisions on one page: commits, branches, DVC experiments, or the workspace as it is."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from modescope import metrics
from modescope.compare import page, revisions, view
from modescope.compare.sides import NAME, Side, Still
from modescope.formatting import listing
from modescope.lifecycle import turn
from modescope.params import entry, registry
from modescope.plan.declared import remedies
from modescope.store import artifacts

SHOWN = 10  # most one-sided rows printed; the page lists all


def side(letter: str, name: str, project: Path, folder: Path, cache: Path | None) -> Side:
    """Read one side; a commit's files go through `folder`. Raises ConfigError for unreadable params.yaml or scores."""
    read, root = revisions.read(f"{letter}={name}", name, project, folder)
    stills, without = {}, []
    for study in filter(NAME.fullmatch, read.studies()):
        found = pictures(root, study, cache)
        if found is None:
            without.append(study)
        else:
            stills[study] = found
    lost = [f"The figures of {listing(without)} are neither in media/ nor in DVC's cache."] if without else []
    return replace(read, stills=stills, missing=[*read.missing, *lost])


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
        if not NAME.fullmatch(name):
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
    target.parent.mkdir(parents=True, exist_ok=True)
    # Both within reports/, where the next call finds and removes what a killed one left.
    with turn.taken(target.parent), tempfile.TemporaryDirectory(dir=target.parent, prefix=".compare.") as folder:
        cache = cache_of(project)
        sides = [side(k, name, project, Path(folder) / k, cache) for k, name in (("A", a), ("B", b))]
        comparison = view.build(*sides, about, remedies())
        with artifacts.folder(target) as fresh:
            for path, content in page.files(comparison, look / "templates", look / "static"):
                artifacts.write_bytes(fresh / path, content)
    print(f"{comparison.heading}. {comparison.lead}")
    for row in comparison.one_sided[:SHOWN]:
        print(f"Only in {row.only}: {row.what} {row.name}{f' ({row.where})' if row.where else ''}")
    if len(comparison.one_sided) > SHOWN:
        print(f"... and {len(comparison.one_sided) - SHOWN:,} more on one side only; the page lists all")
    print(f"The page: {target / 'index.html'}")


if __name__ == "__main__":
    sys.exit(entry.run(main, sys.argv[1:], "A B"))
