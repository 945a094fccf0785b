"""A folder for the temporary files of one process, removed when it ends, or by the next call where it was killed.

PyTorch, the servers of workers and browsers all make such files; where their process is killed, none of them sweeps up.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from modescope.lifecycle import starter

PREFIX = "modescope_"
OURS = re.compile(PREFIX + r"[0-9a-f]{8}_[0-9]+")
LONGEST = 103 - len("/pymp-12345678/listener-12345678")  # a socket's path has up to 103 bytes, on Linux 107


def own(root: Path) -> None:
    """Let this process and those it starts make their temporary files in a folder of its own, beside the others'.

    Folders of processes that worked in `root` and have ended are removed. Where none can be made, or its path would be
    too long for a socket below it, nothing changes.
    """
    base = Path(tempfile.gettempdir())
    if OURS.fullmatch(base.name):  # that of the process which started this one
        base = base.parent
    project = f"{PREFIX}{hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:8]}_"
    for left in base.glob(f"{project}*"):
        if OURS.fullmatch(left.name) and not starter.running(int(left.name.removeprefix(project))):
            shutil.rmtree(left, ignore_errors=True)  # refuses a link
    folder = base / f"{project}{os.getpid()}"
    if len(os.fsencode(folder)) > LONGEST:
        return
    with suppress(OSError):  # a full disk: what needs room says so
        folder.mkdir(mode=0o700)
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
        # What is registered first runs last: others still remove their files.
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
