"""The command line: `python -m modescope check|list|schema|set|score|changes`; each says more with --help."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from modescope.params import entry
from modescope.params.config import ConfigError

# The files of `commands/`, imported by name: a command does not depend on the others.
COMMANDS = {
    "check": "validate params.yaml; with --plan, also write the pages of the plan",
    "list": "what there is: datasets, variants, metrics, samplers, studies, with their settings and sources",
    "schema": "a JSON Schema of params.yaml, for editors",
    "set": "change values in params.yaml and nothing else: set KEY=VALUE ...",
    "score": "the metrics of generated points against real ones, from two files",
    "changes": "what changed between two revisions, as Markdown for a pull request",
}

# What the extra `pipeline` installs, by the names of imports. `score` needs none of it.
PIPELINE = ("dvc", "latex2mathml", "matplotlib", "seaborn", "sklearn", "threadpoolctl", "torch", "tqdm")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in COMMANDS:
        try:
            return entry.run(_command, [arguments[0], arguments[1:]])
        except BrokenPipeError:  # whoever reads, such as head, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
    return entry.run(_help, [arguments])


def _help(arguments: Sequence[str]) -> None:
    """Print what there is. Raises ConfigError unless that was asked for."""
    if not {"-h", "--help"} & set(arguments[:1]):
        found = f"{arguments[0]!r} is no command" if arguments else "a command is missing"
        raise ConfigError(f"{found}; allowed: {', '.join(COMMANDS)}; `python -m modescope --help` says more")
    parser = argparse.ArgumentParser(prog="modescope", description="Which modes does a GAN lose, and what fixes it?")
    commands = parser.add_subparsers(metavar="COMMAND")
    for name, words in COMMANDS.items():
        commands.add_parser(name, help=words)
    parser.print_help()


def _command(name: str, arguments: Sequence[str]) -> object:
    """Import the command and run it. Raises ConfigError where it needs a package of the extra `pipeline`."""
    try:
        return importlib.import_module(f"modescope.commands.{name}").main(arguments)
    except ModuleNotFoundError as error:
        package = (error.name or "").split(".")[0]
        if package not in PIPELINE:
            raise
        raise ConfigError(
            f"{name}: needs {package}, which is not installed: pip install 'modescope[pipeline]'"
        ) from None


if __name__ == "__main__":
    sys.exit(main())
