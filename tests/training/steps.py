"""Single steps of a task, and what the toy task needs for every loss."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import BertConfig, BertModel

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.model import BertDot, load_model
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.records import ScoredTriple
from tasb_pyserini.training.batches.compose import PairBatch
from tasb_pyserini.training.batches.loader import load_batches
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.data import TrainingData, tokenize_triples
from tasb_pyserini.training.fit import open_accelerator
from tasb_pyserini.training.objective import Losses
from tasb_pyserini.training.sampling.sampler import Sampler
from tasb_pyserini.training.tasks.dot import DotTask
from tasb_pyserini.training.teachers.loading import new_colbert, save_colbert
from tasb_pyserini.training.teaching import InBatchTeacher
from tests.training.toy import ASKED, Toy


def without_dropout(start: Path, folder: Path) -> Path:
    shutil.copytree(start, folder)
    config = json.loads((folder / "config.json").read_text())
    config |= {"dropout": 0.0, "attention_dropout": 0.0}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def toy_bert(start: Path, folder: Path) -> Path:
    """Write a BERT without dropout, with its pooler and the start's vocabulary."""
    shutil.copytree(start, folder)
    words = len((start / "vocab.txt").read_text().splitlines())
    config = BertConfig(
        vocab_size=words,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=256,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        # Weights of the usual size (0.02) would give all texts nearly one vector.
        initializer_range=0.3,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertModel(config).save_pretrained(folder)
    return folder


def toy_colbert(start: Path, folder: Path, *, dimension: int = 16) -> Path:
    """Write a ColBERT on the start's transformer with a random last layer."""
    model = new_colbert(str(start), dimension=dimension, seed=5)
    save_colbert(model, folder, tokenizer=start)
    return folder


def scored_data(start: Path, toy: Toy) -> TrainingData:
    """Return the toy's triples with made-up scores, margins 1 to 5."""
    folder, spec = find_checkpoint(str(start))
    rows = [
        ScoredTriple(t.qid, t.pos, t.neg, 6.0 + i % 3, 3.0 + i % 3 + (i % 5) / 2)
        for i, t in enumerate(toy.triples)
    ]
    return tokenize_triples(
        rows, toy.queries, toy.passages, load_tokenizer(folder), spec
    )


def toy_clusters(data: TrainingData) -> list[NDArray[np.int64]]:
    """Return a cluster for each three of the words that are asked for."""
    words = [int(qid.split("-")[1]) for qid in data.pairs.qids]
    return [
        np.flatnonzero(np.array(words) // 3 == part) for part in range(len(ASKED) // 3)
    ]


def load_student(start: Path) -> BertDot:
    return load_model(*find_checkpoint(str(start))).train()


def batches_of(
    data: TrainingData, config: TrainingConfig, number: int
) -> list[PairBatch]:
    """Return the first batches of a run."""
    return list(load_batches(data, Sampler(data.pairs, config.sampling), 0, number))


def gradients_of(
    model: BertDot,
    config: TrainingConfig,
    batches: Sequence[PairBatch],
    teacher: InBatchTeacher | None = None,
    *,
    seed: int = 1,
) -> tuple[dict[str, Tensor], list[Losses], Tensor]:
    """Return the gradient of an update by parameter, its losses, and the random state.

    The model's own gradients are left empty.
    """
    model.zero_grad()
    with open_accelerator(config, "cpu") as accelerator:
        torch.manual_seed(seed)
        task = DotTask(model, config, teacher)
        losses = [
            task.learn(
                task.wrapped,
                batch,
                1 / len(batches),
                accelerator,
                last=batch is batches[-1],
            )
            for batch in batches
        ]
        after = torch.get_rng_state()
    found = {
        name: parameter.grad.clone()
        for name, parameter in model.named_parameters()
        if parameter.grad is not None
    }
    model.zero_grad()
    return found, losses, after
