"""Data and specs of the tiny collection."""

from pathlib import Path

import pytest

from tasb_pyserini.regressions.run import run_spec
from tasb_pyserini.regressions.schema import read_spec
from tasb_pyserini.regressions.spec import Spec
from tests.regressions.tiny import bm25_spec, copying_spec, write_data, write_spec


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a folder of collections with one in it."""
    return write_data(tmp_path / "data")


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """Return an empty folder for specs."""
    folder = tmp_path / "specs"
    folder.mkdir()
    return folder


@pytest.fixture
def copying(data: Path, specs: Path) -> Spec:
    """Return a spec whose stages copy a run."""
    return write_spec(specs, copying_spec(data))


@pytest.fixture(scope="session")
def bm25(tmp_path_factory: pytest.TempPathFactory) -> tuple[Spec, Path, Path]:
    """Return a spec that stock Pyserini has run, its data and its work folder."""
    pytest.importorskip("pyserini")
    root = tmp_path_factory.mktemp("bm25")
    data = write_data(root / "data")
    (root / "specs").mkdir()
    path = root / "specs" / "tiny.bm25.yaml"
    path.write_text(bm25_spec(data))
    spec = read_spec(path)
    result = run_spec(spec, root / "work", data=data)
    assert result.passed, result.verdicts
    return spec, data, root / "work"
