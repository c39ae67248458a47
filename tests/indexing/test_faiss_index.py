"""The index directory holds all vectors, or is not written."""

from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.faiss_index import build_index
from tasb_pyserini.indexing.shards import Manifest, open_vectors, write_shard

faiss = pytest.importorskip("faiss")

SPEC = EncoderSpec(checkpoint="x", dimension=4)
VECTORS = np.arange(20, dtype=np.float32).reshape(5, 4)


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    folder = tmp_path / "E"
    manifest = Manifest(
        passages=5,
        fingerprint="f",
        shard_size=3,
        passage_max_length=200,
        backend="torch",
    )
    open_vectors(folder, manifest, SPEC)
    write_shard(folder, 0, ["a", "b", "ç"], VECTORS[:3])
    write_shard(folder, 1, ["d", "e"], VECTORS[3:])
    return folder


def test_the_index_is_pyserinis_with_our_spec_beside_it(
    vectors: Path, tmp_path: Path
) -> None:
    assert build_index(vectors, tmp_path / "I") == 5
    index = faiss.read_index(str(tmp_path / "I" / "index"))
    assert isinstance(index, faiss.IndexFlatIP)
    np.testing.assert_array_equal(index.reconstruct_n(0, 5), VECTORS)
    assert (tmp_path / "I" / "docid").read_text() == "a\nb\nç\nd\ne\n"
    assert EncoderSpec.read(tmp_path / "I" / "encoder.json") == SPEC


def test_a_missing_shard_leaves_the_old_index_alone(
    vectors: Path, tmp_path: Path
) -> None:
    build_index(vectors, tmp_path / "I")
    before = (tmp_path / "I" / "index").read_bytes()
    (vectors / "00001.npy").unlink()
    with pytest.raises(TasbError, match="shard 2 of 2 is missing; run the command"):
        build_index(vectors, tmp_path / "I")
    assert (tmp_path / "I" / "index").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["E", "I"]


def test_a_shard_with_too_few_ids_is_refused(vectors: Path, tmp_path: Path) -> None:
    (vectors / "00001.docid").write_text("d\n")
    with pytest.raises(TasbError, match=r"00001\.docid: 1 lines; expected 2 lines of"):
        build_index(vectors, tmp_path / "I")


def test_a_pickled_shard_is_not_loaded(vectors: Path, tmp_path: Path) -> None:
    np.save(vectors / "00001.npy", np.array([{}, {}]), allow_pickle=True)
    with pytest.raises(TasbError, match=r"00001\.npy: not an array; expected 2 vecto"):
        build_index(vectors, tmp_path / "I")


def test_a_folder_of_other_files_is_not_replaced(vectors: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.tex").write_text("years of work")
    with pytest.raises(TasbError, match="holds files but no Faiss index"):
        build_index(vectors, tmp_path / "home")
    assert (tmp_path / "home" / "thesis.tex").read_text() == "years of work"
