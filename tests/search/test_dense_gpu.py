"""Search on a GPU finds what search on a CPU does."""

from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.bindings.faiss_library import describe_faiss
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.faiss_index import build_index
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
