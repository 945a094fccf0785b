"""A params.yaml that DVC's --set-param has written anew is recognised, and what came of the override is said."""

from __future__ import annotations

import subprocess

import pytest
from dvc.utils.hydra import apply_overrides  # what `dvc exp run --set-param` does to the file

from modescope.plan.committed import rewritten

TEXT = """\
effort: 1.0
experiments:
  one: &one {steps: 10, sweep: &few {latent_dim: [1, 2]}, sides: {generator: &adam {rate: 0.1}, other: *adam}}
  two: {<<: *one, seeds: 3}
  three: {<<: *one, sweep: *few}
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    """params.yaml, committed."""
    path = tmp_path / "params.yaml"
    path.write_text(TEXT)
    monkeypatch.delenv("DVC_EXP_BASELINE_REV", raising=False)
    who = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org"]
    for command in (["init", "--quiet"], ["add", "params.yaml"], [*who, "commit", "--quiet", "--message", "Params"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return path


@pytest.mark.parametrize(
    ("override", "differ"),
    [
        ("effort=0.5", "these values differ: effort."),
        ("experiments.two.steps=7", "these values differ: experiments.two.steps."),
        # undone by `three`, which has the old value and is written after `two`
        ("experiments.two.sweep.latent_dim=[3]", "no value differs."),
        # in all that share the mapping
        (
            "experiments.three.sweep.latent_dim=[3]",
            "these values differ: experiments.one.sweep.latent_dim, experiments.",
        ),
    ],
)
def test_an_override_by_dvc_is_told_with_what_it_changed(file, override, differ):
    apply_overrides(file, [override])
    line = rewritten(file)
    assert line.startswith(f"{file}: written anew since the commit, as `dvc exp run --set-param` does: entries now ")
    assert differ in line
    assert "\n" not in line
    assert line.endswith("then `python -m modescope set KEY=VALUE`, changes one entry alone")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("effort: 1.0", "effort: 1.0"),
        ("effort: 1.0", "effort: 0.5"),
        ("steps: 10", "steps: 11"),
        ("two: {<<: *one, seeds: 3}", "two: {<<: *one, seeds: 3, steps: 7}"),
        ("two: {<<: *one, seeds: 3}", "two: {<<: *one, seeds: 3, steps: 10}"),
        ("[1, 2]", "[1"),
    ],
)
def test_an_edit_by_hand_is_not(file, old, new):
    file.write_text(TEXT.replace(old, new))
    assert rewritten(file) is None


def test_without_git_nothing_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "params.yaml").write_text(TEXT)
    assert rewritten(tmp_path / "params.yaml") is None
