"""`python -m modescope set KEY=VALUE ...`: change values in params.yaml and nothing else, in the file's own layout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from modescope.formatting import plural
from modescope.params.config import ConfigError
from modescope.params.entry import Parser
from modescope.params.reading import parsed, read
from modescope.plan.check import check
from modescope.plan.editing import assign
from modescope.store import artifacts


def main(arguments: Sequence[str]) -> None:
    """Raises ConfigError with one line for the first thing that is wrong; nothing is written then."""
    parser = Parser(prog="modescope set", description=__doc__)
    parser.add_argument("changes", nargs="+", metavar="KEY=VALUE", help="such as experiments.NAME.steps=100")
    parser.add_argument("--file", type=Path, default=Path("params.yaml"))
    options = parser.parse_args(arguments)
    read(options.file)
    text, said = options.file.read_bytes().decode("utf-8-sig"), []  # with its line ends
    for change in options.changes:
        key, equals, value = change.partition("=")
        if not equals or not all(key.split(".")):
            raise ConfigError(f"set: {change!r}: must be KEY=VALUE, such as experiments.NAME.steps=100")
        edited = assign(text, key, value, str(options.file))
        text = edited.text
        said.append(f"{key}={value}")
        if edited.kept:
            others = sorted({".".join(path[:2]) for path in edited.kept})
            more = "" if len(others) <= 3 else f" and {len(others) - 3} more"
            said[-1] += f" (the old value is now in {', '.join(others[:3])}{more}, which took it from there)"
    check(parsed(text, str(options.file)), root=options.file.parent)
    artifacts.write_bytes(options.file, text.encode())
    print(f"{options.file}: {plural(len(said), 'change')}: {'; '.join(said)}")
