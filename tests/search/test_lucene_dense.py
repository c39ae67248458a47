"""Lucene's dense indexes rank by inner product, with TAS-B's scores."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from tasb_pyserini.cli.main import main
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.lucene import build_lucene_index
from tasb_pyserini.indexing.lucene_dense import build_lucene_dense
from tasb_pyserini.indexing.lucene_dense_sphere import is_lucene_dense
from tasb_pyserini.search.lucene_dense import LuceneDenseIndex
from tests.indexing.lucene_vectors import (
    Matrix,
    vectors_of_many_lengths,
    write_named_vectors,
)

pytestmark = pytest.mark.pyserini

PASSAGES, QUERIES, DIMENSION = 3000, 40, 48


class Case(NamedTuple):
    """Passages in two indexes, and queries with exact scores."""

    flat: LuceneDenseIndex
    hnsw: LuceneDenseIndex
    vectors: Path
    queries: Matrix
    exact: NDArray[np.float64]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("lucene-dense")
    passages = vectors_of_many_lengths(1, PASSAGES, DIMENSION)
    queries = vectors_of_many_lengths(2, QUERIES, DIMENSION)
    docids = [f"d{row}" for row in range(PASSAGES)]
    vectors = write_named_vectors(folder / "E", docids, passages)
    indexes = []
    for kind in ("lucene-flat", "lucene-hnsw"):
        assert build_lucene_dense(vectors, folder / kind, kind, threads=2) == PASSAGES
        indexes.append(LuceneDenseIndex(folder / kind))
    exact = queries.astype(np.float64) @ passages.astype(np.float64).T
    return Case(indexes[0], indexes[1], vectors, queries, exact)


def rows_of(index: LuceneDenseIndex, positions: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows of the passages that an index has at some positions."""
    rows = np.array([int(docid.removeprefix("d")) for docid in index.docids])
    return np.asarray(rows[positions], dtype=np.int64)


def test_a_flat_ranking_is_the_brute_force_one(case: Case) -> None:
    scores, positions = case.flat.search(case.queries, 1500)
    assert scores.dtype == np.float32
    assert positions.dtype == np.int64
    found = np.take_along_axis(case.exact, rows_of(case.flat, positions), axis=1)
    best = -np.sort(-case.exact, axis=1)[:, :1500]
    # Passages may swap places where fp32 can't tell their scores apart.
    np.testing.assert_allclose(found, best, rtol=0, atol=1e-6 * 15 * 15)
    assert all(len(set(row)) == 1500 for row in positions.tolist())


def test_scores_are_inner_products(case: Case) -> None:
    for index in (case.flat, case.hnsw):
        scores, positions = index.search(case.queries, 100)
        exact = np.take_along_axis(case.exact, rows_of(index, positions), axis=1)
        np.testing.assert_allclose(scores, exact, rtol=1e-4)
        assert (np.diff(scores, axis=1) <= 0).all()


def test_hnsw_finds_nearly_all(case: Case) -> None:
    _, positions = case.hnsw.search(case.queries, 100)
    found = rows_of(case.hnsw, positions)
    best = np.argsort(-case.exact, axis=1)[:, :100]
    common = [len(set(a) & set(b)) for a, b in zip(found, best, strict=True)]
    assert np.mean(common) >= 95


def test_threads_and_batches_change_no_more_than_the_last_bits(case: Case) -> None:
    """Java adds up in another order once it has compiled Lucene's loops."""
    scores, _ = case.flat.search(case.queries, 20, threads=1)
    again, _ = case.flat.search(case.queries, 20, threads=3)
    np.testing.assert_allclose(again, scores, rtol=1e-5)
    alone, _ = case.flat.search(case.queries[7:8], 20)
    np.testing.assert_allclose(alone[0], scores[7], rtol=1e-5)


def test_a_query_may_ask_for_more_than_there_is(case: Case) -> None:
    scores, positions = case.flat.search(case.queries[:2], PASSAGES + 5)
    assert sorted(positions[0, :PASSAGES]) == list(range(PASSAGES))
    assert (positions[:, PASSAGES:] == -1).all()
    assert (scores[:, PASSAGES:] == -np.inf).all()


def test_a_query_of_zeros_scores_zero(case: Case) -> None:
    scores, positions = case.flat.search(np.zeros((1, DIMENSION), np.float32), 3)
    assert scores.tolist() == [[0.0, 0.0, 0.0]]
    assert (positions >= 0).all()


def test_the_folder_says_what_it_is(case: Case) -> None:
    assert is_lucene_dense(case.flat.folder)
    assert not is_lucene_dense(case.vectors)
    assert case.flat.dimension == DIMENSION
    assert case.flat.folders == (case.flat.folder,)
    assert sorted(case.flat.docids) == sorted(f"d{row}" for row in range(PASSAGES))
    spec = EncoderSpec.read(case.flat.folder / "encoder.json")
    assert spec == EncoderSpec(checkpoint="x", dimension=DIMENSION)


def test_a_query_that_is_no_number_is_refused(case: Case) -> None:
    queries = case.queries[:2].copy()
    queries[1, 5] = np.inf
    with pytest.raises(TasbError, match="vector of query 2 of 2: NaN or infinity"):
        case.flat.search(queries, 3)


def test_vectors_of_another_encoder_are_refused(case: Case) -> None:
    with pytest.raises(TasbError, match="an index of 48 dimensions, but query vectors"):
        case.flat.search(np.ones((1, 49), np.float32), 3)


def test_an_index_is_replaced_and_other_files_are_not(
    case: Case, tmp_path: Path
) -> None:
    passages = np.array([[1, 2], [2, 1], [0, 0]], np.float16)
    write_named_vectors(tmp_path / "E", ["a", "ç", "c"], passages.astype(np.float32))
    for _ in range(2):
        assert build_lucene_dense(
            tmp_path / "E", tmp_path / "I", "lucene-hnsw", threads=1
        )
    index = LuceneDenseIndex(tmp_path / "I")
    scores, positions = index.search(np.array([[2, 0]], np.float32), 3)
    assert [index.docids[position] for position in positions[0]] == ["ç", "a", "c"]
    np.testing.assert_allclose(scores, [[4, 2, 0]], atol=1e-6)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["E", "I"]
    with pytest.raises(TasbError, match="holds files but no dense Lucene index"):
        build_lucene_dense(case.vectors, case.vectors, "lucene-flat", threads=1)
    assert (case.vectors / "00000.npy").is_file()


def test_neither_kind_of_lucene_index_takes_the_place_of_the_other(
    case: Case, tmp_path: Path
) -> None:
    (tmp_path / "corpus.jsonl").write_text('{"id": "a", "contents": "the text"}\n')
    texts, dense = tmp_path / "texts", case.flat.folder
    assert build_lucene_index(tmp_path / "corpus.jsonl", texts) == 1
    kept = {folder: sorted(folder.rglob("*")) for folder in (texts, dense)}
    with pytest.raises(TasbError, match="holds files but no dense Lucene index"):
        build_lucene_dense(case.vectors, texts, "lucene-flat", threads=1)
    with pytest.raises(TasbError, match="holds files but no Lucene index of texts"):
        build_lucene_index(tmp_path / "corpus.jsonl", dense)
    assert kept == {folder: sorted(folder.rglob("*")) for folder in kept}


def test_bm25_in_an_index_of_vectors_is_one_line(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    topics, output = tmp_path / "topics.tsv", tmp_path / "run.txt"
    topics.write_text("1\ta query\n")
    words = ["--index", str(case.hnsw.folder), "--topics", str(topics)]
    assert main(["bm25", "search", *words, "--output", str(output)]) == 1
    assert capsys.readouterr().err == (
        f"tasb bm25: {case.hnsw.folder}: a Lucene index without texts (no field "
        "'contents'), such as a dense one; expected an index as of 'tasb bm25 index'\n"
    )
    assert not output.exists()


def test_a_folder_that_lacks_a_part_is_one_line(case: Case, tmp_path: Path) -> None:
    with pytest.raises(TasbError, match=r"no file 'norm\.json'; expected a dense"):
        LuceneDenseIndex(tmp_path)
    for name in ("norm.json", "encoder.json"):
        (tmp_path / name).write_bytes((case.flat.folder / name).read_bytes())
    (tmp_path / "docid").write_text("a\n")
    with pytest.raises(TasbError, match="not a Lucene index: no segments"):
        LuceneDenseIndex(tmp_path)


def test_a_docid_file_without_its_last_line_end_names_all(
    case: Case, tmp_path: Path
) -> None:
    for file in case.flat.folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    docids = tmp_path / "docid"
    docids.write_bytes(docids.read_bytes().removesuffix(b"\n"))
    assert LuceneDenseIndex(tmp_path).docids == case.flat.docids


def test_docids_that_are_not_utf8_are_one_line(case: Case, tmp_path: Path) -> None:
    for file in case.flat.folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "docid").write_bytes(b"d1\nd\xe9\n")
    with pytest.raises(TasbError, match=r"docid:2: byte 0xe9; expected UTF-8"):
        LuceneDenseIndex(tmp_path)
