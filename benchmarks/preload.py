"""What every worker of a measurement needs, imported once by the server that forks them."""

from __future__ import annotations

import benchmarks.timing  # noqa: F401
from modescope.engine.experiments import prepare_worker

prepare_worker()  # PyTorch loads its compiler when it is told to be deterministic, which takes seconds
