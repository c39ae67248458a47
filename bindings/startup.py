"""Hooks into Pyserini's modules, put in place at every interpreter start.

``install`` adds one finder to ``sys.meta_path``. It answers for the modules in
``HOOKS`` alone: it asks the other finders for the module and lets a function of ours
run before, after or around the module's own code. Everything else is imported as
ever, and until one of those modules is imported nothing of ours runs, so this module
imports nothing but what the interpreter has loaded by then.

What happens where a function of ours fails: a ``TasbError`` is raised, since it names
something that the user set or lacks and can mend (a file in ``TASB_CATALOG``, Java).
An ``ImportError`` or ``AttributeError`` means a Pyserini or a library that we don't
know; somebody may well use Pyserini without TAS-B, so that is a warning, and
Pyserini's module stays as it was. ``TASB_PYSERINI_HOOK=0`` switches all of it off.
"""

import os
import sys
from _thread import get_ident

TYPE_CHECKING = False  # the module typing would cost more than the rest of this file
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any

HOOKS = {
    "pyserini": ("before", "tasb_pyserini.bindings.startup:silence_onnx_runtime"),
    "pyserini.pyclass": ("before", "tasb_pyserini.bindings.jvm:prepare_jvm"),
    "pyserini.eval.trec_eval": (
        "before",
        "tasb_pyserini.bindings.jvm:prepare_trec_eval",
    ),
    "pyserini.prebuilt_index_info": (
        "around",
        "tasb_pyserini.bindings.prebuilt_info:complete_catalogues",
    ),
    "pyserini.util": ("after", "tasb_pyserini.bindings.downloads:adapt_downloads"),
    "pyserini.search._base": (
        "after",
        "tasb_pyserini.bindings.topics_and_qrels:adapt_topics_and_qrels",
    ),
    "pyserini.encode": (
        "after",
        "tasb_pyserini.bindings.registration:register_encoders",
    ),
    "pyserini.encode.optional._faiss": (
        "after",
        "tasb_pyserini.bindings.writer:adapt_writer",
    ),
    "pyserini.search.faiss._searcher": (
        "after",
        "tasb_pyserini.bindings.searcher:adapt_searcher",
    ),
}
"""Module → when our function runs, and which. It is given the module; one that runs
around the module's code returns a context manager. Of a module that ``python -m`` runs
only one that runs before is called, with a module of that name that stays empty."""


class StartupFinder:
    """Meta-path finder that runs the functions in ``HOOKS``."""

    def __init__(self) -> None:
        self._asking: set[tuple[int, str]] = set()

    def find_spec(
        self,
        name: str,
        path: "Sequence[str] | None" = None,
        target: "ModuleType | None" = None,
    ) -> "ModuleSpec | None":
        """Return the spec that the other finders give, with our hook in its loader."""
        # Another finder may do as we do and ask everyone; then the question comes back.
        asked = get_ident(), name
        if name not in HOOKS or asked in self._asking:
            return None
        self._asking.add(asked)
        try:
            spec = self._ask_others(name, path, target)
        finally:
            self._asking.discard(asked)
        if spec is not None and spec.loader is not None:
            add_hook(name, spec.loader, *HOOKS[name])
        return spec

    def _ask_others(
        self,
        name: str,
        path: "Sequence[str] | None",
        target: "ModuleType | None",
    ) -> "ModuleSpec | None":
        for finder in sys.meta_path:
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    return spec
        return None


def install() -> None:
    """Put the hooks in place, unless ``TASB_PYSERINI_HOOK=0``.

    Called by ``tasb_pyserini.pth`` (or ``.start``) at interpreter start.
    """
    if os.environ.get("TASB_PYSERINI_HOOK") != "0":
        install_finder()


def install_finder() -> None:
    """Put the hooks in place, once."""
    if not any(isinstance(finder, StartupFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, StartupFinder())


def silence_onnx_runtime(pyserini: "ModuleType") -> None:
    """Keep ONNX Runtime, which Pyserini imports, from reporting to Microsoft.

    It reads the variable when it is imported, which is before our encoders are.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def add_hook(name: str, loader: "Loader", when: str, target: str) -> None:
    """Make `loader` run `target` before, after or around the module `name`."""
    execute = loader.exec_module

    def exec_module(module: "ModuleType") -> None:
        if module.__name__ != name:  # some loaders serve many modules
            execute(module)
        elif when == "around":
            with Guarded(target, module):
                execute(module)
        elif when == "before":
            call(target, module)
            execute(module)
        else:
            execute(module)
            call(target, module)

    # On the loader itself, so that whoever asks it for source or resources is served.
    vars(loader)["exec_module"] = exec_module
    compiled = getattr(loader, "get_code", None)
    if when != "before" or compiled is None:
        return

    def get_code(asked: str) -> "CodeType | None":
        # python -m runs the code of a module that it never imports.
        if asked == name and name not in sys.modules:
            call(target, type(sys)(name))
        code: CodeType | None = compiled(asked)
        return code

    vars(loader)["get_code"] = get_code


def load(target: str) -> "Callable[[ModuleType], Any]":
    """Return the function that ``module:name`` names."""
    name, _, attribute = target.partition(":")
    __import__(name)
    function: Callable[[ModuleType], Any] = getattr(sys.modules[name], attribute)
    return function


def call(target: str, module: "ModuleType") -> None:
    """Run a function of ours; see the module's docstring for what its errors do."""
    try:
        load(target)(module)
    except (ImportError, AttributeError) as error:
        warn(target, module, error)


class Guarded:
    """Our context manager around a module's code; its errors end as those of `call`.

    What the module's own code raises passes through ours and is raised as it is.
    """

    def __init__(self, target: str, module: "ModuleType") -> None:
        self._target, self._module = target, module
        self._manager: Any = None

    def __enter__(self) -> None:
        try:
            manager = load(self._target)(self._module)
            manager.__enter__()
        except (ImportError, AttributeError) as error:
            warn(self._target, self._module, error)
        else:
            self._manager = manager

    def __exit__(self, kind: "Any", error: "Any", traceback: "Any") -> bool:
        if self._manager is None:
            return False
        try:
            return bool(self._manager.__exit__(kind, error, traceback))
        except (ImportError, AttributeError) as ours:
            if ours is error:
                raise
            warn(self._target, self._module, ours)
            return False


def warn(target: str, module: "ModuleType", error: Exception) -> None:
    """Say that a function of ours does not fit what is installed."""
    import warnings

    warnings.warn(
        f"tasb_pyserini leaves {module.__name__} as it is: {target} failed with "
        f"{type(error).__name__}: {error}",
        RuntimeWarning,
        stacklevel=3,
    )
