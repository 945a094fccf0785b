"""The queue of trainings under DVC: whatever DVC has, in the workspace or in its cache, is not trained again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pipeline_copy
import pytest
from pipeline_copy import ROOT, Copy

QUEUED = "experiments to train: "


def edited(copy: Copy, **changes: object) -> None:
    """Change latent_spiral in params.yaml."""
    params = copy.params()
    params["experiments"]["latent_spiral"] |= changes
    copy.write_params(params)


def succeeded(copy: Copy, *arguments: str) -> str:
    done = copy.dvc(*arguments)
    assert done.returncode == 0, done.stdout
    return done.stdout


def with_torch(copy: Copy, since: int) -> set[str]:
    """The stages that have imported PyTorch since that many notes."""
    return {note.stage for note in copy.notes()[since:] if (note.kind, note.what) == ("package", "torch")}


def samples(copy: Copy) -> bytes:
    return (copy.root / "runs" / "latent" / "latent_spiral" / "samples.npz").read_bytes()


def test_a_return_to_earlier_settings_trains_nothing(changed: Copy) -> None:
    first = samples(changed)
    edited(changed, steps=50)
    assert f"{QUEUED}1;" in succeeded(changed, "repro", "train@latent_spiral")
    assert samples(changed) != first
    edited(changed, steps=6000)
    before = len(changed.notes())
    said = succeeded(changed, "repro", "train@latent_spiral")
    assert pipeline_copy.ran(said) == ["check", "trainings", "train@latent_spiral"]
    assert QUEUED not in said
    assert with_torch(changed, before) <= {"check"}
    assert samples(changed) == first


def test_an_experiment_in_a_temporary_copy_trains_what_changed_alone(changed: Copy) -> None:
    pipeline_copy.git(changed, "add", "--all")
    pipeline_copy.git(changed, "commit", "--quiet", "--message", "Results")
    changes = ["--set-param", "experiments.latent_spiral.steps=50"]
    said = succeeded(changed, "exp", "run", "--temp", *changes, "train@latent_spiral")
    assert f"{QUEUED}1;" in said
    assert "Stage 'train@latent_spiral' is cached" not in said
    others = {stage for stage in pipeline_copy.ran(said) if stage.startswith("train@")} - {"train@latent_spiral"}
    assert all(f"Stage '{stage}' is cached" in said for stage in others)


def test_a_value_that_is_set_reaches_one_experiment_alone(changed: Copy) -> None:
    # By an alias and << both experiments share the mapping; DVC's --set-param would change it for both.
    before = changed.params()["experiments"]
    command = [sys.executable, "-m", "modescope", "set", "experiments.latent_spiral.sweep.latent_dim=[1]"]
    subprocess.run(command, cwd=changed.root, env=changed.environment, check=True)
    said = succeeded(changed, "exp", "run", "check")
    assert "written anew since the commit" not in said
    wanted = {"latent_eight_gaussians": before["latent_eight_gaussians"]["sweep"], "latent_spiral": {"latent_dim": [1]}}
    pages = {path.stem: json.loads(path.read_text()) for path in (changed.root / "plan" / "train").glob("*.json")}
    assert {name: page["experiment"]["sweep"] for name, page in pages.items()} == wanted


def test_after_a_pull_nothing_is_trained(changed: Copy, tmp_path: Path) -> None:
    for command in (["remote", "add", "--default", "store", str(tmp_path / "remote")], ["push", "--quiet"]):
        succeeded(changed, *command)
    pipeline_copy.git(changed, "add", "--all")
    pipeline_copy.git(changed, "commit", "--quiet", "--message", "Results")
    clone = pipeline_copy.clone(changed, tmp_path / "clone")
    succeeded(clone, "pull", "--quiet")
    assert clone.repro() == []
    edited(clone, steps=50)
    said = succeeded(clone, "repro", "train@latent_spiral")
    assert pipeline_copy.ran(said) == ["check", "trainings", "train@latent_spiral"]
    assert f"{QUEUED}1;" in said


def test_a_stage_alone_trains_itself(changed: Copy) -> None:
    first, before = samples(changed), len(changed.notes())
    succeeded(changed, "repro", "--force", "--single-item", "train@latent_spiral")
    assert with_torch(changed, before) == {"train@latent_spiral"}
    assert samples(changed) == first


def test_a_crash_stops_the_run_after_the_others_and_the_next_call_trains_the_rest(changed: Copy) -> None:
    broken = changed.root / "src" / "modescope" / "variants" / "broken.py"
    source = (broken.parent / "gan.py").read_text(encoding="utf-8").replace("class GAN", "class Broken")
    broken.write_text(source.replace('"""G minimises', '"""G minimises', 1) + "\n\n1 / 0\n", encoding="utf-8")
    edited(changed, variant="broken")
    done = changed.dvc("repro", "--single-item", "check")
    assert done.returncode != 0  # a variant that cannot even be imported is refused before anything is trained
    at_work = source.replace("        logits = ", "        1 / 0\n        logits = ", 1)
    assert at_work != source
    broken.write_text(at_work, encoding="utf-8")
    params = changed.params()
    params["experiments"]["latent_eight_gaussians"]["steps"] = 50
    changed.write_params(params)
    done = changed.dvc("repro", "report")
    assert done.returncode != 0
    line = "modescope: latent_spiral: ZeroDivisionError: division by zero; the other trainings go on"
    assert line in done.stdout
    assert "modescope: crashed: 1" in done.stdout
    assert pipeline_copy.ran(done.stdout)[-1] == "trainings"

    broken.write_text(source, encoding="utf-8")
    before = len(changed.notes())
    said = succeeded(changed, "repro", "train@latent_eight_gaussians", "train@latent_spiral")
    assert f"{QUEUED}1;" in said, "what was trained beside the crash was trained again"
    assert with_torch(changed, before) <= {"check", "trainings"}


@pytest.mark.parametrize(("given", "expected"), [("3", "3"), ("", "")])
def test_make_passes_jobs_on(given: str, expected: str) -> None:
    command = ["make", "--silent", "--no-print-directory", "--eval", "show: ; @echo $$MODESCOPE_JOBS", "show"]
    done = subprocess.run(
        [*command, *([f"JOBS={given}"] if given else [])],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"},
        text=True,
        capture_output=True,
        check=True,
    )
    assert done.stdout.strip() == expected
