"""tasb pipeline: what is wrong in its file is one line with file and line."""

import json
from pathlib import Path

import pytest

from tests.cli.pipelines import TUNED, tasb
from tests.search.pipeline.toy import STAGES, make_inputs, write_pipeline

pytest.importorskip("faiss")
pytest.importorskip("pyserini")
pytestmark = pytest.mark.pyserini

BM25, DENSE, FUSE, CAT, MONO, _ = STAGES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pipeline")
    make_inputs(folder)
    return folder


BAD = {
    "unknown key": (
        "4: unknown key of bm25 'hit'; did you mean 'hits'?",
        ["bm25: {index: lucene, hit: 3}"],
    ),
    "unknown stage": (
        "4: unknown stage 'bm26'; did you mean 'bm25'?",
        ["bm26: {index: lucene}"],
    ),
    "no settings": ("4: bm25 without settings; expected some, such as", ["bm25:"]),
    "not a stage": (
        "4: not a stage; expected one of bm25, dense",
        ["{bm25: {}, dense: {}}"],
    ),
    "no index": ("4: no key 'index'; expected a text", ["bm25: {hits: 3}"]),
    "hits": (
        "4: hits: many; expected a whole number of at least 1",
        ["bm25: {index: lucene, hits: many}"],
    ),
    "no hits": (
        "4: hits: 0; expected a whole number",
        ["bm25: {index: lucene, hits: 0}"],
    ),
    "k1": ("4: k1: nothing; expected a finite number", ["bm25: {index: lucene, k1: }"]),
    "b": ("4: BM25 with k1 0.9 and b 4: expected", ["bm25: {index: lucene, b: 4}"]),
    "lucene": ("4: index ", ["bm25: {index: ./nowhere}"]),
    "faiss": ("5: index ", [BM25, "dense: {index: lucene, encoder: 'tasb:student'}"]),
    "encoder": (
        "4: encoder 'no where': no such folder",
        ["dense: {index: faiss, encoder: no where}"],
    ),
    "unknown of": (
        "6: of 'sparse'; expected stages above it (bm25, dense)",
        [BM25, DENSE, "fuse: {of: [sparse, dense], method: rrf}"],
    ),
    "later": (
        "4: of 'dense'; expected stages above it (none)",
        ["fuse: {of: [dense, bm25], method: rrf}", BM25, DENSE],
    ),
    "of one": (
        "5: rrf of 1 run: expected at least two",
        [BM25, "fuse: {of: [bm25], method: rrf}"],
    ),
    "of no list": (
        "5: of: bm25; expected a list, such as [a, b]",
        [BM25, "fuse: {of: bm25, method: rrf}"],
    ),
    "order": (
        "6: of [dense, bm25], and alpha weights the first; expected the sparse one",
        [BM25, DENSE, "fuse: {of: [dense, bm25], method: hybrid}"],
    ),
    "method": (
        "6: unknown method 'hybird'; did you mean 'hybrid'?",
        [BM25, DENSE, "fuse: {of: [bm25, dense], method: hybird}"],
    ),
    "alpha": (
        "6: alpha 0.5 with rrf: expected none",
        [BM25, DENSE, "fuse: {of: [bm25, dense], method: rrf, alpha: 0.5}"],
    ),
    "normalisation": (
        "6: normalisation 'minmax': expected one of",
        [
            BM25,
            DENSE,
            "fuse: {of: [bm25, dense], method: hybrid, normalization: minmax}",
        ],
    ),
    "tuned": (
        "6: tuned ",
        [BM25, DENSE, "fuse: {of: [bm25, dense], tuned: nowhere.json}"],
    ),
    "tuned and": (
        "6: alpha with 'tuned', which says it; expected one of two",
        [BM25, DENSE, "fuse: {of: [bm25, dense], tuned: tuned.json, alpha: 1}"],
    ),
    "tuned k1": (
        "was tuned with k1 0.82 of BM25; expected the k1 of stage bm25, 0.9",
        [BM25, DENSE, "fuse: {of: [bm25, dense], tuned: tuned.json}"],
    ),
    "two models": (
        "5: cat and monot5; expected one of cat, monot5, duot5",
        [BM25, "rerank: {cat: cat, monot5: mono, index: lucene}"],
    ),
    "no model": (
        "5: no model; expected one of cat, monot5, duot5",
        [BM25, "rerank: {index: lucene}"],
    ),
    "no texts": (
        "5: no source of texts; expected one of collection",
        [BM25, "rerank: {cat: cat}"],
    ),
    "collection": (
        "5: collection ",
        [BM25, "rerank: {cat: cat, collection: no.jsonl}"],
    ),
    "no T5": (
        "a model of type 'bert'; expected a sequence-to",
        [BM25, "rerank: {monot5: cat, index: lucene}"],
    ),
    "hub": (
        "5: checkpoint 'no where': no such folder",
        [BM25, "rerank: {monot5: no where, index: lucene}"],
    ),
    "first rerank": (
        "4: of ''; expected stages above it (none)",
        ["rerank: {cat: cat, index: lucene}"],
    ),
    "name twice": ("5: a second stage 'bm25'; expected another 'name'", [BM25, BM25]),
    "bad name": (
        "4: name 'a/b'; expected letters",
        ["bm25: {index: lucene, name: a/b}"],
    ),
    "key twice": (
        "4: a second 'hits', after line 4; expected each key once",
        ["bm25: {index: lucene, hits: 3, hits: 4}"],
    ),
    "not YAML": ("5: not YAML", ["bm25: {index: lucene"]),
}


@pytest.mark.parametrize(("message", "stages"), BAD.values(), ids=BAD)
def test_a_bad_stage_is_one_line_with_file_and_line(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    message: str,
    stages: list[str],
) -> None:
    (folder / "tuned.json").write_text(json.dumps(TUNED | {"k1": 0.82, "b": 0.4}))
    file = write_pipeline(folder / "bad.yaml", stages)
    capsys.readouterr()
    assert tasb(file, tmp_path / "out") == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"tasb pipeline: {file}:")
    assert message in line
    assert not (tmp_path / "out").exists()


HEADS: dict[str, tuple[str, str]] = {
    "key": ("mesures: [RR]", "2: unknown key 'mesures'; did you mean 'measures'?"),
    "measure": ("measures: [RR@10, nDGC@10]", "2: unknown measure 'nDGC@10'"),
    "measures": ("measures: RR", "2: measures: RR; expected a list, such as [a, b]"),
    "qrels": ("qrels: no.txt", "2: qrels "),
    "level": ("relevance_level: 0", "2: relevance_level: 0; expected a whole number"),
}


@pytest.mark.parametrize(("head", "message"), HEADS.values(), ids=HEADS)
def test_a_bad_head_is_one_line_with_file_and_line(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    head: str,
    message: str,
) -> None:
    file = write_pipeline(folder / "bad.yaml", [BM25], head)
    capsys.readouterr()
    assert tasb(file, tmp_path / "out") == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"tasb pipeline: {file}:{message}")
