"""Property tests draw the same examples in every run and are not timed: the machine may be busy."""

import shutil
from collections.abc import Iterator
from multiprocessing import forkserver
from pathlib import Path

import pipeline_copy
import pytest
import shared
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

# The files that take longest come first, so that two processes end at about the same time. The very first makes the
# copy of the pipeline, for which a process that came to it at the same time would only wait.
FIRST = (
    "project/test_checkout.py",
    "stages/test_extra.py",
    "project/test_pipeline.py",
    "project/test_queue_and_dvc.py",
    "benchmarks/test_benchmarks.py",
    "report/test_every_page.py",
    "queue/test_cluster.py",
    "queue/test_trainings.py",
    "studies/test_thousand_figures.py",
    "report/test_cards.py",
    "studies/test_sampling.py",
)

# What the workers of any stage import.
WORKERS = ("modescope.engine.worker", "modescope.evaluation", "modescope.plan.pages", "modescope.report.drawing")

settings.register_profile("modescope", derandomize=True, deadline=None, max_examples=30)
settings.load_profile("modescope")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files of `FIRST` before the others, whose order stays."""
    tests = Path(__file__).parent
    rank = {tests / name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: rank.get(item.path, len(FIRST)))


@pytest.fixture(scope="session", autouse=True)
def preloaded() -> Iterator[None]:
    """The fork server, which is one for all tests of a process, imports for every stage what it would for the first."""

    def preload(names: list[str]) -> None:
        forkserver._forkserver.set_forkserver_preload([*names, *WORKERS])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forkserver, "set_forkserver_preload", preload)
        yield


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> pipeline_copy.Copy:
    """A copy of the project after its first `dvc repro`, to be read only: one for all processes of pytest-xdist."""
    return pipeline_copy.Copy(shared.once(tmp_path_factory, "pipeline", pipeline_copy.finish))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.fail(f"no browser found: install Chromium (one of {', '.join(BROWSERS)} on the PATH)", pytrace=False)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=OPTIONS)
        yield launched
        launched.close()
