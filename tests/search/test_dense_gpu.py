"""Search on a GPU finds what search on a CPU does."""

from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.bindings.faiss_library import describe_faiss
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.faiss_index import build_index
from tasb_pyserini.search import gpu
from tasb_pyserini.search.faiss_index import FaissIndex
from tests.indexing.vectors import uneven_vectors, write_vectors

faiss = pytest.importorskip("faiss")


@pytest.mark.gpu
@pytest.mark.skipif(describe_faiss().gpus == 0, reason="Faiss can use no GPU here")
@pytest.mark.parametrize("kind", ["flat", "fp16"])
def test_a_gpu_finds_the_same_best(tmp_path: Path, kind: str) -> None:
    write_vectors(tmp_path / "E", uneven_vectors(3000, 64))
    build_index(tmp_path / "E", tmp_path / "I", kind)
    queries = uneven_vectors(20, 64, seed=2)
    scores, positions = FaissIndex(tmp_path / "I").search(queries, 100)
    on_gpu = FaissIndex(tmp_path / "I", "cuda").search(queries, 100)
    np.testing.assert_allclose(on_gpu[0], scores, rtol=0.01)
    np.testing.assert_array_equal(on_gpu[1][:, 0], positions[:, 0])
    with pytest.raises(TasbError, match="on a GPU Faiss finds 2,048 at most"):
        FaissIndex(tmp_path / "I", "cuda").search(queries, 2049)


@pytest.mark.skipif(describe_faiss().gpus > 0, reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_named(tmp_path: Path) -> None:
    write_vectors(tmp_path / "E", uneven_vectors(30, 8))
    build_index(tmp_path / "E", tmp_path / "I")
    with pytest.raises(TasbError, match="no device 'cuda': Faiss can use 0 GPUs"):
        FaissIndex(tmp_path / "I", "cuda")


def test_parts_are_searched_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "PART", 100)
    monkeypatch.setattr(gpu, "CHUNK", 30)
    whole = faiss.IndexFlatIP(16)
    whole.add(uneven_vectors(250, 16))
    parts = gpu.in_parts(whole, lambda: faiss.IndexFlatIP(16), Path("I"))
    assert [parts.at(number).ntotal for number in range(parts.count())] == [
        100,
        100,
        50,
    ]
    assert (parts.ntotal, parts.d) == (250, 16)
    queries = uneven_vectors(7, 16, seed=2)
    scores, positions = whole.search(queries, 120)
    found = parts.search(queries, 120)
    np.testing.assert_array_equal(found[1], positions)
    np.testing.assert_allclose(found[0], scores, rtol=1e-6)
    assert (parts.search(queries, 300)[1][:, 250:] == -1).all()


def test_what_faiss_cannot_take_is_one_line() -> None:
    whole = faiss.IndexFlatIP(16)
    whole.add(uneven_vectors(250, 16))
    metric = faiss.METRIC_INNER_PRODUCT
    with pytest.raises(TasbError) as error:  # Faiss takes no vectors before training
        gpu.in_parts(
            whole, lambda: faiss.index_factory(16, "IVF4,Flat", metric), Path("I")
        )
    assert str(error.value).startswith("I: does not fit into the GPU's memory, as fp16")
    assert "is_trained" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.gpu
@pytest.mark.skipif(describe_faiss().gpus == 0, reason="Faiss can use no GPU here")
def test_a_gpu_that_holds_parts_finds_the_same_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "PART", 1000)
    monkeypatch.setattr(gpu, "CHUNK", 300)
    write_vectors(tmp_path / "E", uneven_vectors(3500, 64))
    build_index(tmp_path / "E", tmp_path / "I")
    index, queries = FaissIndex(tmp_path / "I", "cuda"), uneven_vectors(20, 64, seed=2)
    scores, positions = FaissIndex(tmp_path / "I").search(queries, 100)
    found = index.search(queries, 100)
    np.testing.assert_allclose(found[0], scores, rtol=0.01)
    np.testing.assert_array_equal(found[1][:, 0], positions[:, 0])
    assert index.reconstruct(positions[0]).shape == (100, 64)
