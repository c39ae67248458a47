"""Small models of the shapes that can and can't be exported, and their true vectors."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import BertWordPieceTokenizer
from transformers import (
    AutoModel,
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    PreTrainedModel,
    RobertaConfig,
    RobertaModel,
)

from tests.checkpoints import VOCABULARY

Kind = Literal["distilbert", "bert", "roberta"]

TEXTS = [
    "copy the tree",
    "",
    "word " * 1000,
    "dense retrieval of the dense passage",
    "🌲 京東 café",
    " the query ",
    "covid-19",
    "dense passage retriever " * 12,
]


def make_model(
    folder: Path,
    kind: Kind = "distilbert",
    *,
    pooling: str = "cls",
    normalize: bool = False,
    activation: str = "gelu",
    dimension: int = 64,
    seed: int = 0,
) -> Path:
    """Write a checkpoint of two layers with random weights; return its folder."""
    torch.manual_seed(seed)
    vocabulary = len(VOCABULARY.read_text(encoding="utf-8").splitlines())
    model = _model(kind, vocabulary, activation, dimension)
    # Zero as they come, they would not be missed.
    for name, weights in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(weights, std=0.1)
    model.save_pretrained(folder)
    shutil.copy(VOCABULARY, folder / "vocab.txt")
    spec = {
        "checkpoint": "x",
        "pooling": pooling,
        "normalize": normalize,
        "dimension": dimension,
    }
    (folder / "encoder.json").write_text(json.dumps(spec))
    return folder


def plain_vectors(
    folder: Path, texts: Sequence[str], max_length: int
) -> NDArray[np.float32]:
    """Return what transformers alone gives, one text a pass."""
    spec = json.loads((folder / "encoder.json").read_text())
    wordpiece = BertWordPieceTokenizer(str(VOCABULARY))
    wordpiece.enable_truncation(max_length)
    model = AutoModel.from_pretrained(folder).eval()
    vectors = []
    for text in texts:
        with torch.no_grad():
            ids = torch.tensor([wordpiece.encode(text).ids])
            hidden = model(input_ids=ids).last_hidden_state[0].numpy()
        vector = hidden[0] if spec["pooling"] == "cls" else hidden.mean(axis=0)
        length = np.linalg.norm(vector) if spec["normalize"] else 1
        vectors.append(vector / length)
    return np.array(vectors, np.float32)


def cosines(
    left: NDArray[np.float32], right: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the cosine of each pair of rows."""
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    result: NDArray[np.float32] = (left * right).sum(axis=1) / lengths
    return result


def _model(
    kind: Kind, vocabulary: int, activation: str, dimension: int
) -> PreTrainedModel:
    # Weights of the usual size (0.02) would give all texts nearly one vector.
    spread, heads = 0.15, dimension // 32
    if kind == "distilbert":
        return DistilBertModel(
            DistilBertConfig(
                vocab_size=vocabulary,
                dim=dimension,
                n_layers=2,
                n_heads=heads,
                hidden_dim=2 * dimension,
                activation=activation,
                initializer_range=spread,
            )
        )
    sizes: dict[str, Any] = {
        "vocab_size": vocabulary,
        "hidden_size": dimension,
        "num_hidden_layers": 2,
        "num_attention_heads": heads,
        "intermediate_size": 2 * dimension,
        "hidden_act": activation,
        "initializer_range": spread,
    }
    if kind == "bert":
        return BertModel(BertConfig(**sizes))
    return RobertaModel(RobertaConfig(**sizes))
