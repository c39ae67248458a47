"""Packages import one way, as CONTRIBUTING.md says; late imports count too."""

import ast
from collections.abc import Iterator
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
    "study": ("formats", "evaluation", "regressions"),
}
"""Package → those that it may import; the command line may import all."""


def imported(package: str) -> Iterator[tuple[str, str]]:
    """Yield each other package that one imports, with the file and line that do."""
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules = [f"{node.module}.{alias.name}" for alias in node.names]
            for module in modules:
                root, *below = module.split(".")
                if root == "tasb_pyserini" and below[0] not in (package, "__version__"):
                    yield below[0], f"{path.relative_to(ROOT)}:{node.lineno}"


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_those_below_it(package: str) -> None:
    upward = {at for other, at in imported(package) if other not in MAY_IMPORT[package]}
    assert upward == set()


def test_nothing_is_above_itself() -> None:
    order = list(MAY_IMPORT)
    for package, below in MAY_IMPORT.items():
        assert set(below) <= set(order[: order.index(package)])


def test_every_package_has_its_layer() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == {*MAY_IMPORT, "cli"}
