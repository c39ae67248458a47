"""What tests of training begin a run with, and what they ask of one."""

import json
from pathlib import Path

import numpy as np

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.validation.candidates import Validation
from tasb_pyserini.training.validation.prepare import ValidationSet
from tests.training.toy import Toy
from tests.training.validation.prepared import make_validation_set

SHORT = TrainingConfig(steps=6, batch_size=4, learning_rate=1e-3, log_every=2)


def log_of(folder: Path) -> list[dict[str, float]]:
    return [
        json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()
    ]


def losses_by_step(output: Path) -> list[tuple[int, float]]:
    """Return the whole lines of a log that may still be written."""
    path = output / "log.jsonl"
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return [(line["step"], line["loss"]) for line in map(json.loads, lines)]


def first_hits(encoder: Encoder, toy: Toy) -> float:
    """Return the share of held-out queries whose relevant passage ranks first."""
    docids = list(toy.passages)
    passages = encoder.encode_passages(list(toy.passages.values()))
    queries = encoder.encode_queries([toy.queries[qid] for qid in toy.held_out])
    best = (queries @ passages.T).argmax(axis=1)
    relevant = [docids.index(toy.relevant[qid]) for qid in toy.held_out]
    return float(np.mean(best == relevant))


def validation_set(start: Path, toy: Toy, n_queries: int = 48) -> ValidationSet:
    """Rank all passages for some of the held-out queries."""
    qids = toy.held_out[:n_queries]
    chosen = Validation(
        {qid: toy.queries[qid] for qid in qids},
        {qid: list(toy.passages) for qid in qids},
        {qid: {toy.relevant[qid]: 1} for qid in qids},
        {},
    )
    folder, spec = find_checkpoint(str(start))
    return make_validation_set(chosen, toy.passages, load_tokenizer(folder), spec)
