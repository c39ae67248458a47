"""Runs a ``tasb`` command in this fresh process and prints its times as JSON.

Used by ``startup.py``. Nothing of the command is copied: Python's import and the
command's own functions are wrapped in clocks. Time counts for the innermost part.

    python startup_parts.py BEGIN search --index …

BEGIN is what ``time.monotonic()`` said when the process was started.
"""

import time

READY = time.monotonic()  # the first line that runs

import builtins  # noqa: E402
import importlib  # noqa: E402
import json  # noqa: E402
import sys  # noqa: E402
from collections import defaultdict  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from contextlib import contextmanager, redirect_stdout  # noqa: E402
from functools import wraps  # noqa: E402
from io import StringIO  # noqa: E402
from typing import Any  # noqa: E402

HEAVY = ("torch", "transformers", "openvino", "onnxruntime", "faiss", "numpy", "jnius")
"""Libraries whose imports are parts of their own, with all that only they import."""

FUNCTIONS = {
    "read topics": "tasb_pyserini.cli.search:load_topics",
    "open the index": "tasb_pyserini.cli.search:open_named",
    "load the encoder": "tasb_pyserini.cli.search:Encoder.load",
    "encode": "tasb_pyserini.cli.search:Encoder.encode_queries",
    "search": "tasb_pyserini.search.dense:dense_run",
    "write": "tasb_pyserini.cli.search:finish",
}
"""Part → the function that does it."""

OTHER_IMPORTS, REST = "import all else", "the rest"


class Clock:
    """Adds the time since it was last asked to the part that is on."""

    def __init__(self, begin: float) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.part = REST
        self.last = begin

    def switch(self, part: str) -> str:
        """Begin a part; return the one that ends."""
        now = time.monotonic()
        self.seconds[self.part] += now - self.last
        before, self.part, self.last = self.part, part, now
        return before

    @contextmanager
    def on(self, part: str) -> Iterator[None]:
        """Count a block for a part."""
        before = self.switch(part)
        try:
            yield
        finally:
            self.switch(before)


def wrap_imports(clock: Clock) -> None:
    """Time ``import`` and ``import_module``."""
    statement, function = builtins.__import__, importlib.import_module

    def part_of(name: str) -> str:
        library = name.partition(".")[0]
        if library in HEAVY:
            return f"import {library}"
        return clock.part if clock.part.startswith("import ") else OTHER_IMPORTS

    @wraps(statement)
    def timed_statement(
        name: str, globals: Any = None, *arguments: Any, **named: Any
    ) -> Any:
        relative = name == "" or (len(arguments) > 2 and arguments[2] > 0)
        origin = (globals or {}).get("__name__", "") if relative else name
        with clock.on(part_of(origin)):
            return statement(name, globals, *arguments, **named)

    @wraps(function)
    def timed_function(name: str, package: str | None = None) -> Any:
        with clock.on(part_of(package or name)):
            return function(name, package)

    builtins.__import__ = timed_statement
    importlib.import_module = timed_function


def wrap_function(clock: Clock, part: str, place: str) -> None:
    """Time a function, of a module or of a class."""
    module, _, path = place.partition(":")
    *owners, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for outer in owners:
        owner = getattr(owner, outer)
    # A class method is bound to its class already.
    setattr(owner, name, timed(clock, part, getattr(owner, name)))


def timed(clock: Clock, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that counts its time for a part."""

    @wraps(function)
    def run(*arguments: Any, **named: Any) -> Any:
        with clock.on(part):
            return function(*arguments, **named)

    return run


def main() -> None:
    begin, *words = sys.argv[1:]
    clock = Clock(READY)
    clock.seconds["start Python"] = READY - float(begin)
    wrap_imports(clock)
    from tasb_pyserini.cli.main import main as tasb

    for part, place in FUNCTIONS.items():
        wrap_function(clock, part, place)
    with redirect_stdout(StringIO()):
        status = tasb(words)
    clock.switch("end Python")
    print(json.dumps({"seconds": clock.seconds, "ended": clock.last}))
    sys.exit(status)


if __name__ == "__main__":
    main()
