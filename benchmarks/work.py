"""What searches of benchmarks work on: an encoder of TAS-B's size, and indexes by it.

The encoder is a spectral student of 6 layers and 768 dimensions, which ranks sensibly
and takes a minute to make. Passages are cut to 32 tokens, to have their vectors soon.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from tasb_pyserini.cli.main import main as tasb
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.indexing.lucene import build_lucene_index
from tasb_pyserini.training.spectral import spectral_student
from tasb_pyserini.training.student import learn_vocabulary

DATA = Path(__file__).parents[2] / "shared" / "data" / "scifact"
LAYERS, DIMENSION = 6, 768

STOCK = str(Path(__file__).with_name("stock.py"))
"""Runs Pyserini's modules as they are without us."""


@dataclass(frozen=True)
class Work:
    """What is searched, and how."""

    model: Path
    vectors: Path
    faiss: Path
    lucene: Path
    topics: Path

    @property
    def encoder(self) -> str:
        """Its name."""
        return f"tasb:{self.model}"


def make_model(folder: Path, data: Path = DATA) -> Path:
    """Make the encoder from a collection's texts, unless it is there."""
    if not folder.exists():
        texts = [passage.contents for passage in read_collection(data)]
        spectral_student(
            folder,
            learn_vocabulary(texts, 8000),
            texts,
            dimension=DIMENSION,
            layers=LAYERS,
            heads=DIMENSION // 64,
            seed=1,
        )
    return folder


def make_faiss(folder: Path, data: Path = DATA) -> Work:
    """Make the encoder, vectors and a flat index, unless they are there."""
    work = Work(
        make_model(folder / "model", data),
        *(folder / "E", folder / "faiss", folder / "lucene"),
        data / "topics.tsv",
    )
    if not work.faiss.exists():
        words = ["encode", "--corpus", str(data), "--embeddings", str(work.vectors)]
        tasb([*words, "--encoder", work.encoder, "--max-length", "32"])
        tasb(["index", "--input", str(work.vectors), "--output", str(work.faiss)])
    return work


def make_indexes(folder: Path, data: Path = DATA) -> Work:
    """Make the encoder, vectors and both indexes, unless they are there."""
    work = make_faiss(folder, data)
    if not work.lucene.exists():
        build_lucene_index(data, work.lucene, threads=os.cpu_count() or 1)
    return work
