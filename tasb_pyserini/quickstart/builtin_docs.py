"""Docstrings of what is written in C: there is no source to read, so it is imported."""

import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType

# Modules that every platform has and that do nothing when imported.
IMPORTED = """
array atexit binascii bisect builtins cmath codecs collections contextvars csv datetime
decimal functools gc hashlib heapq io itertools marshal math mmap operator os pickle
queue random re select signal socket sqlite3 struct sys threading time tracemalloc types
unicodedata weakref zlib
"""

# What a module's own objects may say of where they were made, besides its own name.
_HOMES = frozenset({"builtins", "nt", "posix"})


def imported_docstrings() -> Iterator[tuple[str, str]]:
    """Yield ``(qualified name, docstring)`` of the public names of `IMPORTED`.

    A module that this Python was built without, such as ``sqlite3``, is passed over.
    """
    for name in IMPORTED.split():
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        for owner, member, value in _members(module):
            docstring = getattr(value, "__doc__", None)
            if isinstance(docstring, str):
                yield f"{owner}.{member}".removeprefix("builtins."), docstring


def _members(module: ModuleType) -> Iterator[tuple[str, str, object]]:
    for name, value in sorted(vars(module).items()):
        if name.startswith("_") or not _belongs(value, module.__name__):
            continue
        if inspect.isclass(value):
            # socket.SocketType is _socket.socket: better known as socket.socket.
            known = value.__name__ if hasattr(module, value.__name__) else name
            yield module.__name__, known, value
            for member in sorted(vars(value)):
                attribute = getattr(value, member, None)
                if not member.startswith("_") and _documentable(attribute):
                    yield f"{module.__name__}.{known}", member, attribute
        else:
            yield module.__name__, name, value


def _belongs(value: object, module: str) -> bool:
    if not (inspect.isclass(value) or inspect.isroutine(value)):
        return False
    home = getattr(value, "__module__", None) or module
    return module == "builtins" or home in _HOMES | {module} or home.startswith("_")


def _documentable(value: object) -> bool:
    return inspect.isroutine(value) or inspect.isdatadescriptor(value)
