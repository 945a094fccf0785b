"""Files are found by name: what exists, what does not, and files that define none or several."""

import sys

import pytest

from modescope import datasets
from modescope.datasets import Distribution
from modescope.datasets.ring import Ring
from modescope.metrics import Metric
from modescope.params import registry


@pytest.fixture
def added(monkeypatch, tmp_path):
    """Writes a file that is then a dataset of the package."""
    monkeypatch.setattr(datasets, "__path__", [*datasets.__path__, str(tmp_path)])

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        monkeypatch.delitem(sys.modules, f"modescope.datasets.{name}", raising=False)

    yield write
    for file in tmp_path.glob("*.py"):
        sys.modules.pop(f"modescope.datasets.{file.stem}", None)


def test_names_are_sorted_files_without_shared_code():
    found = registry.names("datasets")
    assert {"gaussian", "ring", "spiral"} <= set(found)
    assert found == sorted(found)
    assert not any(name.startswith("_") for name in found)
    assert {"distances", "divergence", "modes", "moments", "prdc"} <= set(registry.names("metrics"))


def test_find_gives_the_class_of_the_file():
    assert registry.find("datasets", "ring", Distribution) is Ring


@pytest.mark.parametrize("package_base", [("datasets", Distribution), ("metrics", Metric)])
def test_every_file_defines_exactly_one(package_base):
    package, base = package_base
    classes = [registry.find(package, name, base) for name in registry.names(package)]
    assert len(set(classes)) == len(classes) > 0


@pytest.mark.parametrize(
    "name", ["moebius", "_mixture", "", "Ring", "ring.py", "../ring", "ring.Ring", "None", "common"]
)
def test_unknown_names_say_what_exists(name):
    with pytest.raises(LookupError, match=r"no .* in datasets; there are: .*gaussian.*ring.*spiral"):
        registry.find("datasets", name, Distribution)


def test_a_dataset_without_kind_is_unknown():
    with pytest.raises(LookupError, match="no 'None' in datasets"):
        datasets.build({"std": 1.0})


def test_a_new_file_is_found(added):
    added("extra_ring", "from modescope.datasets.ring import Ring\nclass Extra(Ring): pass\n")
    assert "extra_ring" in registry.names("datasets")
    assert registry.find("datasets", "extra_ring", Distribution).__name__ == "Extra"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("from modescope.datasets.ring import Ring\n", 0),  # imported, not defined
        ("from modescope.datasets.ring import Ring\nclass A(Ring): pass\nclass B(Ring): pass\n", 2),
    ],
)
def test_a_file_that_defines_none_or_several_is_refused(added, text, count):
    added(f"odd_{count}", text)
    with pytest.raises(TypeError, match=f"must define exactly one Distribution, not {count}"):
        registry.find("datasets", f"odd_{count}", Distribution)
