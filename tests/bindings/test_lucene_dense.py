"""Stock Pyserini and Anserini search and build what our dense Lucene indexes are."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from tasb_pyserini.bindings.jvm import start_jvm
from tasb_pyserini.bindings.lucene_dense import DenseFolder
from tasb_pyserini.bindings.startup import install_finder
from tasb_pyserini.formats.runs import read_run
from tasb_pyserini.indexing.lucene_dense import build_lucene_dense
from tasb_pyserini.indexing.lucene_dense_corpus import write_dense_corpus
from tasb_pyserini.search.lucene_dense_topics import lucene_queries, write_vector_topics
from tests.bindings.conftest import Python
from tests.indexing.lucene_vectors import (
    Matrix,
    vectors_of_many_lengths,
    write_named_vectors,
)

pytestmark = pytest.mark.pyserini

PASSAGES, DIMENSION, HITS = 600, 32, 50
QIDS = ["3", "1", "q2"]


class Case(NamedTuple):
    """Vectors, their indexes by kind, and queries with exact scores."""

    folder: Path
    queries: Matrix
    exact: NDArray[np.float64]

    def score(self, row: int, docid: str) -> float:
        return float(self.exact[row, int(docid.removeprefix("d"))])


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("stock")
    passages = vectors_of_many_lengths(3, PASSAGES, DIMENSION)
    queries = vectors_of_many_lengths(4, len(QIDS), DIMENSION)
    docids = [f"d{row}" for row in range(PASSAGES)]
    write_named_vectors(folder / "E", docids, passages, shard_size=250)
    for kind in ("lucene-flat", "lucene-hnsw"):
        build_lucene_dense(folder / "E", folder / kind, kind, threads=1)
    for suffix in ("tsv", "jsonl"):
        write_vector_topics(folder / f"queries.{suffix}", QIDS, queries)
    exact = queries.astype(np.float64) @ passages.astype(np.float64).T
    return Case(folder, queries, exact)


@pytest.fixture(scope="module")
def stock(case: Case) -> None:
    """Skip where Anserini 2 has no network: it asks GitHub before it opens a folder."""
    start_jvm()
    from jnius import JavaException, autoclass

    try:
        autoclass("io.anserini.index.IndexReaderUtils").getIndex(str(case.folder))
    except JavaException as error:
        if "io.anserini.index.prebuilt" not in str(error):
            raise
        pytest.skip("Anserini 2's dense searchers read a list of GitHub's first")


def assert_brute_force(case: Case, row: int, docids: list[str]) -> None:
    """Docids are the best passages by inner product, but for what fp32 ties."""
    best = -np.sort(-case.exact[row])[:HITS]
    found = [case.score(row, docid) for docid in docids]
    np.testing.assert_allclose(found, best, rtol=0, atol=1e-6 * 15 * 15)


@pytest.mark.usefixtures("stock")
@pytest.mark.parametrize("kind", ["flat", "hnsw"])
def test_pyserinis_searcher_takes_our_query_vectors(case: Case, kind: str) -> None:
    install_finder()
    start_jvm()
    from pyserini.search import lucene

    folder = str(case.folder / f"lucene-{kind}")
    searcher: Any
    if kind == "hnsw":
        searcher = lucene.LuceneHnswDenseSearcher(folder, ef_search=PASSAGES)
    else:
        searcher = lucene.LuceneFlatDenseSearcher(folder)
    for row, query in enumerate(lucene_queries(case.queries)):
        hits = searcher.search(query, HITS)
        assert_brute_force(case, row, [hit.docid for hit in hits])


@pytest.mark.usefixtures("stock")
@pytest.mark.parametrize("kind", [pytest.param("flat", marks=pytest.mark.slow), "hnsw"])
def test_pyserinis_command_takes_our_topics(
    case: Case, kind: str, python: Python, tmp_path: Path
) -> None:
    run = tmp_path / "run.txt"
    index, topics = case.folder / f"lucene-{kind}", case.folder / "queries.tsv"
    words = ["--dense", f"--{kind}", "--index", index, "--topics", topics]
    words += ["--output", run, "--hits", str(HITS)]
    words += ["--ef-search", str(PASSAGES)] if kind == "hnsw" else []
    python("-m", "pyserini.search.lucene", *words)
    found = read_run(run)
    assert sorted(found) == sorted(QIDS)
    for row, qid in enumerate(QIDS):
        assert_brute_force(case, row, list(found[qid]))


@pytest.mark.parametrize(
    ("form", "collection"),
    [
        ("lucene-json", "JsonDenseVectorCollection"),
        ("lucene-parquet", "ParquetDenseVectorCollection"),
    ],
)
def test_anserini_indexes_our_corpus(
    case: Case, form: str, collection: str, tmp_path: Path
) -> None:
    write_dense_corpus(case.folder / "E", tmp_path / "A", form)
    start_jvm()
    from jnius import autoclass

    words = ["-collection", collection, "-input", str(tmp_path / "A" / "corpus")]
    words += ["-generator", "DenseVectorDocumentGenerator", "-threads", "2"]
    words += ["-index", str(tmp_path / "I"), "-M", "16", "-efC", "100", "-quiet"]
    autoclass("io.anserini.index.IndexHnswDenseVectors").main(words)
    index = DenseFolder(tmp_path / "I")
    docids = list(index.docids())
    for row, query in enumerate(lucene_queries(case.queries)):
        hits = index.nearest(json.loads(query), HITS, PASSAGES)
        assert_brute_force(case, row, [docids[document] for document, _ in hits])


@pytest.mark.usefixtures("stock")
@pytest.mark.parametrize(
    ("topics", "reader", "field"),
    [
        ("queries.jsonl", "JsonStringVector", "vector"),
        ("queries.tsv", "TsvString", "title"),
    ],
)
def test_anserinis_command_takes_our_topics(
    case: Case, topics: str, reader: str, field: str, tmp_path: Path
) -> None:
    from jnius import autoclass

    run = tmp_path / "run.txt"
    words = ["-index", str(case.folder / "lucene-hnsw"), "-output", str(run), "-quiet"]
    words += ["-topics", str(case.folder / topics), "-topicReader", reader]
    words += ["-topicField", field, "-hits", str(HITS), "-efSearch", str(PASSAGES)]
    autoclass("io.anserini.search.SearchHnswDenseVectors").main(words)
    found = read_run(run)
    assert sorted(found) == sorted(QIDS)
    for row, qid in enumerate(QIDS):
        assert_brute_force(case, row, list(found[qid]))


@pytest.mark.usefixtures("stock")
def test_anserinis_scores_are_cosines_that_norms_turn_back(case: Case) -> None:
    install_finder()
    start_jvm()
    from pyserini.search.lucene import LuceneFlatDenseSearcher

    searcher = LuceneFlatDenseSearcher(str(case.folder / "lucene-flat"))
    norm = json.loads((case.folder / "lucene-flat" / "norm.json").read_text())
    [query] = lucene_queries(case.queries[:1])
    length = float(np.linalg.norm(case.queries[0]))
    for hit in searcher.search(query, 10):
        product = (2 * hit.score - 1) * norm["largest_norm"] * length
        assert product == pytest.approx(case.score(0, hit.docid), rel=1e-4)
