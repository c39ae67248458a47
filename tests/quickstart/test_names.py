from tasb_pyserini.quickstart.names import public_docstrings
from tasb_pyserini.quickstart.sources import Module


def module(
    name: str,
    *docstrings: str,
    imports: list[tuple[str, str, str]] | None = None,
    exported: str | None = None,
) -> Module:
    return Module(
        name,
        {local: f"Doc of {local}." for local in docstrings},
        imports or [],
        frozenset(exported.split()) if exported is not None else None,
    )


def names(*modules: Module) -> list[str]:
    table = {module.name: module for module in modules}
    return [name for name, _ in public_docstrings(table)]


def test_a_module_names_what_it_exports() -> None:
    assert names(module("json", "load", "helper", "C.m", exported="load C")) == [
        "json.load",
        "json.C.m",
    ]


def test_without_all_every_name_is_public() -> None:
    assert names(module("json", "load", "helper")) == ["json.load", "json.helper"]


def test_a_package_names_what_it_takes_from_within() -> None:
    tasks = module("asyncio.tasks", "gather", "Task.x", "me", exported="gather Task")
    package = module("asyncio", imports=[("*", "asyncio.tasks", "*")])
    assert names(package, tasks) == ["asyncio.gather", "asyncio.Task.x"]


def test_the_name_that_a_package_gives_is_kept() -> None:
    inner = module("zipfile._path", "Inner.open")
    package = module("zipfile", imports=[("Path", "zipfile._path", "Inner")])
    assert names(package, inner) == ["zipfile.Path.open"]


def test_private_modules_are_known_by_who_exports_them() -> None:
    private = module("_weakrefset", "WeakSet")
    outer = module("weakref", imports=[("WeakSet", "_weakrefset", "WeakSet")])
    inner = module("multiprocessing.process", imports=outer.imports)
    hiding = module("abc", imports=outer.imports, exported="ABC")
    assert names(inner, outer, hiding, private) == ["weakref.WeakSet"]
    assert names(hiding, private) == []


def test_what_a_module_merely_uses_is_not_its_own() -> None:
    functools = module("functools", "wraps")
    contextlib = module("contextlib", imports=[("wraps", "functools", "wraps")])
    assert names(contextlib, functools) == ["functools.wraps"]


def test_modules_with_another_name_for_users_bear_it() -> None:
    assert names(
        module("posixpath", "join", imports=[("*", "genericpath", "*")]),
        module("genericpath", "exists"),
        module("ntpath", "join"),
        module("_collections_abc", "Mapping.get"),
    ) == ["os.path.join", "os.path.exists", "collections.abc.Mapping.get"]


def test_a_class_comes_before_the_base_that_documents_its_methods() -> None:
    base = module("pathlib._abc", "PathBase", "PathBase.walk", exported="")
    own = module("pathlib._local", "Path")
    assert names(base, own) == ["pathlib.Path", "pathlib.Path", "pathlib.Path.walk"]
