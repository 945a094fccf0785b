"""Print the report to reports/modescope.pdf by the Chromium that is installed here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import page_file

from modescope.lifecycle import turn
from modescope.params import entry
from modescope.params.config import ConfigError
from modescope.store import artifacts

FILE = Path("reports/modescope.pdf")
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def main(root: Path = Path()) -> None:
    """Write the pages as one file, then print it. Raises ConfigError without a browser, or if it prints nothing."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise ConfigError("page-pdf: no Chromium found; install Chromium or Chrome, or print reports/modescope.html")
    page_file.main(root)
    reports = root / FILE.parent
    with turn.taken(reports), tempfile.TemporaryDirectory(dir=reports, prefix=".pdf.") as profile:
        printed = Path(profile) / "page.pdf"
        options = ["--headless", "--disable-gpu", f"--user-data-dir={profile}", "--no-pdf-header-footer"]
        options += ["--no-sandbox"] * (hasattr(os, "geteuid") and os.geteuid() == 0)  # it refuses root otherwise
        page = (root / page_file.FILE).resolve().as_uri()
        run = [browser, *options, f"--print-to-pdf={printed}", page]
        subprocess.run(run, capture_output=True, check=False, timeout=600)
        content = printed.read_bytes() if printed.is_file() else b""
        if not content.rstrip().endswith(b"%%EOF"):  # it ends with exit code 0 on a full disk too
            raise ConfigError(
                f"page-pdf: {browser} printed nothing whole; make room in {reports.resolve()} and run this again, or "
                f"print {page_file.FILE} by hand"
            )
        artifacts.write_bytes(root / FILE, content)
    print(f"The report on paper: {FILE}")


if __name__ == "__main__":
    sys.exit(entry.run(main, sys.argv[1:], " "))  # it takes no arguments
