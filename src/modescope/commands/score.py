"""`python -m modescope score`: the pipeline's metrics of generated points against real ones, from two files."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from modescope import datasets
from modescope.commands.common.output import output
from modescope.datasets import Distribution
from modescope.datasets.common.pointfiles import Column, PointFile, Read
from modescope.params.config import ConfigError
from modescope.params.entry import Parser
from modescope.params.reading import read
from modescope.params.validation import typed
from modescope.scoring import printing
from modescope.scoring.asked import MOST, REPEATS, ask
from modescope.scoring.found import find
from modescope.scoring.thresholds import threshold
from modescope.store import artifacts

FAILED = 3  # exit code where a limit is not kept


@dataclass(frozen=True)
class Side:
    """A file that `score` reads, as its options name it."""

    name: str
    help: str
    prefer: tuple[str, ...]  # arrays that an npz of our own may hold, the likeliest first
    common: bool = True  # whether --key and --columns are for it as well


SIDES = (
    Side("real", "real points, (n, ...)", ("test", "samples")),
    Side("fake", "generated points of the same shape", ("samples", "test")),
    Side("train", "the points that the generator was trained on, to see whether it copies them", ("train",)),
    Side("centres", "the centres of the modes, one a row", ("centres",), common=False),
)


def main(arguments: Sequence[str]) -> int:
    """Print a table or JSON. Raises ConfigError, one line, for files and options that cannot be used."""
    options = _parser().parse_args(list(arguments))
    html = None if options.html is None else output("--html", options.html)
    given: dict[str, Read] = {}
    for side in SIDES:
        if getattr(options, side.name) is not None:
            coordinates = math.prod(given["real"].points.shape[1:]) if given else None
            given[side.name] = _opened(side, options, coordinates)
    points = {name: opened.points for name, opened in given.items()}
    asked = ask(
        points["real"],
        points["fake"],
        train=points.get("train"),
        centres=points.get("centres"),
        std=options.std,
        dataset=None if options.dataset is None else _dataset(options.dataset),
        chosen=None if options.metrics is None else options.metrics.split(","),
        points=options.points,
        repeats=options.repeats,
        seed=options.seed,
        called={name: str(getattr(options, name)) for name in given},
    )
    measured = {name for family in asked.families.values() for name in family.about}
    limits = [threshold(option, text, measured) for option, text in options.limits or []]
    found = find(asked)
    failures = list(filter(None, (limit.failure(found.scores) for limit in limits)))
    taken = [f"{getattr(options, name)}: {words}" for name, opened in given.items() for words in opened.taken]
    if html is not None:
        from modescope.scoring import page  # Jinja2 takes a tenth of a second, which only a page needs

        files = {name: str(getattr(options, name)) for name in given}
        kept = [limit.option for limit in limits if not limit.failure(found.scores)]
        artifacts.write_bytes(html, page.render(found, files, taken, kept, failures).encode())
    print(printing.as_json(found, taken, failures) if options.json else printing.table(found))
    for line in [*taken, *failures]:
        print(f"modescope: {line}", file=sys.stderr)
    return FAILED if failures else 0


def _opened(side: Side, options: argparse.Namespace, coordinates: int | None) -> Read:
    """The points of a side; the real ones say how many coordinates the others have. Raises ConfigError."""
    path: Path = getattr(options, side.name)
    key, columns = getattr(options, f"{side.name}_key"), getattr(options, f"{side.name}_columns")
    if side.common:
        archive = path.suffix.lower() == ".npz"
        key = options.key if key is None and (archive or not _any_archive(options)) else key
        columns = options.columns if columns is None else columns
    numbered = None if columns is None else [_column(name) for name in columns.split(",")]
    return PointFile(path, str(path), numbered, key, side.prefer, coordinates).open()


def _any_archive(options: argparse.Namespace) -> bool:
    """Whether one of the files that --key is for has keys; where none has, the first file says so."""
    paths = [getattr(options, side.name) for side in SIDES if side.common]
    return any(path.suffix.lower() == ".npz" for path in paths if path is not None)


def _column(name: str) -> Column:
    return int(name) if name.isdecimal() else name


def _dataset(name: str) -> Distribution:
    """The dataset of params.yaml in this folder. Raises ConfigError."""
    entries = read(Path("params.yaml")).get("datasets")
    if not isinstance(entries, dict) or not isinstance(entries.get(name), dict):
        there = ", ".join(map(str, entries)) if isinstance(entries, dict) else "none"
        raise ConfigError(f"dataset: {name!r} is no entry of params.yaml; allowed: {there}")
    return typed(f"datasets.{name}", lambda: datasets.build(entries[name]))


class _Limit(argparse.Action):
    """Collects --fail-below and --fail-above in the order in which they are given."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[object] | None,
        option_string: str | None = None,
    ) -> None:
        namespace.limits = [*(namespace.limits or []), (self.option_strings[0], values)]


def _parser() -> Parser:
    parser = Parser(
        prog="modescope score",
        description="Metrics of generated points against real ones; files: csv, npy, npz, parquet. "
        f"Exit code {FAILED} where a limit (--fail-below, --fail-above) is not kept.",
    )
    for side in SIDES:
        parser.add_argument(f"--{side.name}", type=Path, required=side.name in ("real", "fake"), help=side.help)
    parser.add_argument("--columns", help="of the tables: names or numbers from 0, separated by commas")
    parser.add_argument("--key", help="of the npz files: the name of the array; those of the pipeline need none")
    for side in SIDES:
        parser.add_argument(f"--{side.name}-columns", metavar="COLUMNS", help=f"of the file --{side.name} alone")
        parser.add_argument(f"--{side.name}-key", metavar="KEY", help=f"of the file --{side.name} alone")
    parser.add_argument("--std", type=float, help="deviation of every mode, in data units; with --centres")
    parser.add_argument(
        "--dataset", help="instead of --centres and --std: the entry of params.yaml that the points are of"
    )
    parser.add_argument("--metrics", help="families, separated by commas; without it, all that apply")
    parser.add_argument("--points", type=int, default=MOST, help=f"most points a side; {MOST:,} if not given")
    parser.add_argument("--repeats", type=int, default=REPEATS, help=f"splits for the floor; {REPEATS} if not given")
    parser.add_argument("--seed", type=int, default=0, help="of the subsets and splits; 0 if not given")
    parser.add_argument("--html", type=Path, metavar="FILE", help="also write one self-contained page")
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    for option, words in (
        ("--fail-below", "the lowest value that passes, such as coverage=0.9"),
        ("--fail-above", "the highest value that passes, such as mode_kl=0.1"),
    ):
        parser.add_argument(
            option, action=_Limit, dest="limits", metavar="METRIC=NUMBER",
            help=f"{words}; may be repeated",
        )  # fmt: skip
    return parser
