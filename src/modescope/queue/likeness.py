"""Holds a cluster to the code and the libraries of this process: other ones would give other results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

MISSING = "missing"
MEND = "start the scheduler and every worker anew, from the same commit and requirements.lock"
Facts = Mapping[str, str]  # Python, torch, numpy, modescope -> version, digest of the source, or MISSING


@cache
def facts() -> Facts:
    """Those of this process when it was first asked: what is loaded stays, even where files change later."""
    return look()()


def look() -> Callable[[], Facts]:
    """A function that returns the facts of the process that calls it.

    It is made here, not found by its name. So it is sent whole, and also runs where the package is missing.
    """

    def found() -> Facts:
        import hashlib
        import importlib.util
        import platform
        from importlib.metadata import PackageNotFoundError, version
        from pathlib import Path

        facts = dict.fromkeys(("Python", "torch", "numpy", "modescope"), "missing")
        facts["Python"] = ".".join(platform.python_version_tuple()[:2])
        for package in ("torch", "numpy"):
            try:
                facts[package] = version(package)
            except PackageNotFoundError:
                continue
        spec = importlib.util.find_spec("modescope")
        if spec is not None and spec.origin is not None:
            folder, digest = Path(spec.origin).parent, hashlib.sha256()
            files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*.py")}
            for name in sorted(files):
                digest.update(name.encode() + b"\0" + files[name].read_bytes() + b"\0")
            facts["modescope"] = f"source {digest.hexdigest()[:12]}"
        return facts

    return found


def look_elsewhere() -> Callable[[], Facts]:
    """As `look`, to be sent to another process; where this module is loaded already, it returns the `facts` there."""
    found = look()

    def found_or_loaded() -> Facts:
        import sys

        loaded = sys.modules.get("modescope.queue.likeness")
        return found() if loaded is None else loaded.facts()

    return found_or_loaded


def difference(there: Facts, here: Facts) -> str | None:
    """What is unlike, as a sentence about whoever is there; None if nothing is."""
    for name, ours in here.items():
        if there[name] != ours:
            return f"{name} {'is ' if there[name] == MISSING else ''}{there[name]}; must be {ours}, as here: {MEND}"
    return None


def of_scheduler(client: Any) -> dict[str, str]:
    """What is unlike on the scheduler of a `distributed.Client`: empty, or a sentence under its name."""
    unlike = _unlike({"scheduler": _python(client.get_versions()["scheduler"])})
    return unlike or _unlike({"scheduler": client.run_on_scheduler(look_elsewhere())})


def of_workers(client: Any, workers: Sequence[str]) -> dict[str, str]:
    """What is unlike on these workers: a sentence under the address of each that is unlike."""
    if not workers:
        return {}
    versions, threads = client.get_versions()["workers"], client.nthreads()
    # A function can be sent whole only to the same Python. So that is asked first, without sending one.
    unlike = _unlike({worker: _python(versions[worker]) for worker in workers if worker in versions})
    alike = [worker for worker in workers if worker in versions and worker not in unlike]
    if alike:
        found = client.run(look_elsewhere(), workers=alike, on_error="ignore")
        unlike |= _unlike(found)
    for worker in alike:
        if worker not in unlike and threads.get(worker, 1) != 1:
            mend = f"start it by {start_command(client)}"
            unlike[worker] = f"a worker of {threads[worker]} threads; must be 1, since a task fills one: {mend}"
    return unlike


def start_command(client: Any) -> str:
    """How to start workers for the scheduler of a `distributed.Client`."""
    address: str = client.scheduler.address
    # A worker listens on every network of its machine, unless it is told where, and runs what it is sent.
    host = " --host 127.0.0.1" if "//127.0.0.1:" in address else ""
    return f"dask worker {address} --nworkers N --nthreads 1{host}"


def _python(versions: Mapping[str, Any]) -> Facts:
    """The Python in an answer of `Client.get_versions`."""
    return {"Python": ".".join(versions["host"]["python"].split(".")[:2])}


def _unlike(found: Mapping[str, Facts]) -> dict[str, str]:
    """What is unlike, by who, of those of whom the same facts are known."""
    differences = {who: difference(there, {name: facts()[name] for name in there}) for who, there in found.items()}
    return {who: what for who, what in differences.items() if what is not None}
