import sys
from pathlib import Path

import pytest

from tasb_pyserini.bindings.faiss_library import describe_faiss, load_faiss
from tasb_pyserini.formats.errors import TasbError


def pretend_installed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *distributions: str
) -> None:
    """Leave nothing installed but the metadata of `distributions`."""
    for name in distributions:
        metadata = folder / f"{name.replace('-', '_')}-1.10.0.dist-info" / "METADATA"
        metadata.parent.mkdir()
        metadata.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.10.0\n")
    standard = [path for path in sys.path if "site-packages" not in path]
    monkeypatch.setattr(sys, "path", [str(folder), *standard])
    monkeypatch.delitem(sys.modules, "faiss", raising=False)


def test_a_missing_faiss_is_one_sentence_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_installed(tmp_path, monkeypatch)
    with pytest.raises(TasbError) as error:
        load_faiss()
    assert str(error.value) == (
        'Faiss is not installed; run: pip install "tasb-pyserini[cpu]" '
        '(or "tasb-pyserini[gpu]")'
    )


def test_two_faiss_packages_are_one_sentence_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_installed(tmp_path, monkeypatch, "faiss-gpu-cu12", "faiss-cpu")
    with pytest.raises(TasbError) as error:
        load_faiss()
    assert str(error.value) == (
        "faiss-cpu and faiss-gpu-cu12 are both installed and overwrite each other; "
        "run: pip uninstall -y faiss-cpu faiss-gpu-cu12, then: "
        'pip install "tasb-pyserini[cpu]" (or "tasb-pyserini[gpu]")'
    )


@pytest.mark.parametrize(
    "name", ["faiss-gpu-cuvs", "faiss-gpu-cu12-cuvs", "faiss-gpu-cu13-cuvs"]
)
def test_a_faiss_with_cuvs_beside_another_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    pretend_installed(tmp_path, monkeypatch, "faiss-cpu", name)
    with pytest.raises(TasbError, match=f"^faiss-cpu and {name} are both installed"):
        load_faiss()


def test_a_broken_faiss_is_one_sentence_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_installed(tmp_path, monkeypatch, "faiss-cpu")
    (tmp_path / "faiss.py").write_text("raise ImportError('libgomp.so.1 is missing')")
    with pytest.raises(TasbError) as error:
        load_faiss()
    assert str(error.value) == (
        "Faiss (faiss-cpu) is installed but can't be loaded: libgomp.so.1 is missing; "
        "run: pip install --force-reinstall faiss-cpu"
    )


def test_the_installed_faiss_is_described() -> None:
    faiss = pytest.importorskip("faiss")
    found = describe_faiss()
    assert found.version == faiss.__version__
    assert found.kind == ("gpu" if hasattr(faiss, "StandardGpuResources") else "cpu")
    assert found.gpus == (faiss.get_num_gpus() if found.kind == "gpu" else 0)
