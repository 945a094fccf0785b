"""What each stage does not import: DVC starts a process for every stage, so an import is paid for a hundred times."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DRAWING = {"matplotlib", "matplotlib.pyplot", "seaborn", "PIL"}
SLOW = {"scipy.stats", "scipy.optimize", "ot", "torch", "dvc"}


def imported(*modules: str) -> set[str]:
    """The modules that a fresh process has imported after these."""
    code = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]; print(*sys.modules)"
    path = f"{ROOT / 'src'}:{ROOT / 'stages'}"
    command = [sys.executable, "-c", code, *modules]
    done = subprocess.run(command, env={"PYTHONPATH": path}, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("modules", "without"),
    [
        (("dataset", "modescope.datasets.grid", "modescope.datasets.swiss_roll"), {"pandas", *DRAWING, *SLOW}),
        (("dataset", "modescope.datasets.junction"), {"pandas", *DRAWING, *SLOW}),
        (
            ("sample", "modescope.samplers.metropolis_hastings", "modescope.samplers.rejection"),
            {"pandas", *DRAWING, *SLOW},
        ),
        (("classifier",), {"pandas", "dvc", "ot", *DRAWING}),
        (("evaluate",), DRAWING | SLOW),
        (("render", "modescope.studies.modes"), {"seaborn", "matplotlib.pyplot"} | SLOW),
        (("report", "modescope.studies.latent", "modescope.studies.traffic"), {"seaborn", "matplotlib.pyplot"} | SLOW),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_a_stage_imports_what_it_needs(modules: tuple[str, ...], without: set[str]) -> None:
    assert imported(*modules) & without == set()


def test_imports_are_seen() -> None:
    assert imported("scipy.stats", "modescope.statistics") >= {"scipy.stats", "scipy.optimize", "modescope.statistics"}
