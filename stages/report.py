"""Build the report: scores and media of all studies become reports/html/, metrics.json and verdicts.csv."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import subprocess
import sys
from itertools import starmap
from pathlib import Path

from modescope import studies
from modescope.params import entry
from modescope.report import badge, citation, provenance, sheets, site, view
from modescope.report.cards import sweeps
from modescope.report.extras import evidence, extras
from modescope.store import artifacts, layout
from modescope.store.plan import read_plan, read_remedies, read_reporting, read_studies
from modescope.store.results import Results

PACKAGES = ("torch", "numpy", "scipy", "pandas", "POT", "matplotlib", "seaborn", "pillow", "dvc")
SOURCES = ("src", "stages", "reports", "params.yaml", "dvc.yaml", "requirements.lock")


def git(*arguments: str) -> str:
    """What git prints in the project; empty where it fails, as in an archive without a repository."""
    project = Path(__file__).resolve().parents[1]
    run = subprocess.run(["git", *arguments], cwd=project, capture_output=True, text=True, check=False)
    return run.stdout.strip() if run.returncode == 0 else ""


def revision(root: Path) -> str:
    """The last commit that changed the sources. Commits of results alone do not count and leave the page as it is."""
    sources = [*SOURCES, str((root / "params.yaml").resolve()), str((root / "extra").resolve())]
    commit = git("log", "-1", "--format=%H", "--", *sources)
    return f"{commit or 'unknown'}{', with local changes' if git('status', '--porcelain', '--', *sources) else ''}"


def main(root: Path = Path(), command: str = "dvc repro") -> None:
    """Write the pages of all studies, in the order of params.yaml; metrics.json and verdicts.csv compare revisions."""
    extra, remedies = extras(root), read_remedies(root)
    materials, longer = [], evidence(extra, remedies)
    for name in read_studies(root):
        plan = read_plan(root, name)
        figures = json.loads((root / "media" / name / "figures.json").read_text(encoding="utf-8"))
        study, scores, records = studies.build(name), layout.read_scores(root, plan), layout.read_records(root, plan)
        materials.append(view.Material(plan, study, scores, figures, records, longer.get(name, [])))
    versions = {"Python": platform.python_version()} | {p: importlib.metadata.version(p) for p in PACKAGES}
    source = read_reporting(root).source or provenance.pattern(git("remote", "get-url", "origin"))
    project = Path(__file__).parents[1]
    cited = citation.read(project / "CITATION.cff")
    made = provenance.Provenance(revision(root), versions, command, source, cited)
    swept = [sweep for sweep in starmap(sweeps.read, extra.items()) if sweep is not None]
    page = view.build(materials, remedies, made, root / "media", swept)
    look = project / "reports"
    sizes, pages = {}, {}
    with artifacts.folder(root / "reports" / "html") as html:
        for path, content in site.files(page, look / "templates", look / "static", root / "media"):
            artifacts.write_bytes(html / path, content)
            sizes[path] = len(content)
            if path.endswith(".html"):
                pages[path] = content.decode()
    for warning in site.overweight(sizes, pages):
        print(f"warning: {warning}", file=sys.stderr)
    measured = {str(m.plan["study"]): (m.study.headline_metric, m.scores) for m in materials}
    artifacts.write_json(root / "metrics.json", site.summary(page, measured))
    judged = {study.name: study.judged for study in page.studies}
    artifacts.write_bytes(root / "verdicts.csv", sheets.committed(judged).encode())
    artifacts.write_bytes(root / "docs" / "badges" / "claims.svg", badge.claims(page.counts, page.decided).encode())
    Results(root).clear()  # this stage is the last: all that was trained lies in runs/, and in DVC's cache


if __name__ == "__main__":
    sys.exit(entry.stage(main, sys.argv[1:], " "))  # it takes no arguments
