"""A small student, trained on the collection itself in a minute or two."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from tasb_pyserini.bindings.lucene_hits import LuceneHits
from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.records import Run, Topics, Triple
from tasb_pyserini.quickstart.examples import SEED, Examples, make_examples
from tasb_pyserini.quickstart.folder import CollectionFolder
from tasb_pyserini.search.sparse import bm25_run
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.data import tokenize_triples
from tasb_pyserini.training.mining.config import MiningConfig
from tasb_pyserini.training.mining.mine import mine_triples
from tasb_pyserini.training.spectral import spectral_student
from tasb_pyserini.training.student import learn_vocabulary
from tasb_pyserini.training.trainer import train

VOCABULARY = 8_000
DIMENSION, LAYERS, HEADS = 256, 2, 4
PASSAGE_TOKENS = 64
"""Read of a passage in training; all 200 are read when the collection is encoded."""

MOST_QUERIES = 6_000
DEPTH = 20
"""Ranks of BM25 that negatives come from."""

# Chosen on queries kept from training: more steps or a higher rate gave no more.
CONFIG = TrainingConfig(
    steps=200,
    batch_size=32,
    learning_rate=1e-4,
    warmup_steps=20,
    seed=SEED,
    checkpoint_every=50,
)


def train_student(
    folder: CollectionFolder,
    lucene: LuceneHits,
    output: Path,
    say: Callable[[str], None],
) -> tuple[Path, Examples]:
    """Train a student on a collection, or go on where a killed run stopped.

    Parameters
    ----------
    folder
        The collection.
    lucene
        Its Lucene index, for negatives.
    output
        Folder for the start and the checkpoint.
    say
        Takes a line about each step.

    Returns
    -------
    tuple
        The checkpoint's folder, and the examples, some of which it has not seen.
    """
    examples = make_examples(folder)
    start = output / "start"
    if not (start / "config.json").is_file():
        texts = [passage.contents for passage in read_collection(folder.folder)]
        spectral_student(
            start,
            learn_vocabulary(texts, VOCABULARY),
            texts,
            dimension=DIMENSION,
            layers=LAYERS,
            heads=HEADS,
            seed=SEED,
        )
    say(f"Mining negatives of {min(len(examples.topics), MOST_QUERIES):,} queries")
    triples = list(mine_examples(examples, lucene))
    _, spec = find_checkpoint(str(start))
    spec = replace(spec, passage_max_length=PASSAGE_TOKENS)
    data = tokenize_triples(
        triples, examples.topics, examples.passages, load_tokenizer(start), spec
    )
    say(f"Training {LAYERS} layers of {DIMENSION} on {len(triples):,} triples")
    checkpoint = train(CONFIG, data, start, output / "checkpoint", progress=True)
    return checkpoint, examples


def mine_examples(examples: Examples, lucene: LuceneHits) -> Iterator[Triple]:
    """Yield triples of an example, its passage and a hit of BM25 that is not it."""
    every = -(-len(examples.topics) // MOST_QUERIES)
    topics: Topics = dict(list(examples.topics.items())[::every])
    found = bm25_run(lucene, topics, DEPTH, threads=os.cpu_count() or 1)
    known: Run = {
        qid: {
            docid: score for docid, score in hits.items() if docid in examples.passages
        }
        for qid, hits in found.items()
    }
    qrels = {qid: examples.qrels[qid] for qid in topics}
    config = MiningConfig(negatives=1, depth=DEPTH, seed=SEED)
    return mine_triples(known.items(), qrels, config)
