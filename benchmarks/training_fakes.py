"""Made-up texts of MS MARCO's lengths, pairs of them, and models that read them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import DistilBertModel

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.records import ScoredTriple
from tasb_pyserini.training.data import TrainingData, tokenize_triples
from tasb_pyserini.training.student import random_student, save_student
from tasb_pyserini.training.teachers.colbert import ColBert

QUERIES, PASSAGES, CLUSTERS, PAIRS_A_QUERY = 1_024, 4_096, 8, 4
WORDS = [a + b + c for a in "bdfgklmnprst" for b in "aeiou" for c in "bdfgklmnprst"]
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
VOCABULARY = {word: i for i, word in enumerate([*SPECIAL, *WORDS])}


@dataclass(frozen=True)
class Size:
    """Of a DistilBERT."""

    layers: int
    dimension: int
    heads: int

    @property
    def weights(self) -> int:
        """Weights of all layers that every token is multiplied with."""
        return 12 * self.layers * self.dimension**2


@dataclass(frozen=True)
class Fakes:
    """Texts and scored pairs of them; every word is one token."""

    queries: dict[str, str]
    passages: dict[str, str]
    triples: list[ScoredTriple]

    def tokenized(self, start: Path) -> TrainingData:
        """Return training data for a checkpoint."""
        folder, spec = find_checkpoint(str(start))
        tokenizer = load_tokenizer(folder)
        return tokenize_triples(
            self.triples, self.queries, self.passages, tokenizer, spec
        )


def make_fakes() -> Fakes:
    """Make queries of about 8 words, and passages of 15 to 150, 59 on average."""
    rng = np.random.default_rng(0)
    lengths = rng.lognormal(np.log(54), 0.45, PASSAGES).clip(15, 150).astype(int)
    passages = {f"d{i}": _text(rng, n) for i, n in enumerate(lengths)}
    short = rng.normal(8, 2, QUERIES).clip(3, 15).astype(int)
    queries = {f"q{i}": _text(rng, n) for i, n in enumerate(short)}
    triples = [
        ScoredTriple(
            f"q{i}",
            f"d{i}",
            f"d{rng.integers(QUERIES, PASSAGES)}",
            *rng.normal((3, -5), (1, 4)).round(4).tolist(),
        )
        for i in range(QUERIES)
        for _ in range(PAIRS_A_QUERY)
    ]
    return Fakes(queries, passages, triples)


def make_clusters() -> list[NDArray[np.int64]]:
    """Return queries by number, in clusters of one size."""
    return np.array_split(np.random.default_rng(1).permutation(QUERIES), CLUSTERS)


def make_start(folder: Path, size: Size) -> Path:
    """Write a student that has learned nothing."""
    return save_student(folder, _transformer(size, seed=0), VOCABULARY)


def make_teacher(size: Size) -> ColBert:
    """Return a ColBERT of the student's size that has learned nothing."""
    transformer = _transformer(size, seed=1)
    torch.manual_seed(1)
    return ColBert(transformer, size.dimension).eval().requires_grad_(False)


def _transformer(size: Size, seed: int) -> DistilBertModel:
    return random_student(
        VOCABULARY,
        dimension=size.dimension,
        layers=size.layers,
        heads=size.heads,
        seed=seed,
    )


def _text(rng: np.random.Generator, words: int) -> str:
    return " ".join(rng.choice(WORDS, words))
