"""The commands beside `check`: scores of two files, lists of what there is, and the schema."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modescope import commands, datasets, metrics
from modescope.__main__ import COMMANDS, main
from modescope.commands import list as listing
from modescope.commands import schema
from modescope.metrics.modes import Modes
from modescope.metrics.moments import Moments
from modescope.params import registry
from modescope.seeding import stream

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
    assert main([*arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
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


def test_a_mistake_is_one_line_and_exit_code_1(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(files / "solid.npy", np.zeros((50, 3)))
    np.save(files / "nan.npy", np.full((50, 2), np.nan))
    np.save(files / "few.npy", np.zeros((4, 2)))
    (files / "pickle.npy").write_bytes(b"\x80\x04N.")
    for more, expected in (
        (["--fake", str(files / "gone.npy")], "gone.npy: there is no such file"),
        (["--fake", str(files / "nan.npy")], "nan.npy: row 0, column 0 (from 0): nan"),
        (["--fake", str(files / "pickle.npy")], "a pickle is never read"),
        (["--fake", str(files / "solid.npy")], "points of shape (3,); those of"),
        (["--fake", str(files / "few.npy")], "4 points a side are too few: divergence needs 6"),
        (["--metrics", "modes"], "modes cannot be measured here: it needs --centres and --std"),
        (["--metrics", "fid"], "--metrics: 'fid' is unknown; allowed: "),
        (["--centres", str(files / "centres.csv")], "--centres and --std belong together"),
        (["--centres", str(files / "solid.npy"), "--std", "1"], "every centre must have 2 coordinates"),
        ([*with_modes(files)[:2], "--std", "-1"], "greater than 0"),
        (["--points", "0"], "must be at least 1"),
    ):
        assert main(score(files, *more)) == 1, more
        printed = capsys.readouterr()
        assert printed.out == ""
        assert expected in printed.err
        assert printed.err.startswith("modescope: ")
        assert printed.err.count("\n") == 1


def test_every_name_is_listed_with_its_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    everything = capsys.readouterr().out.replace("\n    ", " ").splitlines()
    assert everything == [f"{name}: {', '.join(registry.names(name))}" for name in listing.SECTIONS]
    for section in listing.SECTIONS:
        assert main(["list", section]) == 0
        lines = capsys.readouterr().out.splitlines()
        heads = [line.split(":")[0] for line in lines if not line.startswith(" ")]
        assert heads == registry.names(section)
        assert max(map(len, lines)) <= listing.WIDTH
        if section == "variants":
            at = lines.index(next(line for line in lines if line.startswith("wgan_gp:")))
            assert lines[at + 1] == "    networks: generator, discriminator; source: Gulrajani et al. 2017"
            assert any(line.startswith("    gp_weight = ") for line in lines[at:])
        if section == "datasets":
            assert "    dim = 2" in lines
            assert "    path (required): inside the folder own/, with forward slashes" in lines
    families = metrics.build({"prdc": {}})
    assert main(["list", "metrics"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert all(f"{name} ({words.better} is better" in text for name, words in families["prdc"].about.items())


def test_the_schema_is_printed_or_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema.schema()
    assert main(["schema", "--output", str(tmp_path / "s.json")]) == 0
    assert json.loads((tmp_path / "s.json").read_text()) == schema.schema()


def test_unknown_words_and_help_are_those_of_argparse(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, code in ((["dance"], 2), (["list", "dances"], 2), (["score"], 2), (["--help"], 0)):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == code
    shown = capsys.readouterr().out
    assert all(f"\n    {name} " in shown for name in COMMANDS)


def test_a_command_imports_no_other_command() -> None:
    # The stage `check` declares the code that it uses; the other commands are not part of it.
    tree = ast.parse((Path(commands.__path__[0]).parent / "__main__.py").read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [name for name in modules if str(name).startswith("modescope.commands")]
    assert set(COMMANDS) == set(registry.names("commands"))


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = f"{sys.executable} -m modescope list metrics | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.startswith(f"{registry.names('metrics')[0]}: ")
