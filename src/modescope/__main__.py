"""The command line: `python -m modescope check|list|schema|score`; each says more with --help."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from modescope import artifacts, entry
from modescope.check import check, plans
from modescope.config import ConfigError, read

# The files of `commands/`. They are found by name: the stage `check` must not depend on what it does not use.
OTHERS = {
    "list": "what there is: datasets, variants, metrics, samplers, studies, with their settings and sources",
    "schema": "a JSON Schema of params.yaml, for editors",
    "score": "the metrics of generated points against real ones, from two files",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in OTHERS:
        command = importlib.import_module(f"modescope.commands.{arguments[0]}")
        try:
            return entry.run(command.main, [arguments[1:]])
        except BrokenPipeError:  # whoever reads, such as head, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
    parser = argparse.ArgumentParser(prog="modescope", description="Which modes does a GAN lose, and what fixes it?")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    checking = commands.add_parser("check", help="validate params.yaml; with --plan, also write each study's plan")
    checking.add_argument("file", nargs="?", type=Path, default=Path("params.yaml"))
    checking.add_argument("--plan", type=Path, help="folder for valid.json and one <study>.json a study")
    checking.add_argument("--effort", type=float, help="check with this effort instead of the file's")
    checking.set_defaults(run=_check)
    for name, words in OTHERS.items():
        commands.add_parser(name, help=words)
    options = parser.parse_args(arguments)
    return entry.run(options.run, [options])


def _check(options: argparse.Namespace) -> int:
    content = read(options.file)
    if options.effort is not None:
        content["effort"] = options.effort
    params = check(content)
    if options.plan is not None:
        if options.plan.exists() and not options.plan.is_dir():
            raise ConfigError(f"--plan {options.plan}: there is a file of that name; name a folder")
        contents = {"valid": {"valid": True}, **dict(plans(params))}
        for old in options.plan.glob("*.json"):
            if old.stem not in contents:
                old.unlink()
        for name, content in contents.items():
            artifacts.write_json(options.plan / f"{name}.json", content)
    print(f"{options.file}: valid; {len(params.experiments)} experiments in {len(params.studies)} studies")
    return 0


if __name__ == "__main__":
    sys.exit(main())
