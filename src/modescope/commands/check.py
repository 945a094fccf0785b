"""`python -m modescope check`: validate params.yaml and, with --plan, write the pages that stages depend on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from modescope.formatting import plural
from modescope.lifecycle import turn
from modescope.params import environment, faults
from modescope.params.config import ConfigError
from modescope.params.entry import Parser
from modescope.params.reading import read
from modescope.plan import lockfile, pages
from modescope.plan.check import check
from modescope.plan.committed import rewritten

FOREACH = ("datasets", "experiments", "samplers", "classifiers", "studies")  # dvc.yaml has a stage for every entry


def main(arguments: Sequence[str]) -> None:
    """Raises ConfigError with one line for the first thing that is wrong; nothing is written then."""
    parser = Parser(prog="modescope check", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=Path("params.yaml"))
    parser.add_argument("--plan", type=Path, help="folder for the pages")
    parser.add_argument("--effort", type=float, help="check with this effort instead of the file's")
    options = parser.parse_args(arguments)
    environment.check()
    if options.plan is None:  # before DVC is called; a stage has been called by it
        lockfile.check(options.file.parent)
    content = read(options.file)
    missing = [name for name in FOREACH if name not in content]
    if missing and (options.file.parent / "dvc.yaml").is_file():  # an extra has none
        raise ConfigError(f"{missing[0]}: missing; DVC has stages for its entries: write `{missing[0]}: {{}}` for none")
    if options.effort is not None:
        content["effort"] = options.effort
    params = check(content, say=print, root=options.file.parent)
    if line := rewritten(options.file):
        print(f"modescope: {line}", file=sys.stderr)
    if options.plan is not None:
        own = options.plan.resolve().parent == options.file.resolve().parent  # the project's, not just to look at
        with turn.taken(options.plan.parent) if own else nullcontext():
            try:
                pages.write(options.plan, pages.pages(params))
            except OSError as error:
                if faults.line(error) is not None:  # a full disk, no permission: it says all
                    raise
                what = f"--plan {options.plan}: cannot be written: {error.strerror}"
                raise ConfigError(f"{what}; name a folder") from None
            if own:
                for path in pages.remove_leftovers(params, options.plan.parent):
                    print(f"{path}: removed, since no entry of {options.file} makes it")
    experiments, studies = len(params.experiments), len(params.studies)
    in_studies = "1 study" if studies == 1 else f"{studies} studies"
    print(f"{options.file}: valid; {plural(experiments, 'experiment')} in {in_studies}")
