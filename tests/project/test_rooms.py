"""The floor plan: imports between rooms, and between files, go one way."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[2] / "src"
MODULES = {".".join(p.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__"): p for p in SRC.rglob("*.py")}
LEAVES = {"lifecycle", "seeding", "statistics", "web"}  # import no other room
ABOVE = {
    "report",
    "compare",
    "engine",
    "queue",
    "commands",
    "scoring",
    "evaluation",
}  # imported by stages and the command line alone


def imports(path: Path) -> set[str]:
    """The modules of the package that a file names in its import statements, wherever they stand."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in MODULES}
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else str(node.module) for name in names}
    return found


GRAPH = {name: imports(path) - {"modescope"} for name, path in MODULES.items()}


def room(module: str) -> str:
    return module.split(".")[1]


ROOMS: dict[str, set[str]] = {}
for module, used in GRAPH.items():
    if module not in ("modescope", "modescope.__main__"):
        ROOMS.setdefault(room(module), set()).update({room(name) for name in used} - {room(module)})


@pytest.mark.parametrize("graph", [GRAPH, ROOMS], ids=["files", "rooms"])
def test_no_import_goes_in_a_circle(graph: dict[str, set[str]]) -> None:
    assert sum(map(len, graph.values())) > len(graph)  # the graph was really read
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"these import each other: {' -> '.join(error.args[1])}")


def test_a_circle_would_be_found() -> None:
    with pytest.raises(CycleError):
        list(TopologicalSorter(GRAPH | {"modescope.seeding": {"modescope.engine.training"}}).static_order())


@pytest.mark.parametrize("name", sorted(LEAVES))
def test_a_leaf_imports_no_room(name: str) -> None:
    assert ROOMS[name] == set()


def test_what_stands_on_top_is_imported_by_nothing_below() -> None:
    users = {name: {user for user, used in ROOMS.items() if name in used} for name in ABOVE}
    assert {name: found - ABOVE for name, found in users.items()} == {name: set() for name in ABOVE}


def test_a_plugin_imports_no_other_plugin_of_its_kind_but_what_is_shared() -> None:
    for kind in ("variants", "studies"):
        prefix = f"modescope.{kind}."
        for name, used in GRAPH.items():
            if name.startswith(prefix):
                mine = name.split(".")[2]
                others = {other.split(".")[2] for other in used if other.startswith(prefix)}
                assert others <= {mine, "common"}, f"{name} imports another of {kind}"


def test_dvc_and_params_yaml_are_left_to_the_stages() -> None:
    for path in MODULES.values():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {alias.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
        named |= {str(n.module).split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        assert "dvc" not in named, f"{path.name} imports dvc"
