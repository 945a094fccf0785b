"""Every part of `python -m benchmarks` at a tiny scale, what it leaves, and what it never touches."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks import __main__ as program  # noqa: E402
from benchmarks import cold, results, schedule, scratch, timeline  # noqa: E402
from benchmarks.row import Row  # noqa: E402

from modescope.params import config, reading  # noqa: E402

COLUMNS = ["part", "name", "ours", "reference", "ratio", "unit", "machine"]
# What `dvc repro` prints, shortened, with the seconds at which the lines came.
PRINTED = [
    (1.0, "Running stage 'check':"),
    (1.0, "> sh stages/python.sh -m modescope check --plan plan"),
    (3.0, "params.yaml: valid; 2 experiments in 1 study"),
    (3.5, timeline.ENDED),
    (4.0, "Updating lock file 'dvc.lock'"),
    (4.0, ""),
    (5.0, "'own.dvc' didn't change, skipping"),
    (5.0, "Running stage 'dataset_code':"),
    (6.0, timeline.ENDED),
    (6.5, "Running stage 'train@latent_spiral':"),
    (16.5, timeline.ENDED),
    (17.0, "Running stage 'train@latent_ring':"),  # its end is missing
    (20.0, "Running stage 'report':"),
    (21.0, timeline.ENDED),
    (22.0, "Use `dvc push` to send your updates to remote storage."),
]


def content(root: Path) -> dict[str, bytes]:
    """Path -> content of every file, but of git's and DVC's own and of compiled modules."""
    own = {".git", ".dvc", "__pycache__"}
    files = (path for path in root.rglob("*") if path.is_file())
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in files if not own & {*p.relative_to(root).parts}}


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """All parts at the tiny scale in a copy of the checkout, whose results are as always in benchmarks/."""
    folder = tmp_path_factory.mktemp("bench")
    project = scratch.copied(folder / "checkout")
    shutil.copytree(ROOT / "benchmarks", project.root / "benchmarks", ignore=scratch.IGNORED, dirs_exist_ok=True)
    for name in ("results.csv", "results.md"):
        (project.root / "benchmarks" / name).unlink(missing_ok=True)
    before, temporary = content(project.root), folder / "temporary"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--smoke", "--results", "benchmarks", *program.PARTS],
        cwd=project.root,
        env=project.environment | {"PYTHONPATH": str(project.root / "src"), "TMPDIR": str(temporary)},
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(project.root / "benchmarks" / "results.csv")
    after, left = content(project.root), list(temporary.glob("modescope_bench_*"))
    return SimpleNamespace(before=before, after=after, left=left, table=table, printed=done.stdout)


@pytest.mark.parametrize("part", program.PARTS)
def test_a_part_gives_finite_positive_numbers(smoke, part):
    rows = smoke.table[smoke.table["part"] == part]
    assert len(rows)
    assert rows["name"].is_unique
    for column in ("ours", "reference", "ratio"):
        assert all(math.isfinite(value) and value >= 0 for value in rows[column])
    assert (rows["ours"] > 0).sum() >= len(rows) - 1  # a rest may be zero
    assert (rows["reference"] > 0).all()


def test_the_table_has_its_columns_and_names_the_processor_alone(smoke):
    assert list(smoke.table.columns) == COLUMNS
    assert set(smoke.table["machine"]) == {results.machine()}


def test_every_row_is_printed_and_stands_on_the_page(smoke):
    page = smoke.after["benchmarks/results.md"].decode()
    assert page.startswith(f"# {results.machine()}, ")
    for name in smoke.table["name"]:
        assert name in smoke.printed
        assert f"| {name} |" in page


def test_shares_of_the_cold_run_add_up(smoke):
    rows = smoke.table[smoke.table["part"] == "cold"]
    shares = rows[rows["name"].str.endswith("share of the whole")]
    assert len(shares) > 4
    assert shares["ratio"].sum() == pytest.approx(1, rel=1e-2)


def test_a_schedule_gives_each_task_to_the_worker_that_is_free_first():
    # 5 | 4, then 3 goes to the second, 3 to the first: 8 | 7
    assert schedule.makespan([5, 4, 3, 3], 2) == 8
    assert schedule.makespan([5, 4, 3, 3], 1) == 15
    assert schedule.makespan([5, 4, 3, 3], 64) == 5


def test_nothing_else_is_written(smoke):
    written = {path for path in smoke.before | smoke.after if smoke.before.get(path) != smoke.after.get(path)}
    assert written == {"benchmarks/results.csv", "benchmarks/results.md"}
    assert not smoke.left


@pytest.fixture
def parts(monkeypatch):
    """Two parts in place of the real ones: the second one fails after its first row."""

    def bad(scale):
        yield Row("half", 1.0, 1.0, 1.0, "s")
        raise RuntimeError("no\nluck")

    found = {"good": lambda scale: iter([Row("one", 2.0, 1.0, 2.0, "s")]), "bad": bad}
    monkeypatch.setattr(program, "PARTS", dict.fromkeys(found, "words"))
    for name, rows in found.items():
        monkeypatch.setitem(sys.modules, f"benchmarks.{name}", SimpleNamespace(rows=rows))
    return found


def test_a_part_that_fails_is_told_in_one_line_and_costs_no_other_part(parts, tmp_path, capsys):
    assert program.main(["bad", "good", "--results", str(tmp_path)]) == 1
    assert "bad failed: RuntimeError: no luck\n" in capsys.readouterr().err
    assert pd.read_csv(tmp_path / "results.csv")["part"].tolist() == ["good"]


def test_a_part_replaces_its_own_rows_alone(parts, tmp_path):
    results.save(tmp_path, "other", [Row("kept", 1.0, 2.0, 0.5, "s")])
    results.save(tmp_path, "good", [Row("gone", 1.0, 2.0, 0.5, "s")])
    assert program.main(["good", "--results", str(tmp_path)]) == 0
    assert pd.read_csv(tmp_path / "results.csv")["name"].tolist() == ["kept", "one"]


def test_a_smoke_run_writes_nothing_unless_told_where(parts, tmp_path, monkeypatch):
    monkeypatch.setattr(program, "HERE", tmp_path)
    assert program.main(["good", "--smoke"]) == 0
    assert not list(tmp_path.iterdir())


def test_an_unknown_part_is_refused_with_the_names_there_are(capsys):
    with pytest.raises(SystemExit):
        program.main(["engines"])
    line = capsys.readouterr().err
    assert line.startswith("benchmarks: 'engines' is no part; allowed: engine, variants")
    assert line.endswith("; `python -m benchmarks --help` says more\n")


def test_the_cold_run_must_be_asked_for():
    assert set(program.PARTS) - set(program.BY_DEFAULT) == {"cold"}


def test_a_timeline_is_read_from_what_dvc_prints():
    found = timeline.read(PRINTED, 23.0)
    assert found.stages == {
        "check": 2.5,
        "dataset_code": 1.0,
        "train@latent_spiral": 10.0,
        "train@latent_ring": 3.0,
        "report": 1.0,
    }
    assert timeline.shares(found) == {
        "check and code (2)": 3.5,
        "train (2)": 13.0,
        "report (1)": 1.0,
        "DVC around the commands": 5.5,
    }


def test_arithmetic_of_a_run_by_hand(tmp_path):
    (tmp_path / "params.yaml").write_text(scratch.TINY, encoding="utf-8")
    params = config.Params.model_validate(reading.read(tmp_path / "params.yaml"))
    # Two arms with z in d dimensions, two seeds, a tenth of 1,000 steps. A step in multiply-adds, for 32 points: D sees
    # real and generated points (forwards, both gradients but for the points), G's forwards; then G's step through D.
    d_layers, d_first = 2 * 16 + 16, 2 * 16
    steps = 0
    for d in (1, 2):
        g_layers, g_first = d * 16 + 16 * 2, d * 16
        steps += 32 * (g_layers + 2 * (3 * d_layers - d_first) + (3 * g_layers - g_first) + 2 * d_layers)
    assert cold.arithmetic(params, params.experiments["latent_spiral"]) == pytest.approx(2 * steps * 2 * 100 / 1e9)


def test_a_generated_project_has_as_many_experiments_as_asked_for(tmp_path):
    (tmp_path / "params.yaml").write_text(scratch.generated(5), encoding="utf-8")
    params = config.Params.model_validate(reading.read(tmp_path / "params.yaml"))
    assert len(params.experiments) == 5
    assert len({entry.model_dump_json() for entry in params.experiments.values()}) == 5
