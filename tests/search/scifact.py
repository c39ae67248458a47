"""Part of SciFact, indexed by Lucene and Faiss."""

from dataclasses import dataclass
from pathlib import Path

from tasb_pyserini.cli.main import main
from tasb_pyserini.formats.records import Topics
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.indexing.lucene import build_lucene_index
from tests.checkpoints import make_checkpoint


@dataclass(frozen=True)
class Part:
    """Folders of a corpus and its Lucene index, and topics."""

    corpus: Path
    lucene: Path
    topics: Topics

    @property
    def qids(self) -> list[str]:
        return list(self.topics)

    @property
    def queries(self) -> list[str]:
        return list(self.topics.values())


def make_part(source: Path, folder: Path, passages: int, queries: int) -> Part:
    """Index the first passages of SciFact; no query has no hit but the last."""
    corpus = folder / "corpus"
    corpus.mkdir(parents=True)
    lines = (source / "corpus.jsonl").read_text(encoding="utf-8").splitlines(True)
    (corpus / "part.jsonl").write_text("".join(lines[:passages]), encoding="utf-8")
    build_lucene_index(corpus, folder / "lucene", threads=1)
    topics = dict(list(read_topics(source / "topics.tsv").items())[:queries])
    return Part(corpus, folder / "lucene", topics | {"none": "xyzzy"})


def make_faiss_index(part: Part, folder: Path) -> tuple[Path, Path]:
    """Encode the corpus with a random model; return model and index."""
    model = make_checkpoint(folder / "model", dimension=128)
    words = ["encode", "--corpus", str(part.corpus), "--embeddings", str(folder / "E")]
    assert main([*words, "--encoder", f"tasb:{model}", "--device", "cpu"]) == 0
    index = folder / "faiss"
    assert main(["index", "--input", str(folder / "E"), "--output", str(index)]) == 0
    return model, index
