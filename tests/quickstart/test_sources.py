from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.quickstart.sources import read_module, stdlib_modules


def write(path: Path, source: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    return path


def test_public_functions_classes_and_methods_are_found(tmp_path: Path) -> None:
    source = '''"""Module."""
import sys
def undocumented(): pass
def _private():
    """Hidden."""
if sys.platform == "win32":
    def start():
        """Start it."""
else:
    try:
        async def start():
            """Never seen."""
    except OSError:
        def stop():
            """Stop it."""
class Path:
    """A path."""
    def mkdir(self):
        """Make it."""
        def inner():
            """Hidden."""
    @property
    def stem(self):
        """Last part."""
    def __len__(self):
        """Hidden."""
class _Hidden:
    def method(self):
        """Hidden."""
'''
    module = read_module(write(tmp_path / "m.py", source), "m")
    assert module.docstrings == {
        "start": "Start it.",
        "stop": "Stop it.",
        "Path": "A path.",
        "Path.mkdir": "Make it.",
        "Path.stem": "Last part.",
    }
    assert module.exported is None


def test_reading_does_not_run_the_module(tmp_path: Path) -> None:
    source = 'raise SystemExit\ndef run():\n    """Run \\d."""\n'
    module = read_module(write(tmp_path / "m.py", source), "m")
    assert module.docstrings == {"run": "Run \\d."}


def test_all_is_read_however_it_is_put_together(tmp_path: Path) -> None:
    source = """
__all__ = ["a"] + ["b"]
__all__ += ("c",)
__all__.extend(["d", "e"])
__all__.append("f")
if True:
    __all__.extend(names())
x = ["g"]
"""
    module = read_module(write(tmp_path / "m.py", source), "m")
    assert module.exported == frozenset("abcdef")


@pytest.mark.parametrize(
    ("file", "name", "source", "imports"),
    [
        ("p/__init__.py", "p", "from .m import *", [("*", "p.m", "*")]),
        ("p/__init__.py", "p", "from . import m", [("m", "p", "m")]),
        ("p/q.py", "p.q", "from .m import a as b", [("b", "p.m", "a")]),
        ("p/q/r.py", "p.q.r", "from ..m import a", [("a", "p.m", "a")]),
        ("m.py", "m", "from _m import a, b", [("a", "_m", "a"), ("b", "_m", "b")]),
    ],
)
def test_imports_are_resolved(
    tmp_path: Path,
    file: str,
    name: str,
    source: str,
    imports: list[tuple[str, str, str]],
) -> None:
    assert read_module(write(tmp_path / file, source), name).imports == imports


def test_programs_and_tests_of_a_library_are_left_out(tmp_path: Path) -> None:
    for file in (
        "os.py",
        "json/__init__.py",
        "json/decoder.py",
        "json/__main__.py",
        "json/tests/test_decoder.py",
        "antigravity.py",
        "tkinter/__init__.py",
        "not_of_the_library.py",
    ):
        write(tmp_path / file, "")
    assert list(stdlib_modules(tmp_path)) == ["json", "json.decoder", "os"]


def test_a_python_without_sources_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(TasbError, match=r"no os\.py; expected the sources"):
        stdlib_modules(tmp_path)
