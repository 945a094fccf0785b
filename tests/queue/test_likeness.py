"""What must be alike on a cluster, told in one line. `test_cluster` has the same with real workers."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import modescope
from modescope.queue import likeness

PACKAGE = Path(modescope.__file__).parent


def versions(python):
    return {"host": {"python": python}, "packages": {}}


class Client:
    """A `distributed.Client` of workers that answer as they are told; functions must not reach another Python."""

    def __init__(self, pythons, threads=1, facts=None):
        self.pythons, self.threads, self.facts = pythons, threads, facts or {}
        self.scheduler = type("Scheduler", (), {"address": "tcp://here:1"})

    def get_versions(self):
        return {"scheduler": versions("3.0.1.final.0"), "workers": {w: versions(p) for w, p in self.pythons.items()}}

    def nthreads(self):
        return dict.fromkeys(self.pythons, self.threads)

    def run(self, function, workers, on_error):
        assert on_error == "ignore"  # a worker may be lost in the meantime
        return {worker: {**likeness.facts(), **self.facts} for worker in workers}


def ours():
    major, minor = sys.version_info[:2]
    return f"{major}.{minor}.99.final.0"


def test_the_facts_are_those_of_this_process():
    found = likeness.facts()
    assert found["Python"] == "{}.{}".format(*sys.version_info)
    assert (found["torch"], found["numpy"]) == (torch.__version__, np.__version__)
    assert found["modescope"].startswith("source ")
    assert likeness.look_elsewhere()() is found  # where the module is loaded, what is loaded counts


def source(folder):
    """The digest of the package in a folder, found by a process that has no other one."""
    code = f"import sys; sys.path.insert(0, {str(folder)!r})\nprint(found()['modescope'])"
    lines = Path(likeness.__file__).read_text(encoding="utf-8").split("    def found() -> Facts:\n")[1]
    body = lines.split("    return found\n")[0]
    script = f"def found():\n{body}\n{code}"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


def test_the_source_is_what_the_files_hold_and_nothing_else(tmp_path):
    copy = tmp_path / "modescope"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    assert source(tmp_path) == source(PACKAGE.parent)
    (copy / "notes.txt").write_text("not code", encoding="utf-8")
    assert source(tmp_path) == source(PACKAGE.parent)
    (copy / "seeding.py").rename(copy / "seeds.py")
    renamed = source(tmp_path)
    (copy / "seeds.py").write_text("", encoding="utf-8")
    assert len({source(PACKAGE.parent), renamed, source(tmp_path)}) == 3


def test_what_is_alike_is_not_told():
    assert likeness.of_workers(Client({"a": ours(), "b": ours()}), ["a", "b"]) == {}


def test_another_python_is_refused_before_a_function_is_sent():
    found = likeness.of_workers(Client({"a": ours(), "b": "3.0.1.final.0"}), ["a", "b"])
    assert list(found) == ["b"]
    assert found["b"].startswith(f"Python 3.0; must be {likeness.facts()['Python']}, as here: start ")
    client = Client({})
    assert list(likeness.of_scheduler(client)) == ["scheduler"]


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({"torch": "1.0"}, "torch 1.0; must be "),
        ({"numpy": "missing"}, "numpy is missing; must be "),
        ({"modescope": "missing"}, "modescope is missing; must be source "),
        ({"modescope": "source 0"}, "modescope source 0; must be source "),
    ],
)
def test_a_difference_is_one_line(facts, line):
    (found,) = likeness.of_workers(Client({"a": ours()}, facts=facts), ["a"]).values()
    assert found.startswith(line)
    assert found.endswith(likeness.MEND)
    assert "\n" not in found


def test_a_worker_has_one_thread():
    (found,) = likeness.of_workers(Client({"a": ours()}, threads=4), ["a"]).values()
    assert found.startswith("a worker of 4 threads; must be 1")
    assert found.endswith("dask worker tcp://here:1 --nworkers N --nthreads 1")


def test_a_worker_that_was_lost_is_not_asked():
    assert likeness.of_workers(Client({"a": ours()}), ["a", "gone"]) == {}
