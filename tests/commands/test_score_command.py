"""`modescope score`: files in, a table or JSON out, each metric beside its floor; limits for scripts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modescope
from modescope import datasets
from modescope.__main__ import main
from modescope.commands.score import SIDES
from modescope.metrics.modes import Modes
from modescope.metrics.moments import Moments
from modescope.seeding import stream

ROOT = Path(__file__).resolve().parents[2]
RING = datasets.build({"kind": "ring", "n_modes": 8, "radius": 1.0, "std": 0.05})


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """400 real points, 300 generated ones on half of the ring, and the centres."""
    rng = np.random.default_rng(0)
    np.save(tmp_path / "real.npy", RING.sample(400, rng))
    fake = RING.sample(800, rng)
    np.save(tmp_path / "fake.npy", fake[fake[:, 0] > 0.2][:300])
    centres = RING.centres
    assert centres is not None
    rows = "\n".join(f"{x!r},{y!r}" for x, y in centres.tolist())
    (tmp_path / "centres.csv").write_text(f"x,y\n{rows}\n", encoding="utf-8")
    return tmp_path


def score(files: Path, *more: str) -> list[str]:
    return ["score", "--real", str(files / "real.npy"), "--fake", str(files / "fake.npy"), *more]


def with_modes(files: Path) -> list[str]:
    return ["--centres", str(files / "centres.csv"), "--std", "0.05"]


def scored(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> dict[str, Any]:
    """What it prints as JSON, but for how the files were understood."""
    assert main([*arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    del found["taken"]
    return found


def test_the_scores_are_those_of_the_pipeline(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = scored(capsys, score(files, *with_modes(files), "--metrics", "modes,moments"))
    assert found["points"] == 200  # half of the real points: the floor compares the two halves
    rng = stream("score", 0)
    real, fake = (rng.permutation(np.load(files / name))[:200] for name in ("real.npy", "fake.npy"))
    expected = Moments().score(real, fake, RING, rng) | Modes().score(real, fake, RING, rng)
    assert {name: entry["value"] for name, entry in found["metrics"].items()} == pytest.approx(expected)
    hit = found["metrics"]["modes_hit"]
    assert (hit["value"], hit["floor_low"], hit["floor"], hit["floor_high"]) == (3, 8, 8, 8)
    assert (hit["label"], hit["better"]) == ("Modes hit", "higher")


def test_the_same_seed_gives_the_same_and_the_floor_is_between_its_ends(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = score(files, "--metrics", "distances,prdc,moments,divergence", "--repeats", "3")
    first, again = scored(capsys, chosen), scored(capsys, chosen)
    assert first == again
    assert first != scored(capsys, [*chosen, "--seed", "1"])
    for entry in first["metrics"].values():
        assert entry["floor_low"] <= entry["floor"] <= entry["floor_high"]
    for name in ("coverage", "recall"):  # half of the ring is lost
        assert first["metrics"][name]["value"] < first["metrics"][name]["floor_low"]
    assert first["metrics"]["w2"]["value"] > first["metrics"]["w2"]["floor_high"]


def test_without_a_choice_all_families_that_apply_are_measured(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = scored(capsys, score(files, "--points", "50", "--repeats", "1"))
    assert found["points"] == 50
    assert {"mmd2", "sliced_w2", "kl_qp", "coverage", "mean_error"} <= set(found["metrics"])
    assert not set(Modes.about) & set(found["metrics"])


def test_the_table_has_a_line_a_metric(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(score(files, *with_modes(files), "--metrics", "modes")) == 0
    first, *rows = capsys.readouterr().out.splitlines()
    assert first.split() == ["metric", "value", "floor", "better"]
    shown = [
        name for name in Modes.about if name not in {"modes_resolved", "resolved_fraction"}
    ]  # for sharp modes alone
    assert [row.split()[0] for row in rows[: len(shown)]] == shown
    assert rows[2].split() == ["modes_hit", "3", "8", "[8,", "8]", "higher", "Modes", "hit"]
    assert rows[-1].startswith("200 points a side. Floor: ")


def test_infinities_are_strict_json(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(files / "fake.npy", np.full((300, 2), 9.0))
    found = scored(capsys, score(files, *with_modes(files), "--metrics", "modes"))
    assert found["metrics"]["mode_kl"]["value"] == "inf"


def test_tables_and_archives_are_read_as_well(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = scored(capsys, score(files, "--metrics", "moments"))
    for part in ("real", "fake"):
        points = np.load(files / f"{part}.npy")
        np.savez(files / f"{part}.npz", other=np.zeros(3), points=points)
        rows = "\n".join(f"{y!r},word,{x!r}" for x, y in points.tolist())
        (files / f"{part}.csv").write_text(f"b,c,a\n{rows}\n", encoding="utf-8")
    for ending, more in (("npz", ["--key", "points"]), ("csv", ["--columns", "a,b"])):
        paths = ["--real", str(files / f"real.{ending}"), "--fake", str(files / f"fake.{ending}")]
        assert scored(capsys, ["score", *paths, *more, "--metrics", "moments"]) == whole


def test_each_file_has_its_own_key_and_columns(
    files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = scored(capsys, score(files, *with_modes(files), "--metrics", "modes,moments"))
    real, fake, centres = (np.load(files / "real.npy"), np.load(files / "fake.npy"), RING.centres)
    assert centres is not None
    np.savez(files / "real.npz", x=real, y=-real)
    np.savez(files / "fake.npz", z=fake)
    np.savez(files / "modes.npz", a=centres, b=-centres)
    rows = "\n".join(f"{y!r},{x!r},0" for x, y in fake.tolist())
    (files / "fake.csv").write_text(f"v,u,label\n{rows}\n", encoding="utf-8")
    monkeypatch.chdir(files)
    modes = ["--centres", "modes.npz", "--centres-key", "a", "--std", "0.05", "--metrics", "modes,moments"]
    for sides in (
        ["--real", "real.npz", "--real-key", "x", "--fake", "fake.npy"],
        ["--real", "real.npz", "--key", "x", "--fake", "fake.npy"],  # a common key is for those that have keys
        ["--real", "real.npz", "--key", "x", "--fake", "fake.npz", "--fake-key", "z"],
        ["--real", "real.npy", "--fake", "fake.csv", "--fake-columns", "u,v"],
        ["--real", "real.npy", "--columns", "0,1", "--fake", "fake.csv", "--fake-columns", "u,v"],
    ):
        assert scored(capsys, ["score", *sides, *modes]) == whole, sides


def test_archives_of_the_pipeline_need_no_key_and_their_dataset_says_the_modes(
    files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = scored(capsys, score(files, *with_modes(files), "--metrics", "modes,moments"))
    np.savez(files / "ring.npz", train=np.zeros((9, 2)), test=np.load(files / "real.npy"))
    np.savez(files / "samples.npz", seed=np.zeros(1), samples=np.load(files / "fake.npy"))
    monkeypatch.chdir(files)
    entry = "ring: {kind: ring, n_modes: 8, radius: 1.0, std: 0.05}"
    Path("params.yaml").write_text(f"datasets:\n  {entry}\n  solid: {{kind: gaussian, dim: 3}}\n", encoding="utf-8")
    command = ["score", "--real", "ring.npz", "--fake", "samples.npz", "--metrics", "modes,moments", "--dataset"]
    assert main([*command, "ring", "--json"]) == 0
    printed = capsys.readouterr()
    taken = ["ring.npz: array test of train, test", "samples.npz: array samples of seed, samples"]
    assert json.loads(printed.out) == whole | {"taken": taken}
    assert printed.err.splitlines() == [f"modescope: {line}" for line in taken]
    for more, expected in (
        (["square"], "dataset: 'square' is no entry of params.yaml; allowed: ring, solid"),
        (["solid"], "dataset: gaussian has points of shape (3,); those of real have (2,)"),
        (["ring", "--std", "1"], "dataset says where the modes are; leave centres and std out"),
    ):
        assert main([*command, *more]) == 1
        assert capsys.readouterr().err == f"modescope: {expected}\n"


def test_limits_decide_the_exit_code(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = score(files, *with_modes(files), "--metrics", "modes,moments")
    value = scored(capsys, chosen)["metrics"]["mode_kl"]["value"]
    kept = ["--fail-below", "modes_hit=3", "--fail-above", f"mode_kl={value!r}"]
    assert scored(capsys, [*chosen, *kept])["failed"] == []
    limits = ["--fail-below", "modes_hit=3.5", "--fail-above", f"mode_kl={value - 1e-9!r}", "--fail-above", "w2=1"]
    assert main([*chosen, *limits[:4]]) == 3
    printed = capsys.readouterr()
    assert printed.out.startswith("metric ")
    taken, first, second = printed.err.splitlines()
    assert taken.endswith("centres.csv: row 1: names")
    assert first == "modescope: --fail-below modes_hit=3.5: modes_hit is 3; the floor is 8"
    assert second.startswith(f"modescope: --fail-above mode_kl={value - 1e-9!r}: mode_kl is ")
    assert main([*chosen, *limits]) == 1  # not a metric of these families
    capsys.readouterr()


def test_a_value_that_is_not_a_number_keeps_no_limit(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(files / "real.npy", np.round(np.load(files / "real.npy")))
    chosen = score(files, "--metrics", "prdc,divergence")
    assert main([*chosen, "--json", "--fail-below", "coverage=0", "--fail-above", "kl_qp=9"]) == 3
    printed = capsys.readouterr()
    content = json.loads(printed.out)
    for name, line in zip(("coverage", "kl_qp"), printed.err.splitlines(), strict=True):
        entry = content["metrics"][name]
        assert entry["value"] is None
        assert "coincide" in entry["reason"]
        assert line.endswith(f"{name} is not a number: {entry['reason']}")
    assert [f"modescope: {line}" for line in content["failed"]] == printed.err.splitlines()
    assert main(chosen) == 0
    table = capsys.readouterr().out
    assert "\n– kl_qp: " in table
    assert content["metrics"]["coverage"]["reason"] in table


def test_training_points_show_whether_the_generator_copies(
    files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(1)
    train, real = RING.sample(400, rng), RING.sample(400, rng)
    np.savez(files / "ring.npz", train=train, test=real)
    np.save(files / "copies.npy", train[:200] + 1e-6)
    monkeypatch.chdir(files)
    command = ["score", "--real", "ring.npz", "--fake", "copies.npy", "--metrics", "memorisation", "--json"]
    assert main(command) == 1
    assert capsys.readouterr().err.endswith(
        "memorisation cannot be measured here: it needs the training points (train)\n"
    )
    assert main([*command, "--train", "ring.npz"]) == 0
    printed = capsys.readouterr()
    assert printed.err.splitlines()[-1] == "modescope: ring.npz: array train of train, test"
    share = json.loads(printed.out)["metrics"]["copied_share"]
    assert share["value"] > 0.9
    assert abs(share["floor"]) < 0.3
    frame = modescope.score(real, train[:200] + 1e-6, train=train, metrics=["memorisation"])
    assert frame.loc["copied_share", "value"] == share["value"]


def test_the_document_names_every_option_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["score", "--help"])
    document = (ROOT / "docs" / "score.md").read_text(encoding="utf-8")
    there, documented = (set(re.findall(r"--[a-z][a-z-]+", text)) for text in (capsys.readouterr().out, document))
    documented -= {"--out"}  # of the reader's own script
    sides = {f"--{side.name}-{part}" for side in SIDES for part in ("key", "columns")}
    assert documented - sides == there - sides - {"--help"}
    assert sides <= there


def test_a_mistake_is_one_line_and_exit_code_1(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(files / "solid.npy", np.zeros((50, 3)))
    np.save(files / "nan.npy", np.full((50, 2), np.nan))
    np.save(files / "few.npy", np.zeros((4, 2)))
    (files / "pickle.npy").write_bytes(b"\x80\x04N.")
    for more, expected in (
        (["--fake", str(files / "gone.npy")], "gone.npy: there is no such file"),
        (["--fake", str(files / "nan.npy")], "nan.npy: row 0, column 0 (from 0): nan"),
        (["--fake", str(files / "pickle.npy")], "a pickle is never read"),
        (["--fake", str(files / "solid.npy")], "solid.npy: points of shape (3,); those of "),
        (["--fake", str(files / "few.npy")], "4 points a side are too few: divergence needs 6"),
        (["--metrics", "modes"], "modes cannot be measured here: it needs the modes (centres and std)"),
        (["--metrics", "fid"], "metrics: 'fid' is unknown; allowed: "),
        (["--centres", str(files / "centres.csv")], "centres and std belong together"),
        (["--centres", str(files / "solid.npy"), "--std", "1"], "every centre must have 2 coordinates"),
        ([*with_modes(files)[:2], "--std", "-1"], "greater than 0"),
        (["--points", "0"], "must be at least 1"),
        (["--fake-key", "points"], "fake.npy: key is only for npz files"),
        (["--key", "points"], "real.npy: key is only for npz files"),
        (["--dataset", "ring"], "dataset: 'ring' is no entry of params.yaml; allowed: gaussian, "),
        (["--fail-below", "fid=1"], "--fail-below fid=1: 'fid' is not measured here; allowed: coverage, density, "),
        (["--fail-above", "w2"], "--fail-above w2: ''; allowed: METRIC=NUMBER, such as w2=0.9"),
        (["--fail-below", "coverage=nan"], "'nan'; allowed: METRIC=NUMBER"),
    ):
        assert main(score(files, *more)) == 1, more
        printed = capsys.readouterr()
        assert printed.out == ""
        assert expected in printed.err
        assert printed.err.startswith("modescope: ")
        assert printed.err.count("\n") == 1
