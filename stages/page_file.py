"""Write the report as one HTML file that needs nothing beside it: reports/modescope.html."""

from __future__ import annotations

import sys
from pathlib import Path

from modescope.lifecycle import turn
from modescope.params import entry
from modescope.params.config import ConfigError
from modescope.report import onefile
from modescope.store import artifacts

FILE = Path("reports/modescope.html")


def main(root: Path = Path()) -> None:
    """Put the pages of reports/html/ together."""
    folder = root / "reports" / "html"
    if not (folder / "index.html").is_file():
        raise ConfigError("reports/html/index.html: missing; `make report` makes the pages")
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with turn.taken(root / FILE.parent):
        artifacts.write_bytes(root / FILE, onefile.assemble(files).encode())
    print(f"The report as one file: {FILE}")


if __name__ == "__main__":
    sys.exit(entry.run(main, sys.argv[1:], " "))  # it takes no arguments
