"""The pipeline from end to end in copies of the project: what it writes, what it runs again, and that it repeats."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pipeline_copy
import pytest
from dvc.repo import Repo
from pipeline_copy import Copy

from modescope.commands import check
from modescope.store.artifacts import read_npz, sha256

DATASETS = ("eight_gaussians", "spiral")
EXPERIMENTS = {"latent_eight_gaussians": "eight_gaussians", "latent_spiral": "spiral"}
ARMS, SEEDS = ("latent_dim=1", "latent_dim=2"), (0, 1)
DOWNSTREAM = ["evaluate@latent", "render@latent", "report"]
BIGGEST_GIF = 2_000_000
PATIENCE_S = 120.0  # the machine may be busy


def strict_json(path: Path) -> Any:
    """JSON without the NaN and Infinity that Python would let through."""

    def refuse(constant: str) -> None:
        pytest.fail(f"{path} has {constant}")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


# What the stages write


def test_the_page_is_written(finished: Copy) -> None:
    html = finished.root / "reports" / "html"
    assert "latent.html" in (html / "index.html").read_text(encoding="utf-8")
    assert all(name in (html / "latent.html").read_text(encoding="utf-8") for name in EXPERIMENTS)


@pytest.mark.parametrize("name", DATASETS)
def test_data(finished: Copy, name: str) -> None:
    arrays = read_npz(finished.root / "data" / f"{name}.npz")
    for part in ("train", "test"):
        assert arrays[part].dtype == np.float32
        assert arrays[part].shape == (500, 2)
    assert not np.array_equal(arrays["train"], arrays["test"])


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_runs(finished: Copy, name: str) -> None:
    folder, runs = finished.root / "runs" / "latent" / name, len(ARMS) * len(SEEDS)
    arrays = read_npz(folder / "samples.npz")
    assert arrays["samples"].dtype == np.float32
    assert arrays["samples"].shape == (runs, 200, 2)
    assert np.isfinite(arrays["samples"]).all()
    assert arrays["arm"].tolist() == [arm for arm in ARMS for _ in SEEDS]
    assert arrays["seed"].tolist() == [seed for _ in ARMS for seed in SEEDS]
    assert np.issubdtype(arrays["seed"].dtype, np.integer)
    assert len(np.unique(arrays["samples"][:, 0], axis=0)) == runs, "two runs drew the same"
    snapshots = read_npz(folder / "snapshots.npz")
    assert snapshots["samples"].shape == (runs, len(snapshots["step"]), 50, 2)
    history = pd.read_csv(finished.root / "history" / "latent" / f"{name}.csv")
    assert {"arm", "seed", "step", "discriminator_loss", "generator_loss"} <= set(history)
    assert set(zip(history["arm"], history["seed"], strict=True)) == {(arm, seed) for arm in ARMS for seed in SEEDS}
    record = strict_json(folder / "run.json")
    assert record["data_sha256"] == sha256(finished.root / "data" / f"{EXPERIMENTS[name]}.npz")
    assert record["samples_sha256"] == sha256(folder / "samples.npz")
    assert record["steps"] == history["step"].max() == 600


def test_scores(finished: Copy) -> None:
    scores = pd.read_csv(finished.root / "scores" / "latent.csv")
    assert list(scores) == ["study", "experiment", "arm", "seed", "metric", "value"]
    assert set(scores["study"]) == {"latent"}
    assert scores["value"].notna().all()  # infinite is an answer: -log p of a point where p = 0
    for name in EXPERIMENTS:
        mine = scores[scores["experiment"] == name]
        table = mine.pivot(index=["arm", "seed"], columns="metric", values="value")  # refuses a repeated entry
        assert table.index.tolist() == [(arm, seed) for arm in ARMS for seed in SEEDS]
        assert table.notna().all(axis=None), "not every run has every metric"
        assert {"coverage", "mmd2", "w2"} <= set(table)
        assert ("modes_covered" in table) == (name == "latent_eight_gaussians")


def test_floors(finished: Copy) -> None:
    floors = pd.read_csv(finished.root / "scores" / "floors" / "latent.csv")
    assert list(floors) == ["study", "dataset", "repeat", "metric", "value"]
    assert set(zip(floors["dataset"], floors["repeat"], strict=True)) == {(d, r) for d in DATASETS for r in range(2)}


def test_metrics(finished: Copy) -> None:
    nested = strict_json(finished.root / "metrics.json")
    assert list(nested) == ["latent", "sampling"]
    for study, metric in (("latent", "coverage"), ("sampling", "ks")):
        scores = pd.read_csv(finished.root / "scores" / f"{study}.csv")
        means = scores[scores["metric"] == metric].groupby("experiment")["value"].mean().to_dict()
        assert nested[study][metric] == pytest.approx(means, abs=5e-5)
        assert nested[study]["diverged"] == 0
        assert sum(nested[study]["claims"].values()) > 0


def test_verdicts_are_the_claims_that_metrics_count(finished: Copy) -> None:
    table = pd.read_csv(finished.root / "verdicts.csv", dtype=str, keep_default_na=False)
    counted = table.groupby(["study", "verdict"]).size().to_dict()
    for study, found in strict_json(finished.root / "metrics.json").items():
        assert {v: counted.get((study, v), 0) for v in found["claims"]} == found["claims"]
    assert not table.duplicated(["study", "key"]).any()


def test_every_table_is_beside_the_page(finished: Copy) -> None:
    html = finished.root / "reports" / "html"
    pages = "".join(page.read_text(encoding="utf-8") for page in html.glob("*.html"))
    linked = set(re.findall(r'href="((?:assets|data)/[^"]+\.csv)"', pages))
    assert linked
    described = json.loads((html / "data" / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    linked |= {f"data/{table['path']}" for table in described}
    assert linked == {path.relative_to(html).as_posix() for path in html.rglob("*.csv")}
    for path in linked:
        assert len(pd.read_csv(html / path)), f"{path} is empty"


def test_every_animation_is_small_and_has_a_still(finished: Copy) -> None:
    for folder in (finished.root / "media", finished.root / "reports" / "html" / "assets"):
        animations = list(folder.rglob("*.gif"))
        assert animations
        for path in animations:
            assert path.stat().st_size <= BIGGEST_GIF, f"{path.name} is too big"
            assert path.with_suffix(".png").is_file(), f"{path.name} has no still"


def test_no_output_says_where_or_when_it_was_made(finished: Copy) -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (finished.root / "src").rglob("*.py"))
    places = [str(finished.root), str(finished.root.resolve()), str(pipeline_copy.ROOT / "src")]
    hosts = [host for host in {socket.gethostname(), socket.gethostname().split(".")[0]} if host not in sources]
    days = {date.today(), datetime.now(UTC).date()}
    moments = [
        day.strftime(form) for day in days for form in ("%Y-%m-%d", "%d %b %Y", "%b %d %Y", "%d %B %Y", "%Y%m%d")
    ]
    words = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in (*hosts, *moments)))
    for name, (_, content) in finished.outputs().items():
        assert not [place for place in places if place.encode() in content], name
        if name.endswith((".json", ".csv", ".html", ".css", ".js")):
            assert not words.findall(content.decode("utf-8")), name
    assert not words.findall((finished.root / "dvc.lock").read_text(encoding="utf-8"))


# What runs again


def test_edited_scores_of_an_extra_concern_the_page_alone(changed: Copy) -> None:
    folder, page = changed.root / "extra" / "long", changed.root / "reports" / "html" / "latent.html"
    assert "<code>extra/long</code>" in page.read_text(encoding="utf-8")
    scores = (folder / "scores" / "latent.csv").read_text(encoding="utf-8")
    (folder / "scores" / "latent.csv").write_text(scores.replace("0.32", "0.29"), encoding="utf-8")
    before = page.read_bytes()
    assert changed.repro() == ["report"]
    assert page.read_bytes() != before
    # What an extra trains, beside what git keeps, is not looked at.
    for place in ("runs/latent/x/run.json", "scores/progress/latent.csv", "media/latent/figures.json"):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).touch()
    outputs = changed.outputs()
    assert changed.repro() == []
    assert changed.outputs() == outputs


@pytest.fixture(scope="module")
def lent(finished: Copy, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A finished copy for tests that undo what they change."""
    return pipeline_copy.duplicate(finished, tmp_path_factory.mktemp("lent") / "copy")


@contextmanager
def undone(path: Path) -> Iterator[None]:
    """Within the block the file may be changed."""
    before = path.read_bytes()
    try:
        yield
    finally:
        path.write_bytes(before)


SOURCES = Path("src", "modescope")
EVALUATE = ["evaluate@latent", "evaluate@sampling"]
RENDER = ["render@latent", "render@sampling"]
TRAIN = [f"train@{name}" for name in EXPERIMENTS]


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("variants/gan.py", ["check", "trainings", *TRAIN]),
        ("variants/wgan.py", ["check", "trainings"]),  # used by no experiment
        ("datasets/spiral.py", ["check", "dataset@spiral", "sample@sampling_inverse", *EVALUATE, *RENDER, "report"]),
        ("samplers/inverse_transform.py", ["check", "sample@sampling_inverse", *RENDER, "report"]),
        ("classifiers/training.py", ["check", "classifier@few_digits", *EVALUATE, *RENDER, "report"]),
        ("metrics/prdc.py", ["check", *EVALUATE, *RENDER, "report"]),
        ("studies/latent/__init__.py", ["check", "render@latent", "report"]),
        ("figures/stills.py", ["check", *RENDER, "report"]),
        ("report/tables.py", ["report"]),
        ("evaluation.py", EVALUATE),
        # The stages that make the two digests; the trainings or datasets follow once they have run.
        ("networks/dense.py", ["check", "training_code"]),
        ("engine/training.py", ["training_code"]),
        (
            "datasets/common/mixture.py",
            ["check", "dataset_code", "sample@sampling_inverse", *EVALUATE, *RENDER, "report"],
        ),
        ("queue/pools.py", ["trainings"]),  # which then finds nothing to train
        # Used by no stage.
        ("commands/list.py", []),
        ("compare/view.py", []),
    ],
)
def test_an_edited_file_concerns_the_stages_that_use_it(lent: Copy, file: str, expected: list[str]) -> None:
    path = lent.root / SOURCES / file
    with undone(path):
        path.write_bytes(path.read_bytes() + b"# touched\n")
        assert concerned(lent) == set(expected)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("effort", 0.2, ["trainings", *TRAIN, *EVALUATE, *RENDER, "report"]),
        ("evaluation.floor_repeats", 3, [*EVALUATE, *RENDER, "report"]),
        ("experiments.latent_spiral.steps", 7, ["trainings", "train@latent_spiral", *DOWNSTREAM]),
        ("samplers.sampling_inverse.seeds", 3, ["sample@sampling_inverse", EVALUATE[1], RENDER[1], "report"]),
        ("classifiers.few_digits.steps", 30, ["classifier@few_digits", EVALUATE[1], RENDER[1], "report"]),
        ("datasets.spiral.n_train", 600, ["dataset@spiral", "evaluate@latent", "render@latent", "report"]),
        ("metrics.prdc", {"k": 4}, [*EVALUATE, *RENDER, "report"]),
        ("studies.latent.title", "Another", ["evaluate@latent", "render@latent", "report"]),
    ],
)
def test_an_edited_entry_concerns_its_own_stages(lent: Copy, path: str, value: Any, expected: list[str]) -> None:
    with lent.inside():
        with undone(lent.root / "params.yaml"):
            params = lent.params()
            _set(path, value)(params)
            lent.write_params(params)
            assert concerned(lent) == {"check"}
            check.main(["--plan", "plan"])  # as the stage does, with the same code
            assert concerned(lent) == {"check", *expected}
        check.main(["--plan", "plan"])


def test_a_changed_network_trains_everything_again(changed: Copy) -> None:
    with (changed.root / SOURCES / "networks" / "dense.py").open("a", encoding="utf-8") as code:
        code.write("# touched\n")
    with changed.inside():
        check.main(["--plan", "plan"])
        pipeline_copy.stage("digest").main("training_code")
        assert sorted(pipeline_copy.stage("trainings").unknown(changed.root)) == sorted(EXPERIMENTS)
    # The same samples come out, as where a stage trains alone; so nothing after the trainings will run.
    assert concerned(changed) == {"check", "training_code", "trainings", *TRAIN}


def concerned(copy: Copy) -> set[str]:
    """The stages of which a dependency differs from dvc.lock, as `dvc status` says, without a process of its own."""
    with copy.inside(), Repo() as repo:
        return set(repo.status())


# What stops it


def _set(path: str, value: Any) -> Callable[[Any], None]:
    def change(params: Any) -> None:
        *parents, last = path.split(".")
        for parent in parents:
            params = params[parent]
        params[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "line"),
    [
        pytest.param(
            _set("experiments.latent_spiral.steps", -3),
            r"^modescope: experiments\.latent_spiral\.steps: -3: .*greater than or equal to 1$",
            id="value",
        ),
        # dvc.yaml cannot even be read without it: the line is DVC's.
        pytest.param(
            lambda params: params["experiments"]["latent_spiral"].pop("variant"),
            r"^ERROR: .*train@latent_spiral.*Could not find 'item\.variant'",
            id="missing-key",
        ),
    ],
)
def test_bad_params_stop_before_anything_is_touched(changed: Copy, change: Callable[[Any], None], line: str) -> None:
    params, before = changed.params(), changed.outputs()
    change(params)
    changed.write_params(params)
    done = changed.dvc("repro")
    assert done.returncode != 0
    assert len(re.findall(line, done.stdout, flags=re.MULTILINE)) == 1, done.stdout
    assert "Traceback" not in done.stdout
    assert changed.outputs() == before


# What it repeats


def _until(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait for something that the pipeline does."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert process.poll() is None, "dvc repro ended too early"
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _running(pid: int) -> bool:
    """Whether a process still does something; unknown, so False, on a system without /proc."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _none_is_left(copy: Copy) -> bool:
    deadline, pids = time.monotonic() + PATIENCE_S, {note.pid for note in copy.notes()}
    while any(map(_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(pids) and not any(map(_running, pids))


def test_stopped_and_killed_on_one_core_it_ends_in_the_same_lock(finished: Copy, tmp_path: Path) -> None:
    """Ctrl-C while the queue trains, then DVC alone killed; then to the end: the same bytes. `make soak` does more."""
    copy = pipeline_copy.clone(finished, tmp_path / "cold")
    one_core = ["taskset", "-c", str(min(os.sched_getaffinity(0)))] if shutil.which("taskset") else []
    store, started = copy.root / ".checkpoints", [copy.start(*one_core)]

    def checkpoints() -> set[str]:
        return {path.name for path in store.glob("*.pt")}

    def read() -> set[str]:
        notes = [note.what for note in copy.notes() if note.stage == "trainings" and note.kind == "read"]
        return {Path(what).name for what in notes if what.startswith(".checkpoints/")}

    try:
        saved: set[str] = set()
        for _ in range(3):  # a task may end between the look at its checkpoint and the signal
            _until(lambda: bool(checkpoints()), started[-1])
            os.killpg(started[-1].pid, signal.SIGINT)
            assert started[-1].wait(PATIENCE_S) != 0
            assert _none_is_left(copy), "a process outlives Ctrl-C"
            saved = checkpoints()
            if saved:
                break
            started.append(copy.start(*one_core))
        assert saved
        assert not (copy.root / "runs").exists()
        said = (tmp_path / "cold.log").read_text(encoding="utf-8")
        assert said.count("modescope: stopped by Ctrl-C; ") == len(started)
        assert "Traceback" not in said

        started.append(copy.start(*one_core))
        _until(lambda: saved <= read(), started[-1])  # it continues from what was saved
        started[-1].kill()
        started[-1].wait(PATIENCE_S)
        assert _none_is_left(copy), "a process outlives DVC"
        before = len(copy.notes())

        started.append(copy.start(*one_core))
        assert started[-1].wait(2 * PATIENCE_S) == 0, (tmp_path / "cold.log").read_text(encoding="utf-8")
        again = {note.stage for note in copy.notes()[before:] if note.what == "torch"}
        assert again <= {"trainings", "classifier@few_digits"}, "something was trained outside the queue"
    finally:
        for process in started:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    assert not store.exists()
    contents, expected_contents = ({k: v for k, (_, v) in c.outputs().items()} for c in (copy, finished))
    assert [name for name in expected_contents if contents.get(name) != expected_contents[name]] == []
    assert (copy.root / "dvc.lock").read_bytes() == (finished.root / "dvc.lock").read_bytes()
