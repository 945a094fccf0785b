"""Lists of what there is, the schema, and what all commands have in common."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from modescope import commands, metrics
from modescope.__main__ import COMMANDS, main
from modescope.commands import list as listing
from modescope.commands import schema
from modescope.params import registry


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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "a command is missing; allowed: check, list, "),
        (["dance"], "'dance' is no command; allowed: check, list, "),
        (["check", "a", "b"], "check: unrecognized arguments: b; `python -m modescope check --help` says more"),
        (["list", "dances"], "list: argument section: invalid choice: 'dances' (choose from "),
        (["schema", "--out"], "schema: argument --output: expected one argument; "),
        (["set"], "set: the following arguments are required: KEY=VALUE; "),
        (["score"], "score: the following arguments are required: --real, --fake; "),
        (["changes"], "changes: the following arguments are required: --base; "),
    ],
)
def test_wrong_arguments_are_a_mistake_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    line = capsys.readouterr().err
    assert line.startswith(f"modescope: {said}")
    assert line.endswith(" --help` says more\n")
    assert line.count("\n") == 1


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
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
