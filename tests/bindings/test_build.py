import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.bindings.conftest import CHECKOUT


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the checkout, links and all."""
    pytest.importorskip("setuptools", minversion="77")
    tree = tmp_path_factory.mktemp("tree") / "checkout"
    parts = ["tasb_pyserini", "encoders", "prebuilt", "bindings", "regressions"]
    for part in parts:
        shutil.copytree(
            CHECKOUT / part,
            tree / part,
            symlinks=True,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    for name in (
        *("setup.cfg", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE"),
        "tests/test_makefile.py",
    ):
        if (CHECKOUT / name).exists():
            (tree / name).parent.mkdir(exist_ok=True)
            shutil.copy(CHECKOUT / name, tree / name)
    return tree


@pytest.fixture(scope="module")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = "-m pip wheel --no-deps --no-build-isolation --no-index --quiet"
    subprocess.run(
        [sys.executable, *command.split(), "--wheel-dir", folder, tree], check=True
    )
    [path] = folder.glob("*.whl")
    return path


def test_the_wheel_holds_the_package_and_the_start_up_files(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    roots = {name.partition("/")[0] for name in names}
    version = wheel.name.split("-")[1]
    assert roots == {
        "tasb_pyserini",
        "tasb_pyserini.pth",
        "tasb_pyserini.start",
        f"tasb_pyserini-{version}.dist-info",
    }
    assert set(names) >= {
        "tasb_pyserini/bindings/startup.py",
        "tasb_pyserini/bindings/catalogues/lucene/msmarco-v1-passage-impact.json",
        "tasb_pyserini/encoders/backends/choice.py",
        "tasb_pyserini/encoders/cards/tasb.json",
        "tasb_pyserini/encoders/export/graph.py",
        "tasb_pyserini/prebuilt/catalog/faiss.json",
        "tasb_pyserini/py.typed",
    }


def test_the_source_distribution_holds_no_half_of_the_tests(
    tree: Path, tmp_path: Path
) -> None:
    code = (
        f"from setuptools import build_meta; build_meta.build_sdist({str(tmp_path)!r})"
    )
    subprocess.run(
        [sys.executable, "-c", code], cwd=tree, check=True, capture_output=True
    )
    [path] = tmp_path.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"setup.cfg", "LICENSE", "tasb_pyserini/cli/main.py"} <= names
    assert not [name for name in names if name.startswith("tests")]


def test_uninstalling_removes_the_start_up_files(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        [record] = [name for name in archive.namelist() if name.endswith("/RECORD")]
        listed = archive.read(record).decode()
    assert "\ntasb_pyserini.pth," in f"\n{listed}"
    assert "\ntasb_pyserini.start," in f"\n{listed}"


def test_an_installed_wheel_puts_the_hook_in_place(wheel: Path, tmp_path: Path) -> None:
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        f"import site, sys; site.addsitedir({str(tmp_path)!r}); "
        "print(sys.meta_path[0], sys.modules['tasb_pyserini'].__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("<tasb_pyserini.bindings.startup.StartupFinder ")
    assert str(tmp_path) in done.stdout
