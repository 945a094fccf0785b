"""What every worker of a training needs, imported once by the server that forks them instead of by each of them."""

from __future__ import annotations

from modescope.engine.experiments import prepare_worker

prepare_worker()  # PyTorch loads its compiler when it is told to be deterministic, which takes a second or two
