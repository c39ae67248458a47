"""Docstrings of the standard library's sources, read without importing anything."""

import ast
import sys
import sysconfig
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasb_pyserini.formats.errors import TasbError

# Jokes, programs and tests, what is deprecated or built on Tk, and so left out of many
# distributions of Python: nobody asks for these.
SKIPPED = """
__hello__ __phello__ antigravity distutils ensurepip idlelib lib2to3 pydoc_data test
this tkinter turtle turtledemo
"""


@dataclass(frozen=True, slots=True)
class Module:
    """What a source file says about its public names.

    Parameters
    ----------
    name
        Dotted name of the module.
    docstrings
        Name within the module, such as ``Path.mkdir``, → docstring.
    imports
        ``(local name, module, name there)`` for everything it takes from other
        modules; both names are ``*`` where it takes all.
    exported
        Its ``__all__`` as far as it is written out; None where there is none.
    """

    name: str
    docstrings: dict[str, str]
    imports: list[tuple[str, str, str]]
    exported: frozenset[str] | None

    def exports(self, name: str) -> bool:
        """Whether a top-level name is meant for users of the module."""
        return self.exported is None or name in self.exported


def stdlib_modules(folder: Path | None = None) -> dict[str, Module]:
    """Read the sources of the standard library.

    Parameters
    ----------
    folder
        Where ``os.py`` is; by default that of the running Python.

    Raises
    ------
    TasbError
        If the sources are not there, as in Pythons packed into one file.
    """
    folder = folder or Path(sysconfig.get_path("stdlib"))
    if not (folder / "os.py").is_file():
        raise TasbError(
            f"{folder}: no os.py; expected the sources of Python's standard library; "
            "use a Python that has them, such as one from python.org"
        )
    modules = {}
    for root in sorted(sys.stdlib_module_names.difference(SKIPPED.split())):
        for path, name in _source_files(folder, root):
            modules[name] = read_module(path, name)
    return modules


def _source_files(folder: Path, root: str) -> Iterator[tuple[Path, str]]:
    if (folder / f"{root}.py").is_file():
        yield folder / f"{root}.py", root
    for path in sorted((folder / root).rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        if not {"__main__", "test", "tests"} & set(parts):
            yield path, ".".join(part for part in parts if part != "__init__")


def read_module(path: Path, name: str) -> Module:
    """Parse one source file; `name` is the module's dotted name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # escapes that later Pythons will refuse
        tree = ast.parse(path.read_bytes())
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    docstrings: dict[str, str] = {}
    for local, docstring in _documented(tree.body):
        docstrings.setdefault(local, docstring)
    return Module(name, docstrings, list(_imports(tree.body, package)), _all(tree.body))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements, looking into conditions but not into definitions."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try):
            yield from _statements(node.body)
            for handler in node.handlers if isinstance(node, ast.Try) else []:
                yield from _statements(handler.body)
            yield from _statements(node.orelse)


def _documented(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, str]]:
    for node in _statements(body):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_"):
            continue
        docstring = ast.get_docstring(node, clean=False)
        if docstring:
            yield prefix + node.name, docstring
        if isinstance(node, ast.ClassDef):
            yield from _documented(node.body, f"{prefix}{node.name}.")


def _imports(body: list[ast.stmt], package: str) -> Iterator[tuple[str, str, str]]:
    for node in _statements(body):
        if isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                source = ".".join([*parents, source] if source else parents)
            for name in node.names:
                yield name.asname or name.name, source, name.name


def _all(body: list[ast.stmt]) -> frozenset[str] | None:
    names: set[str] | None = None
    for node in _statements(body):
        if "__all__" in (_target(node) or ""):
            names = (names or set()) | {
                part.value
                for part in ast.walk(node)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            }
    return frozenset(names) if names else None


def _target(node: ast.stmt) -> str | None:
    match node:
        case ast.Assign(targets=[target]) | ast.AugAssign(target=target):
            return ast.unparse(target)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner))):
            return ast.unparse(owner)  # __all__.extend(…), __all__.append(…)
    return None
