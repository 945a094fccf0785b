"""The command line: `python -m modescope check [FILE] [--plan FOLDER]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from modescope import artifacts, entry
from modescope.check import check, plans
from modescope.config import ConfigError, read


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="modescope", description="Which modes does a GAN lose, and what fixes it?")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    checking = commands.add_parser("check", help="validate params.yaml; with --plan, also write each study's plan")
    checking.add_argument("file", nargs="?", type=Path, default=Path("params.yaml"))
    checking.add_argument("--plan", type=Path, help="folder for valid.json and one <study>.json a study")
    checking.add_argument("--effort", type=float, help="check with this effort instead of the file's")
    checking.set_defaults(run=_check)
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
