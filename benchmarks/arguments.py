"""The options of a program that stands beside the package: a wrong one is a mistake in one line."""

from __future__ import annotations

import argparse
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Says what is wrong and where help is, without a page of usage, as `python -m modescope` does."""

    def error(self, message: str) -> NoReturn:
        """Ends the program with exit code 2."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())}; `python -m {self.prog} --help` says more\n")
