"""Everything that a pipeline needs, tiny: indexes, student, rerankers, topics."""

from pathlib import Path

from tasb_pyserini.cli.main import main
from tests.search.rerank.models import make_t5
from tests.teachers import make_teacher
from tests.training.toy import ASKED, make_toy, toy_student, write_toy

STAGES = [
    "bm25: {index: lucene, hits: 8}",
    "dense: {index: faiss, encoder: 'tasb:student', hits: 8}",
    "fuse: {of: [bm25, dense], method: hybrid, alpha: 0.3, k: 9}",
    "rerank: {cat: cat, depth: 6, collection: collection.jsonl}",
    "rerank: {monot5: mono, of: fuse, depth: 5, index: lucene}",
    "rerank: {duot5: duo, depth: 3, index: lucene}",
]
NAMES = ["1-bm25", "2-dense", "3-fuse", "4-cat", "5-monot5", "6-duot5"]


def make_inputs(folder: Path) -> None:
    """Write topics, qrels, collection, indexes and models."""
    toy = make_toy()
    for place, docid in enumerate(toy.passages):  # or BM25 would find nothing
        words = [ASKED[(place + step) % len(ASKED)] for step in (0, 1, 5)]
        toy.passages[docid] += f" {' '.join(words)}"
    toy.queries = {qid: toy.queries[qid] for qid in toy.held_out[:6]}
    toy_student(folder / "student", toy)
    write_toy(folder, toy)
    (folder / "qrels.txt").write_text(
        "".join(f"{qid} 0 {toy.relevant[qid]} 1\n" for qid in toy.queries)
    )
    make_t5(folder / "mono")
    make_t5(folder / "duo", seed=1)
    make_teacher(folder / "cat")
    corpus, vectors = str(folder / "collection.jsonl"), str(folder / "E")
    for words in (
        ["bm25", "index", "--input", corpus, "--index", str(folder / "lucene")],
        [
            *("encode", "--corpus", corpus, "--embeddings", vectors),
            *("--encoder", f"tasb:{folder / 'student'}", "--device", "cpu"),
        ],
        ["index", "--input", vectors, "--output", str(folder / "faiss")],
    ):
        assert main(words) == 0


def write_pipeline(
    path: Path, stages: list[str] = STAGES, head: str = "qrels: qrels.txt"
) -> Path:
    """Write a pipeline's file."""
    lines = ["topics: topics.tsv", head, "stages:", *(f"- {one}" for one in stages)]
    path.write_text("\n".join(lines) + "\n")
    return path
