"""The names under which users know what the standard library's sources define."""

from collections.abc import Iterator, Mapping

from tasb_pyserini.quickstart.sources import Module

# Where the import that makes a module public can't be seen without running the module.
PUBLIC_MODULES = {
    "_collections_abc": "collections.abc",
    "concurrent.futures.process": "concurrent.futures",
    "concurrent.futures.thread": "concurrent.futures",
    "pathlib._local": "pathlib",
    "posixpath": "os.path",
}
# Bases of Python 3.13 that say what the methods of these classes do.
PUBLIC_CLASSES = {
    ("pathlib._abc", "PathBase"): "pathlib.Path",
    ("pathlib._abc", "PurePathBase"): "pathlib.PurePath",
}
_BASES = frozenset(module for module, _ in PUBLIC_CLASSES)
_PRIVATE_MODULES = frozenset({"genericpath", "ntpath"})


def public_docstrings(modules: Mapping[str, Module]) -> Iterator[tuple[str, str]]:
    """Yield ``(qualified name, docstring)`` of everything that has a public name.

    A function that its package takes over from a module within, as ``asyncio`` takes
    ``gather`` from ``asyncio.tasks``, bears the package's name: the shortest wins.
    A name may come twice; the first is what users get.
    """
    best: dict[tuple[str, str], str] = {}
    for definition, name in _offers(modules):
        best[definition] = min(best.get(definition, name), name, key=brevity)
    for module in sorted(modules.values(), key=lambda module: module.name in _BASES):
        for local, docstring in module.docstrings.items():
            top, dot, rest = local.partition(".")
            if (module.name, top) in best:
                yield best[module.name, top] + dot + rest, docstring


def brevity(name: str) -> tuple[int, int, str]:
    """Sort key that puts the most public of several names first."""
    return name.count("."), len(name), name


def _offers(
    modules: Mapping[str, Module],
) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield ``((defining module, name there), public name)``."""
    yield from PUBLIC_CLASSES.items()
    for module in modules.values():
        if _private(module):
            continue
        public = PUBLIC_MODULES.get(module.name, module.name)
        for top in _tops(module):
            yield (module.name, top), f"{public}.{top}"
        for local, source_name, name in module.imports:
            source = modules.get(source_name)
            if source and (_private(source) or _inside(source, module)):
                for top in _tops(source) if name == "*" else [name]:
                    shown = top if name == "*" else local
                    if module.exports(shown) and not shown.startswith("_"):
                        yield (source.name, top), f"{public}.{shown}"


def _tops(module: Module) -> list[str]:
    names = dict.fromkeys(name.partition(".")[0] for name in module.docstrings)
    return [name for name in names if module.exports(name)]


def _private(module: Module) -> bool:
    if module.name in PUBLIC_MODULES:
        return False
    return module.name in _PRIVATE_MODULES or any(
        part.startswith("_") for part in module.name.split(".")
    )


def _inside(source: Module, package: Module) -> bool:
    return source.name.startswith(f"{package.name}.")
