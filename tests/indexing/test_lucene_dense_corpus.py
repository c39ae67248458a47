"""The corpus that Anserini indexes holds the passages as unit vectors, to the bit."""

import json
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.lucene_dense_corpus import write_dense_corpus
from tasb_pyserini.indexing.lucene_dense_sphere import read_norm
from tests.indexing.lucene_vectors import write_named_vectors

VECTORS = np.array([[3, 4], [6, 8], [0, 5]], np.float32)
UNIT = np.array([[0.3, 0.4, 0.75**0.5], [0.6, 0.8, 0], [0, 0.5, 0.75**0.5]], np.float32)
DOCIDS = ["a", 'ç"', "c"]


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    return write_named_vectors(tmp_path / "E", DOCIDS, VECTORS, shard_size=2)


def test_json_lines_are_docids_with_unit_vectors(vectors: Path, tmp_path: Path) -> None:
    assert write_dense_corpus(vectors, tmp_path / "A", "lucene-json") == 3
    files = sorted((tmp_path / "A" / "corpus").iterdir())
    assert [file.name for file in files] == ["00000.jsonl", "00001.jsonl"]
    lines = [json.loads(line) for file in files for line in file.open(encoding="utf-8")]
    assert [line["docid"] for line in lines] == DOCIDS
    read = np.array([line["vector"] for line in lines], np.float32)
    np.testing.assert_allclose(read, UNIT, rtol=1e-6)
    assert read_norm(tmp_path / "A") == (10.0, "lucene-json")
    assert EncoderSpec.read(tmp_path / "A" / "encoder.json").dimension == 2


def test_parquet_holds_the_same_vectors(vectors: Path, tmp_path: Path) -> None:
    write_dense_corpus(vectors, tmp_path / "J", "lucene-json")
    write_dense_corpus(vectors, tmp_path / "P", "lucene-parquet")
    for name in ("00000", "00001"):
        table = parquet.read_table(tmp_path / "P" / "corpus" / f"{name}.parquet")
        lines = (tmp_path / "J" / "corpus" / f"{name}.jsonl").read_text().splitlines()
        expected = [json.loads(line) for line in lines]
        assert table["docid"].to_pylist() == [line["docid"] for line in expected]
        np.testing.assert_array_equal(
            np.array(table["vector"].to_pylist(), np.float32),
            np.array([line["vector"] for line in expected], np.float32),
        )


def test_a_second_corpus_takes_the_place_of_the_first(
    vectors: Path, tmp_path: Path
) -> None:
    write_dense_corpus(vectors, tmp_path / "A", "lucene-json")
    write_dense_corpus(vectors, tmp_path / "A", "lucene-parquet")
    names = [file.name for file in (tmp_path / "A" / "corpus").iterdir()]
    assert sorted(names) == ["00000.parquet", "00001.parquet"]


def test_a_folder_of_other_files_is_not_replaced(vectors: Path, tmp_path: Path) -> None:
    with pytest.raises(TasbError, match="holds files but no corpus of unit vectors"):
        write_dense_corpus(vectors, vectors, "lucene-json")
    assert (vectors / "00000.npy").is_file()


def test_a_folder_with_a_corpus_of_somebody_elses_is_not_replaced(
    vectors: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "A" / "corpus" / "corpus.jsonl"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(TasbError, match="holds files but no corpus of unit vectors"):
        write_dense_corpus(vectors, tmp_path / "A", "lucene-json")
    assert mine.read_text() == "mine"
