"""`make compare` on a small repository with a few revisions: what it reads from where, and one-line errors."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from dvc.repo import Repo
from PIL import Image

from modescope.params import entry
from modescope.params.config import ConfigError

ROOT = Path(__file__).resolve().parents[2]
HEADER = "study,experiment,arm,seed,metric,value\n"
ME = ["-c", "user.name=someone", "-c", "user.email=someone@example.org", "-c", "commit.gpgsign=false"]
EXPERIMENT = "  {name}: {{study: modes, steps: {steps}, note: '{note}'}}\n"


@pytest.fixture(scope="module")
def stage() -> Iterator[ModuleType]:
    """stages/compare.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "stages"))
        before = sys.modules.pop("compare", None)
        import compare

        yield compare
        sys.modules.pop("compare")
        if before is not None:
            sys.modules["compare"] = before


def git(root: Path, *arguments: str) -> str:
    run = subprocess.run(["git", *ME, *arguments], cwd=root, capture_output=True, check=True, text=True)
    return run.stdout.strip()


def params(*experiments: str, steps: int = 10, note: str = "") -> str:
    lines = "".join(EXPERIMENT.format(name=name, steps=steps, note=note) for name in experiments)
    return f"effort: 0.1\nstudies: {{modes: {{title: Modes}}}}\nexperiments:\n{lines}"


def scores(**values: list[float]) -> str:
    rows = (f"modes,{name},base,{seed},w2,{v}\n" for name, found in values.items() for seed, v in enumerate(found))
    return HEADER + "".join(rows)


def png(grey: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (4, 2), grey).save(file, "PNG")
    return file.getvalue()


def media(root: Path, pictures: dict[str, bytes]) -> None:
    folder = root / "media" / "modes"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in pictures.items():
        (folder / f"{name}.png").write_bytes(content)
    described = [{"name": name, "title": name, "alt": "a <b>", "width": 4, "height": 2} for name in pictures]
    (folder / "figures.json").write_text(json.dumps(described), encoding="utf-8")


def cached_media(root: Path) -> str:
    """Put media/modes into the cache as `dvc commit` does, and return the matching dvc.lock."""
    cache = root / ".dvc" / "cache" / "files" / "md5"

    def put(content: bytes, end: str = "") -> str:
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest() + end
        (cache / digest[:2]).mkdir(parents=True, exist_ok=True)
        (cache / digest[:2] / digest[2:]).write_bytes(content)
        return digest

    files = sorted((root / "media" / "modes").iterdir())
    tree = [{"md5": put(file.read_bytes()), "relpath": file.name} for file in files]
    digest = put(json.dumps(tree).encode(), ".dir")
    stages = {"render@modes": {"cmd": "true", "outs": [{"path": "media/modes", "hash": "md5", "md5": digest}]}}
    return json.dumps({"schema": "2.0", "stages": stages})  # JSON is YAML


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two commits and a DVC experiment on the second; the first's figures are in the cache, the second's in media/."""
    root = tmp_path_factory.mktemp("made")
    (root / "scores").mkdir(parents=True)
    (root / ".gitignore").write_text("/media/\n/reports/\n", encoding="utf-8")
    git(root, "init", "--quiet", "--initial-branch=main")
    Repo.init(str(root)).close()

    def commit(message: str, **contents: str) -> None:
        for name, content in contents.items():
            file = root / {"params": "params.yaml", "lock": "dvc.lock", "scores": "scores/modes.csv"}[name]
            file.write_text(content, encoding="utf-8")
        git(root, "add", ".")
        git(root, "commit", "--quiet", "--message", message)

    media(root, {"samples": png(10), "ranking": png(20)})
    first = scores(gan=[1.0, 1.1, 1.2, 1.3], gone=[1.0])
    commit("First", params=params("gan", "gone"), scores=first, lock=cached_media(root))
    media(root, {"samples": png(30), "ranking": png(20)})
    second = scores(gan=[3.0, 3.25, 3.0, 3.5])
    commit("<script>alert(1)</script>", params=params("gan", steps=20, note="<i>"), scores=second, lock="")
    commit("Tried", scores=scores(gan=[9.0] * 4))
    tried, base = git(root, "rev-parse", "HEAD"), git(root, "rev-parse", "HEAD~1")
    git(root, "reset", "--quiet", "--hard", "HEAD~1")
    git(root, "update-ref", f"refs/exps/{base[:2]}/{base[2:]}/dusty-song", tried)
    return root


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    """A writable copy of `made`."""
    return Path(shutil.copytree(made, tmp_path / "project"))


def page(project: Path) -> str:
    return (project / "reports" / "compare" / "index.html").read_text(encoding="utf-8")


def test_two_commits(stage: ModuleType, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stage.main("HEAD~1", "HEAD", project)
    assert capsys.readouterr().out.splitlines() == [
        "B is worse in 1 measure and better in none. 3 settings differ. "
        "Both sides have 1 measure (each the mean of a metric over the seeds of an arm): 1 differs "
        "with an interval that excludes 0 (in B 1 worse), none differ with one that does not, none are equal.",
        "Only in A: experiment gone (modes)",
        f"The page: {project / 'reports' / 'compare' / 'index.html'}",
    ]
    html = page(project)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<i>" not in html
    assert git(project, "status", "--porcelain") == ""


def test_stills_come_from_the_cache_by_hash_and_from_the_workspace(stage: ModuleType, project: Path) -> None:
    stage.main("HEAD~1", "workspace", project)
    assets = project / "reports" / "compare" / "assets"
    assert (assets / "modes_samples_a.png").read_bytes() == png(10)
    assert (assets / "modes_samples_b.png").read_bytes() == png(30)
    assert not (assets / "modes_ranking_a.png").exists()
    assert 'alt="A: a &lt;b&gt;"' in page(project)


def test_stills_that_are_nowhere_are_said(stage: ModuleType, project: Path) -> None:
    stage.main("HEAD~1", "HEAD", project)
    assert page(project).count("The figures of modes are neither in media/ nor in DVC&#39;s cache.") == 1
    assert not list((project / "reports" / "compare" / "assets").glob("*.png"))


def test_an_experiment_by_its_name(stage: ModuleType, project: Path) -> None:
    stage.main("HEAD", "dusty-song", project)
    table = (project / "reports" / "compare" / "assets" / "differences.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[:6] for line in table[1:]] == [["modes", "gan", "base", "w2", "3.1875", "9.0"]]


def test_the_workspace_is_read_as_it_stands(stage: ModuleType, project: Path) -> None:
    (project / "scores" / "modes.csv").unlink()
    stage.main("HEAD", "workspace", project)
    assert "<p>modes has no scores.</p>" in page(project)


@pytest.mark.parametrize("name", ["nowhere", "", "--all", "HEAD:scores", "dusty-.*", "a b"])
def test_unknown_revisions_are_one_line(
    stage: ModuleType, project: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry.run(stage.main, ["HEAD", name, project]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"modescope: B={name}: no such revision; allowed: ")
    assert not (project / "reports" / "compare").exists()


def test_a_name_of_several_experiments_asks_for_the_commit(stage: ModuleType, project: Path) -> None:
    git(project, "update-ref", f"refs/exps/{'0' * 2}/{'1' * 38}/dusty-song", "HEAD")
    with pytest.raises(ConfigError, match=r"^A=dusty-song: several experiments .*: [0-9a-f]{10}, [0-9a-f]{10}$"):
        stage.main("dusty-song", "HEAD", project)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("params.yaml", "a: [", "B=HEAD: params.yaml: not valid YAML, line 1"),
        ("params.yaml", None, "B=HEAD: params.yaml: cannot be read"),
        ("scores/modes.csv", "seed\n1\n", "B=HEAD: scores/modes.csv: not a table of scores"),
    ],
)
def test_broken_files_are_one_line(stage: ModuleType, project: Path, file: str, content: str | None, said: str) -> None:
    (project / file).unlink()
    if content is not None:
        (project / file).write_text(content, encoding="utf-8")
    git(project, "commit", "--quiet", "--all", "--message", "Broken")
    with pytest.raises(ConfigError) as caught:
        stage.main("HEAD~1", "HEAD", project)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_a_page_that_cannot_be_written_leaves_the_last_one(
    stage: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.main("HEAD~1", "HEAD", project)
    before = page(project)

    def broken(*arguments: Any) -> Iterator[tuple[str, bytes]]:
        yield "index.html", b"half"
        raise OSError("the disk is full")

    monkeypatch.setattr(stage.page, "files", broken)
    with pytest.raises(OSError, match="full"):
        stage.main("HEAD", "HEAD~1", project)
    assert page(project) == before
    assert [path.name for path in (project / "reports").iterdir()] == ["compare"]


def test_figures_with_odd_names_are_left_out(stage: ModuleType, project: Path) -> None:
    (project / "secret.png").write_bytes(png(1))
    media(project, {"../../secret": png(1), "samples": png(30)})
    stage.main("HEAD~1", "workspace", project)
    assert sorted(p.name for p in (project / "reports" / "compare" / "assets").glob("*.png")) == [
        "modes_ranking_a.png",
        "modes_samples_a.png",
        "modes_samples_b.png",
    ]
