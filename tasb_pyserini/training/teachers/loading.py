"""ColBERT from checkpoints and encoders, and back into folders."""

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel

from tasb_pyserini.encoders.matchmaker.files import (
    PREFIX,
    SIZES,
    fill_weights,
    read_config,
    read_weights,
    transformer_config,
    write_checkpoint,
)
from tasb_pyserini.encoders.matchmaker.transformer import (
    build_transformer,
    keep_sizes,
    start_transformer,
)
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.teachers.colbert import ColBert
from tasb_pyserini.training.teachers.reads import READS, reads_of

COLBERT = "ColBERT"
"""``model_type`` of the published ColBERT and of ours."""


def load_colbert(folder: Path) -> ColBert:
    """Load a ColBERT, in fp32, in eval mode.

    Parameters
    ----------
    folder
        Either of the form of the published checkpoint
        (``sebastian-hofstaetter/colbert-distilbert-margin_mse-T2-msmarco``:
        ``pytorch_model.bin``, and a ``config.json`` without the transformer's sizes,
        which are read off the weights), or from `save_colbert`. For a hub id, see
        :func:`~tasb_pyserini.encoders.pretrained.find_model`.

    Raises
    ------
    TasbError
        If it is not a whole ColBERT on BERT or DistilBERT with a tokenizer, its
        vectors have another dimension than ``config.json`` says, or what it reads is
        not said as `save_colbert` does.
    """
    config = read_config(folder, COLBERT)
    pooler = f"{PREFIX}pooler."  # of a BERT; above [CLS], no token vector
    weights = {
        name: tensor
        for name, tensor in read_weights(folder, COLBERT).items()
        if not name.startswith(pooler)
    }
    dimension = config.get("compression_dim", 768)
    if not isinstance(dimension, int) or dimension < 1:
        raise TasbError(
            f"{folder / 'config.json'}: compression_dim {dimension!r}; expected the "
            "dimension of the token vectors"
        )
    sizes = transformer_config(config, weights, folder)
    with torch.random.fork_rng(devices=[]):
        transformer = build_transformer(sizes, pooler=False)
        model = ColBert(transformer, dimension, reads_of(config, folder))
    fill_weights(model, weights, folder, COLBERT)
    return model.eval()


def new_colbert(location: str, *, dimension: int = 768, seed: int) -> ColBert:
    """Return a ColBERT to be trained: an encoder with a random last layer.

    The layer turns vectors and keeps their angles (where `dimension` is not less than
    the encoder's), and scales them to a length of about 1: a query of n tokens scores
    at most about n. With the library's own random layer scores start at five times
    that, and a student that is to have the same margins takes long to get there.

    Parameters
    ----------
    location
        An encoder: a card's name, a folder, or a hub id; BERT or DistilBERT.
    dimension
        Of the token vectors.
    seed
        Of the last layer.

    Raises
    ------
    TasbError
        If there is no such encoder.
    """
    transformer = start_transformer(location, seed, pooler=False)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = ColBert(transformer, dimension)
        nn.init.orthogonal_(model.compressor.weight, 1 / _vector_length(transformer))
        nn.init.zeros_(model.compressor.bias)
    return model.eval()


def _vector_length(transformer: PreTrainedModel) -> float:
    """Return the usual length of a token's vector, which leaves a layer norm."""
    norms = [each for each in transformer.modules() if isinstance(each, nn.LayerNorm)]
    return math.hypot(norms[-1].weight.norm().item(), norms[-1].bias.norm().item())


def save_colbert(model: ColBert, folder: Path, *, tokenizer: Path) -> None:
    """Write a ColBERT that `load_colbert` reads, whole or not at all.

    Parameters
    ----------
    model
        The weights, and what it reads, where that is known.
    folder
        To write; what was there is replaced.
    tokenizer
        The checkpoint folder that the tokenizer's files are taken from.

    Raises
    ------
    TasbError
        If `folder` can't be written, or `tokenizer` has no tokenizer.
    """
    config: dict[str, Any] = {
        "model_type": COLBERT,
        "compression_dim": model.compressor.out_features,
        SIZES: keep_sizes(model.bert_model.config),
    }
    if model.reads is not None:
        config[READS] = asdict(model.reads)
    write_checkpoint(model, config, tokenizer, folder)
