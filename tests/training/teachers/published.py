"""Teachers of the published form with random weights, and texts for them."""

import json
import random
import shutil
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    PreTrainedModel,
)

from tasb_pyserini.training.batches.compose import Texts
from tests.checkpoints import VOCABULARY

DIMENSION = 128
TOKENS = len(VOCABULARY.read_text(encoding="utf-8").splitlines())


def make_transformer(kind: Literal["bert", "distilbert"]) -> PreTrainedModel:
    """Return two layers of two heads, with the pooler where it is a BERT."""
    if kind == "bert":
        return BertModel(
            BertConfig(
                vocab_size=TOKENS,
                hidden_size=DIMENSION,
                num_hidden_layers=2,
                num_attention_heads=2,
                intermediate_size=48,
                max_position_embeddings=60,
                initializer_range=0.1,
            )
        )
    return DistilBertModel(
        DistilBertConfig(
            vocab_size=TOKENS,
            dim=DIMENSION,
            n_layers=2,
            n_heads=2,
            hidden_dim=48,
            max_position_embeddings=60,
            initializer_range=0.1,
        )
    )


def make_published(
    folder: Path,
    model_type: Literal["ColBERT", "BERT_Cat"],
    kind: Literal["bert", "distilbert"] = "distilbert",
    *,
    dimension: int = 24,
) -> tuple[PreTrainedModel, nn.Linear]:
    """Write a checkpoint of the published form; return its two parts.

    ``config.json`` has none of the transformer's sizes; weights of the years when they
    were published also hold the buffer ``position_ids``.
    """
    torch.manual_seed(1)
    transformer = make_transformer(kind)
    transformer.train(False)
    config: dict[str, Any] = {"model_type": model_type, "trainable": True}
    config["bert_model"] = f"{kind}-base-uncased"
    if model_type == "ColBERT":
        config |= {"compression_dim": dimension, "dropout": 0.0, "return_vecs": True}
        name, last = "compressor", nn.Linear(DIMENSION, dimension)
    else:
        name, last = "_classification_layer", nn.Linear(DIMENSION, 1)
    weights = {f"bert_model.{n}": t for n, t in transformer.state_dict().items()}
    weights |= {f"{name}.{n}": t for n, t in last.state_dict().items()}
    weights["bert_model.embeddings.position_ids"] = torch.arange(60).unsqueeze(0)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    torch.save(weights, folder / "pytorch_model.bin")
    shutil.copy(VOCABULARY, folder / "vocab.txt")
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True}))
    return transformer, last


def some_texts(number: int, longest: int, *, seed: int = 0) -> Texts:
    """Return texts of 2 to `longest` random tokens, [CLS] and [SEP] included."""
    drawn = random.Random(seed)
    return pad(
        [
            [2, *drawn.choices(range(5, TOKENS), k=drawn.randint(0, longest - 2)), 3]
            for _ in range(number)
        ]
    )


def pad(texts: list[list[int]]) -> Texts:
    """Return texts padded to the longest."""
    width = max(map(len, texts))
    ids = [ids + [0] * (width - len(ids)) for ids in texts]
    mask = [[1] * len(ids) + [0] * (width - len(ids)) for ids in texts]
    return Texts(torch.tensor(ids), torch.tensor(mask))


def rows(texts: Texts) -> list[list[int]]:
    """Return the token ids of each text, without padding."""
    pairs = zip(texts.input_ids, texts.attention_mask.bool(), strict=True)
    return [ids[mask].tolist() for ids, mask in pairs]


def plain_maxsim(query: Tensor, passage: Tensor) -> float:
    """Score two texts, given their token vectors without padding, term by term."""
    total = 0.0
    for q in query.tolist():
        total += max(
            sum(a * b for a, b in zip(q, p, strict=True)) for p in passage.tolist()
        )
    return total
