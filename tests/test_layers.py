"""Packages import one way, as CONTRIBUTING.md says; late imports count too."""

import ast
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import tasb_pyserini

ROOT = Path(tasb_pyserini.__file__).parent
ENCODING = ("formats", "encoders")
ENGINES = (*ENCODING, "prebuilt", "bindings")
RETRIEVAL = (*ENGINES, "evaluation", "indexing")
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "formats": (),
    "encoders": ("formats",),
    "prebuilt": ("formats",),
    "bindings": (*ENCODING, "prebuilt"),
    "evaluation": ("formats",),
    "indexing": ENGINES,
    "search": RETRIEVAL,
    "training": RETRIEVAL,
    "quickstart": (*RETRIEVAL, "search", "training"),
    "regressions": (*ENGINES, "evaluation"),
    "study": ("formats", "evaluation", "training", "regressions"),
}
"""Package → those that it may import; the command line may import all."""

MODULES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts): path
    for folder in ROOT.glob("*/")
    for path in folder.rglob("*.py")
}


@cache
def imported(module: str) -> list[tuple[str, int]]:
    """Return the modules of these packages that one imports, with the lines."""
    found = []
    for node in ast.walk(ast.parse(MODULES[module].read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            above = name.rpartition(".")[0]
            places = (name, f"{name}.__init__", above, f"{above}.__init__")
            known = next((place for place in places if place in MODULES), None)
            if known is not None:
                found.append((known, node.lineno))
    return found


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_those_below_it(package: str) -> None:
    allowed = package, *MAY_IMPORT[package]
    upward = {
        f"{module}, line {line}: {other}"
        for module in MODULES
        if module.split(".")[1] == package
        for other, line in imported(module)
        if other.split(".")[1] not in allowed
    }
    assert upward == set()


def test_nothing_is_above_itself() -> None:
    TopologicalSorter(MAY_IMPORT).prepare()
    modules = {name: {other for other, _ in imported(name)} for name in MODULES}
    TopologicalSorter(modules).prepare()


def test_every_package_has_its_layer() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == {*MAY_IMPORT, "cli"}
