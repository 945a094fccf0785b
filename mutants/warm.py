"""A process that has imported everything but the checkout; its forks run tests with a fault in one file."""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib.util
import os
import pickle
import resource
import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple

import coverage
import hypothesis
import pytest

MEMORY = 8 * 2**30  # bytes of data that a fork may have
QUIET = ["-q", "-x", "-p", "no:cacheprovider"]
CACHED = type(functools.cache(lambda: None))


class Base(NamedTuple):
    """What the tests do without a fault."""

    seconds: dict[str, float]  # test -> of CPU
    runs: dict[str, dict[int, set[str]]]  # file -> line -> tests; a file of tests where its fixtures run the line


def warm(root: Path, tests: Sequence[str]) -> None:
    """Import what these files of tests import, and forget what is of the checkout."""
    with _silent():
        code = pytest.main([*QUIET, "--collect-only", *tests])
    if code:
        raise RuntimeError(f"pytest cannot collect {', '.join(tests)}")
    _forget(root)
    gc.collect()
    gc.freeze()  # forks share these pages


def _ours(root: Path, *folders: str) -> dict[str, ModuleType]:
    """The package, and the other modules of these folders of the checkout, by name."""
    ours = tuple(str(root / folder) + os.sep for folder in folders)
    return {
        name: module
        for name, module in list(sys.modules.items())
        if name.split(".")[0] == "modescope" or (getattr(module, "__file__", None) or "").startswith(ours)
    }


def _forget(root: Path) -> None:
    """Drop all modules of the checkout, to be imported anew."""
    for name in _ours(root, "src", "tests"):
        del sys.modules[name]


def base(root: Path, files: Sequence[str], tests: Sequence[str], but: str) -> Base:
    """Run the tests as they are, without those named `but`, and note which test runs which line of `files`.

    Raises RuntimeError if one fails.
    """
    with tempfile.TemporaryDirectory(prefix="mutants_") as folder:
        out = Path(folder) / "base"

        def work() -> int:
            tracer = coverage.Coverage(data_file=None, include=[str(root / file) for file in files], config_file=False)
            noted = _Noted(root, tracer)
            tracer.start()
            without = ["-k", f"not ({but})"] if but else []
            code = pytest.main([*QUIET, "--basetemp", str(Path(folder) / "tests"), *without, *tests], plugins=[noted])
            tracer.stop()
            data = tracer.get_data()
            runs: dict[str, dict[int, set[str]]] = {}
            for file in files:
                lines = data.contexts_by_lineno(str(root / file))
                runs[file] = {line: {one for one in contexts if one} for line, contexts in lines.items()}
            out.write_bytes(pickle.dumps(Base(noted.seconds, runs)))
            return code

        if _forked(work, None):
            raise RuntimeError(f"tests fail without any fault: {' '.join(tests)}")
        return pickle.loads(out.read_bytes())  # noqa: S301, written by our own fork


def fails(root: Path, file: str, code: CodeType, tests: Sequence[str], seconds: float) -> bool:
    """Whether one of the tests fails with this code in place of a file's, or takes more than so many seconds of CPU."""
    with tempfile.TemporaryDirectory(prefix="mutants_") as folder:

        def work() -> int:
            _forget(root)
            _install(root, file, code)
            files = sorted({test.split("::")[0] for test in tests})
            return pytest.main([*QUIET, "--basetemp", str(Path(folder) / "tests"), *files], plugins=[_Chosen(tests)])

        return _forked(work, seconds) != 0


def _empty_caches(root: Path) -> None:
    """Forget what functions of the package remember: else only the first test that needs an answer would run them."""
    ours = _ours(root, "src")
    for function in [one for module in ours.values() for one in vars(module).values() if isinstance(one, CACHED)]:
        function.cache_clear()
    memory = ours.get("modescope.metrics.common.memory")
    for known in list(vars(memory)["_known"].values()) if memory else []:  # a list: arrays go, and their entries too
        known.clear()


class _Noted:
    """Notes the CPU time of tests, and tells coverage.py which one runs."""

    def __init__(self, root: Path, tracer: coverage.Coverage) -> None:
        self.root, self.tracer, self.seconds = root, tracer, defaultdict[str, float](float)

    def _phase(self, item: pytest.Item, context: str):
        _empty_caches(self.root)
        self.tracer.switch_context(context)
        start = resource.getrusage(resource.RUSAGE_SELF)
        result = yield
        end = resource.getrusage(resource.RUSAGE_SELF)
        self.seconds[item.nodeid] += end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime
        self.tracer.switch_context("")
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item):
        return (yield from self._phase(item, item.nodeid.split("::")[0]))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item):
        return (yield from self._phase(item, item.nodeid))


class _Chosen:
    """Runs the chosen tests alone, in their order, and spares hypothesis the search for a smaller example."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.order = {test: place for place, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((one for one in items if one.nodeid in self.order), key=lambda one: self.order[one.nodeid])
        phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
        hypothesis.settings.register_profile("mutants", hypothesis.settings.default, phases=phases)
        hypothesis.settings.load_profile("mutants")


class _Loader(SourceFileLoader):
    """Loads a file as other code than what is written in it."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self.code = code

    def get_code(self, fullname: str) -> CodeType:
        return self.code


def _install(root: Path, file: str, code: CodeType) -> None:
    """From now on, importing the module of this file gives the module of this code."""
    parts = Path(file).relative_to("src").with_suffix("").parts
    package = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if package else parts)
    loader = _Loader(name, str(root / file), code)
    places = [str((root / file).parent)] if package else None
    spec = importlib.util.spec_from_file_location(name, root / file, loader=loader, submodule_search_locations=places)

    class Finder:
        @staticmethod
        def find_spec(fullname: str, path: object = None, target: object = None):
            return spec if fullname == name else None

    sys.meta_path.insert(0, Finder)


def _forked(work: Callable[[], int], seconds: float | None) -> int:
    """The exit status of `work` in a process of its own; not zero if it needs more CPU time than allowed."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        status = 1
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if seconds is not None:
                signal.signal(signal.SIGPROF, signal.SIG_DFL)
                signal.setitimer(signal.ITIMER_PROF, seconds)  # of CPU; then the fork ends
                resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
            with _silent():
                status = int(work())
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


@contextlib.contextmanager
def _silent():
    """Nothing is printed, not even by libraries in C."""
    kept = [(stream, os.dup(stream)) for stream in (1, 2)]
    with Path(os.devnull).open("w") as null:
        for stream, _ in kept:
            os.dup2(null.fileno(), stream)
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for stream, copy in kept:
                os.dup2(copy, stream)
                os.close(copy)
