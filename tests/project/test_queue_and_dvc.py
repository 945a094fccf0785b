"""The queue of trainings under DVC: whatever DVC has, in the workspace or in its cache, is not trained again."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pipeline_copy
import pytest
from pipeline_copy import ROOT, Copy
from ruamel.yaml import YAML

from modescope import variants
from modescope.commands import check

QUEUED = "experiments to train: "
DOWNSTREAM = ["evaluate@latent", "render@latent", "report"]


def succeeded(copy: Copy, *arguments: str) -> str:
    done = copy.dvc(*arguments)
    assert done.returncode == 0, done.stdout
    return done.stdout


def with_torch(copy: Copy, since: int) -> set[str]:
    """The stages that have imported PyTorch since that many notes."""
    return {note.stage for note in copy.notes()[since:] if (note.kind, note.what) == ("package", "torch")}


def lock_of_scores(copy: Copy) -> Any:
    """What dvc.lock says of the stage that depends on the folder of all runs."""
    return YAML(typ="safe", pure=True).load(copy.root / "dvc.lock")["stages"]["evaluate@latent"]


def samples(copy: Copy) -> bytes:
    return (copy.root / "runs" / "latent" / "latent_spiral" / "samples.npz").read_bytes()


def test_edited_and_new_experiments_train_a_crash_costs_itself_alone_and_a_return_nothing(
    changed: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    params, before = changed.params(), changed.outputs()
    written, locked = (changed.root / "params.yaml").read_bytes(), lock_of_scores(changed)
    params["experiments"]["latent_again"] = dict(params["experiments"]["latent_eight_gaussians"])
    params["experiments"]["latent_spiral"] |= {"steps": 2000, "variant": "broken"}
    changed.write_params(params)

    # A variant that cannot even be imported is refused before anything is trained.
    broken = changed.root / "src" / "modescope" / "variants" / "broken.py"
    source = (broken.parent / "gan.py").read_text(encoding="utf-8").replace("class GAN", "class Broken")
    broken.write_text(source + "\n\n1 / 0\n", encoding="utf-8")
    monkeypatch.setattr(variants, "__path__", [*variants.__path__, str(broken.parent)])
    with changed.inside(), pytest.raises(ZeroDivisionError):
        check.main(["--plan", "plan"])

    # A crash while it trains: the other training ends, and no further stage runs.
    at_work = source.replace("        logits = ", "        1 / 0\n        logits = ", 1)
    assert at_work != source
    broken.write_text(at_work, encoding="utf-8")
    done = changed.dvc("repro", "report")
    assert done.returncode != 0
    line = "modescope: latent_spiral: ZeroDivisionError: division by zero; the other trainings go on"
    assert line in done.stdout
    assert "modescope: crashed: 1" in done.stdout
    assert pipeline_copy.ran(done.stdout)[-1] == "trainings"

    # What was trained beside the crash is not trained again.
    broken.write_text(source, encoding="utf-8")
    since = len(changed.notes())
    said = succeeded(changed, "repro")
    trained = ["train@latent_again", "train@latent_spiral"]
    assert sorted(pipeline_copy.ran(said)) == sorted(["check", "trainings", *trained, *DOWNSTREAM])
    assert f"{QUEUED}1;" in said
    assert with_torch(changed, since) <= {"check", "trainings"}
    after = changed.outputs()
    kept = [name for name in before if name.startswith(("data/", "runs/latent/latent_eight_gaussians/"))]
    assert kept
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert json.loads(after["runs/latent/latent_spiral/run.json"][1])["steps"] == 200
    experiments = {"latent_eight_gaussians", "latent_again", "latent_spiral"}
    assert set(pd.read_csv(changed.root / "scores" / "latent.csv")["experiment"]) == experiments
    # An experiment's name is part of its seeds: the same settings twice are more seeds, not the same runs.
    again, first = (after[f"runs/latent/{name}/samples.npz"][1] for name in ("latent_again", "latent_eight_gaussians"))
    assert again != first

    # Back to what was: one experiment is gone with all that it left, the other is as it was, and nothing trains.
    broken.unlink()
    (changed.root / "params.yaml").write_bytes(written)
    since = len(changed.notes())
    said = succeeded(changed, "repro")
    assert pipeline_copy.ran(said) == ["check", "trainings", "train@latent_spiral", *DOWNSTREAM]
    assert QUEUED not in said
    assert with_torch(changed, since) <= {"check"}
    contents, expected = ({name: content for name, (_, content) in c.items()} for c in (changed.outputs(), before))
    assert contents == expected
    assert lock_of_scores(changed) == locked


def test_an_experiment_in_a_temporary_copy_trains_what_changed_alone(changed: Copy) -> None:
    pipeline_copy.git(changed, "add", "--all")
    pipeline_copy.git(changed, "commit", "--quiet", "--message", "Results")
    changes = ["--set-param", "experiments.latent_spiral.steps=50"]
    said = succeeded(changed, "exp", "run", "--temp", *changes, "train@latent_spiral")
    assert f"{QUEUED}1;" in said
    assert "Stage 'train@latent_spiral' is cached" not in said
    others = {stage for stage in pipeline_copy.ran(said) if stage.startswith("train@")} - {"train@latent_spiral"}
    assert all(f"Stage '{stage}' is cached" in said for stage in others)


def test_after_a_pull_nothing_is_trained(changed: Copy, tmp_path: Path) -> None:
    for command in (["remote", "add", "--default", "store", str(tmp_path / "remote")], ["push", "--quiet"]):
        succeeded(changed, *command)
    pipeline_copy.git(changed, "add", "--all")
    pipeline_copy.git(changed, "commit", "--quiet", "--message", "Results")
    clone = pipeline_copy.clone(changed, tmp_path / "clone")
    succeeded(clone, "pull", "--quiet")
    assert clone.repro() == []
    params = clone.params()
    params["experiments"]["latent_spiral"]["steps"] = 50
    clone.write_params(params)
    with clone.inside():
        check.main(["--plan", "plan"])
        assert pipeline_copy.stage("trainings").unknown(clone.root) == ["latent_spiral"]


def test_a_stage_alone_trains_itself(changed: Copy) -> None:
    first = samples(changed)
    shutil.rmtree(changed.root / "runs" / "latent" / "latent_spiral")
    assert not (changed.root / ".checkpoints").exists()  # whence it would take what the queue has trained
    said = succeeded(changed, "repro", "-s", "-f", "train@latent_spiral")  # -f: DVC has its outputs in the cache
    assert pipeline_copy.ran(said) == ["train@latent_spiral"]
    assert samples(changed) == first


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
