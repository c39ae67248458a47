"""A small retrieval task that word overlap can't solve: it has to be learned."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.records import Triple
from tasb_pyserini.training.data import TrainingData, tokenize_triples
from tasb_pyserini.training.spectral import spectral_student
from tasb_pyserini.training.student import learn_vocabulary

ASKED = re.findall(r"\w+", "dog sea car king tree gold fire song bread ship moon knife")
ANSWERED = re.findall(
    r"\w+", "hound ocean auto ruler oak metal flame tune loaf boat lunar blade"
)
FILLERS = re.findall(r"\w+", "the a of and in to is was for on as with by at from it")


@dataclass
class Toy:
    """Query word i asks for the passages with answer word i; both stand among fillers.

    The first half of the queries is for training, the other for testing.
    """

    passages: dict[str, str]
    queries: dict[str, str]
    relevant: dict[str, str]
    triples: list[Triple]
    held_out: list[str]


def make_toy(seed: int = 0, queries_per_word: int = 8) -> Toy:
    rng = np.random.default_rng(seed)
    passages = {
        f"d{i}": " ".join(rng.permutation([word, *rng.choice(FILLERS, 8)]))
        for i, word in enumerate(ANSWERED)
    }
    toy = Toy(passages, {}, {}, [], [])
    for number in range(queries_per_word):
        for i, word in enumerate(ASKED):
            qid = f"q{number}-{i}"
            toy.queries[qid] = " ".join(
                rng.permutation([word, *rng.choice(FILLERS, 3)])
            )
            toy.relevant[qid] = f"d{i}"
            if number < queries_per_word // 2:
                for other in rng.integers(1, len(ASKED), size=2):
                    neg = f"d{(i + int(other)) % len(ASKED)}"
                    toy.triples.append(Triple(qid, f"d{i}", neg))
            else:
                toy.held_out.append(qid)
    return toy


def toy_student(folder: Path, toy: Toy, *, seed: int = 0) -> Path:
    texts = [*toy.passages.values(), *toy.queries.values()]
    vocabulary = learn_vocabulary(texts, 300)
    return spectral_student(
        folder, vocabulary, texts, dimension=32, layers=2, heads=2, seed=seed
    )


def toy_data(start: Path, toy: Toy) -> TrainingData:
    folder, spec = find_checkpoint(str(start))
    tokenizer = load_tokenizer(folder)
    return tokenize_triples(toy.triples, toy.queries, toy.passages, tokenizer, spec)


def write_toy(folder: Path, toy: Toy) -> tuple[Path, Path, Path]:
    """Write triples, topics and collection; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    triples, topics = folder / "triples.tsv", folder / "topics.tsv"
    collection = folder / "collection.jsonl"
    triples.write_text("".join(f"{t.qid}\t{t.pos}\t{t.neg}\n" for t in toy.triples))
    topics.write_text("".join(f"{q}\t{text}\n" for q, text in toy.queries.items()))
    collection.write_text(
        "".join(
            json.dumps({"id": docid, "contents": text}) + "\n"
            for docid, text in toy.passages.items()
        )
    )
    return triples, topics, collection
