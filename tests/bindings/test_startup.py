import importlib
import runpy
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tasb_pyserini.bindings import startup
from tasb_pyserini.formats.errors import TasbError
from tests.bindings.conftest import CHECKOUT, Python

HERE = __name__
events: list[str] = []


def note_before(module: ModuleType) -> None:
    events.append(f"before, module has body: {hasattr(module, 'BODY')}")


def note_after(module: ModuleType) -> None:
    events.append(f"after, module has body: {hasattr(module, 'BODY')}")


@contextmanager
def note_around(module: ModuleType) -> Iterator[None]:
    events.append("around, begin")
    yield
    events.append("around, end")


def use_what_is_missing(module: ModuleType) -> None:
    module.no_such_class_map  # noqa: B018 - the error is the point


@contextmanager
def miss_in_entering(module: ModuleType) -> Iterator[None]:
    use_what_is_missing(module)
    yield


@contextmanager
def miss_in_leaving(module: ModuleType) -> Iterator[None]:
    yield
    use_what_is_missing(module)


def complain(module: ModuleType) -> None:
    raise TasbError("mend your catalogue")


def other_finders() -> list[Any]:
    """Return the finders in place, but for ours, which an installation puts there."""
    return [f for f in sys.meta_path if not isinstance(f, startup.StartupFinder)]


@pytest.fixture
def finder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[startup.StartupFinder]:
    """Put a finder in front of those that find a module ``hooked_sample``."""
    events.clear()
    (tmp_path / "hooked_sample.py").write_text(
        f"import sys\nBODY = 1\nsys.modules[{HERE!r}].events.append('body')\n"
    )
    finder = startup.StartupFinder()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", [finder, *other_finders()])
    yield finder
    sys.modules.pop("hooked_sample", None)


def hook(monkeypatch: pytest.MonkeyPatch, when: str, function: str) -> None:
    target = (when, f"{HERE}:{function}")
    monkeypatch.setattr(startup, "HOOKS", {"hooked_sample": target})


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("before", ["before, module has body: False", "body"]),
        ("after", ["body", "after, module has body: True"]),
        ("around", ["around, begin", "body", "around, end"]),
    ],
)
def test_a_hook_runs_when_the_table_says(
    finder: startup.StartupFinder,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
    expected: list[str],
) -> None:
    hook(monkeypatch, when, f"note_{when}")
    importlib.import_module("hooked_sample")
    assert events == expected


def test_a_hook_runs_before_the_code_of_a_module_that_python_m_runs(
    finder: startup.StartupFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(monkeypatch, "before", "note_before")
    runpy.run_module("hooked_sample", run_name="__main__")
    assert events == ["before, module has body: False", "body"]


def test_a_hook_runs_again_when_its_module_is_reloaded(
    finder: startup.StartupFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(monkeypatch, "after", "note_after")
    importlib.reload(importlib.import_module("hooked_sample"))
    assert events == ["body", "after, module has body: True"] * 2


def test_a_hook_runs_once_when_many_threads_import_its_module(
    finder: startup.StartupFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(monkeypatch, "after", "note_after")
    threads = [
        threading.Thread(target=importlib.import_module, args=["hooked_sample"])
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert events == ["body", "after, module has body: True"]


def test_other_modules_are_none_of_our_business(finder: startup.StartupFinder) -> None:
    assert finder.find_spec("hooked_sample") is None


def test_a_finder_that_asks_everyone_does_not_go_round_in_circles(
    finder: startup.StartupFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Curious:
        def find_spec(
            self, name: str, path: Sequence[str] | None, target: ModuleType | None
        ) -> ModuleSpec | None:
            if name == "hooked_sample":
                for other in sys.meta_path:
                    if not isinstance(other, Curious):
                        spec = other.find_spec(name, path, target)
                        if spec is not None:
                            return spec
            return None

    hook(monkeypatch, "after", "note_after")
    monkeypatch.setattr(sys, "meta_path", [finder, Curious(), *sys.meta_path[1:]])
    importlib.import_module("hooked_sample")
    assert events == ["body", "after, module has body: True"]


@pytest.mark.parametrize(
    ("when", "function"),
    [
        ("before", "use_what_is_missing"),
        ("after", "use_what_is_missing"),
        ("around", "use_what_is_missing"),
        ("around", "miss_in_entering"),
        ("around", "miss_in_leaving"),
        ("around", "no_such_function"),
    ],
)
def test_an_unknown_pyserini_is_left_as_it_is_with_a_warning(
    finder: startup.StartupFinder,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
    function: str,
) -> None:
    hook(monkeypatch, when, function)
    with pytest.warns(RuntimeWarning, match="leaves hooked_sample as it is.*no_such"):
        module = importlib.import_module("hooked_sample")
    assert module.BODY == 1
    assert events == ["body"]


@pytest.mark.parametrize("when", ["before", "after", "around"])
def test_what_the_user_can_mend_is_an_error(
    finder: startup.StartupFinder, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    hook(monkeypatch, when, "complain")
    with pytest.raises(TasbError, match="mend your catalogue"):
        importlib.import_module("hooked_sample")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("when", ["before", "after", "around"])
def test_an_error_of_the_modules_own_code_is_raised_as_it_is(
    finder: startup.StartupFinder,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    when: str,
) -> None:
    (tmp_path / "hooked_sample.py").write_text("import no_such_library\n")
    hook(monkeypatch, when, f"note_{when}")
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        importlib.import_module("hooked_sample")


def test_the_finder_is_put_in_front_once(monkeypatch: pytest.MonkeyPatch) -> None:
    others = other_finders()
    monkeypatch.setattr(sys, "meta_path", others.copy())
    startup.install_finder()
    startup.install_finder()
    assert isinstance(sys.meta_path[0], startup.StartupFinder)
    assert sys.meta_path[1:] == others


@pytest.mark.parametrize("target", [target for _, target in startup.HOOKS.values()])
def test_every_hook_names_a_function(target: str) -> None:
    name, _, function = target.partition(":")
    tree = (CHECKOUT / Path(*name.split("."))).with_suffix(".py").read_text()
    assert f"\ndef {function}(" in tree


def test_both_start_up_files_call_the_same_function() -> None:
    folder = CHECKOUT / "bindings" / "site"
    start = (folder / "tasb_pyserini.start").read_text().strip()
    module, _, function = start.partition(":")
    line = (folder / "tasb_pyserini.pth").read_text()
    assert line == f"import {module}; {module}.{function}()\n"


def test_interpreter_start_imports_nothing_heavy(python: Python) -> None:
    report = python("-X", "importtime", "-c", "pass").stderr
    imported = {line.rpartition("|")[2].strip() for line in report.splitlines()}
    assert "tasb_pyserini.bindings.startup" in imported
    roots = {name.partition(".")[0] for name in imported}
    assert not roots & {"torch", "numpy", "jnius", "pyserini"}


@pytest.mark.pyserini
def test_importing_pyserini_keeps_onnx_runtime_from_reporting(
    python: Python, tmp_path: Path
) -> None:
    code = """
import os
os.environ.pop("ORT_DISABLE_TELEMETRY", None)
import pyserini
import onnxruntime
"""
    python("-c", code, HOME=str(tmp_path), XDG_CACHE_HOME=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_the_start_up_module_brings_nothing_but_itself() -> None:
    code = f"""
import os, sys  # as site does at every start
sys.path.insert(0, {str(CHECKOUT)!r})
before = set(sys.modules)
import tasb_pyserini.bindings.startup
print(*sorted(set(sys.modules) - before))
"""
    # -S: without start-up files, which would have loaded it by now.
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True)
    assert done.stdout.decode().split() == [
        "tasb_pyserini",
        "tasb_pyserini.bindings",
        "tasb_pyserini.bindings.startup",
    ]


@pytest.mark.parametrize(("value", "expected"), [("0", "0"), ("1", "1"), ("", "1")])
def test_the_hook_can_be_switched_off(
    python: Python, value: str, expected: str
) -> None:
    code = "import sys; print(str(sys.meta_path).count('StartupFinder'))"
    assert python("-c", code, TASB_PYSERINI_HOOK=value).stdout.strip() == expected
