"""The transformer inside a teacher: its sizes, and its start from an encoder."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from torch import Tensor
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    PretrainedConfig,
)

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.model import load_model
from tasb_pyserini.formats.errors import TasbError

HEAD_SIZE = 64
"""Of all sizes of BERT and DistilBERT: 12 heads for a dimension of 768."""

Config = BertConfig | DistilBertConfig
Transformer = BertModel | DistilBertModel

_CONFIGS: dict[str, type[Config]] = {"bert": BertConfig, "distilbert": DistilBertConfig}
_QUERY_WEIGHTS = {
    "bert": r"encoder\.layer\.(\d+)\.attention\.self\.query\.weight",
    "distilbert": r"transformer\.layer\.(\d+)\.attention\.q_lin\.weight",
}
_WIDE_WEIGHTS = {
    "bert": "encoder.layer.0.intermediate.dense.weight",
    "distilbert": "transformer.layer.0.ffn.lin1.weight",
}


def build_transformer(config: Config, *, pooler: bool) -> Transformer:
    """Return a transformer from its sizes alone; nothing is fetched.

    Parameters
    ----------
    config
        The sizes.
    pooler
        Whether a BERT gets the layer above [CLS].
    """
    with torch.random.fork_rng(devices=[]):
        if isinstance(config, DistilBertConfig):
            return DistilBertModel(config)
        return BertModel(config, add_pooling_layer=pooler)


def keep_sizes(config: PretrainedConfig) -> dict[str, Any]:
    """Return a transformer's config for a teacher's own; see `read_sizes`."""
    # Names that begin with _ tell where it was loaded from.
    return {
        name: value
        for name, value in config.to_dict().items()
        if not name.startswith("_")
    }


def read_sizes(values: Any, folder: Path) -> Config:
    """Return the config that is kept in a teacher's own.

    Raises
    ------
    TasbError
        If it is that of another architecture, or no such config.
    """
    kind = values.get("model_type") if isinstance(values, dict) else values
    if not isinstance(kind, str) or kind not in _CONFIGS:
        raise _error(folder, f"transformer {kind!r}")
    try:
        config = _CONFIGS[kind].from_dict(values)
        if config.hidden_size % config.num_attention_heads:
            raise ValueError("heads don't share the dimension evenly")
    except (StrictDataclassError, TypeError, ValueError) as error:
        line = " ".join(str(error).split())
        raise _error(
            folder, f"transformer's sizes in config.json are bad ({line})"
        ) from error
    return config


def infer_sizes(weights: Mapping[str, Tensor], folder: Path) -> Config:
    """Read the sizes off the weights: the published teachers' configs have none.

    What weights don't show is taken as in BERT and DistilBERT: heads of
    :data:`HEAD_SIZE`, dropout .1, GELU.

    Parameters
    ----------
    weights
        By the transformer's own names.
    folder
        Named in errors.

    Raises
    ------
    TasbError
        If they are those of another architecture.
    """
    kind, layers = _count_layers(weights, folder)
    shapes = {
        name: weights[name].shape if name in weights else torch.Size()
        for name in (
            "embeddings.word_embeddings.weight",
            "embeddings.position_embeddings.weight",
            _WIDE_WEIGHTS[kind],
        )
    }
    for name, shape in shapes.items():
        if len(shape) != 2:
            raise _error(folder, f"weights lack {name!r}")
    (vocabulary, dimension), (positions, _), (wide, _) = shapes.values()
    types = weights.get("embeddings.token_type_embeddings.weight")
    if types is not None and len(types) == 1:
        raise _error(folder, "weights with one segment, as RoBERTa's")
    if dimension % HEAD_SIZE:
        raise TasbError(
            f"{folder}: dimension {dimension}, and a config.json that doesn't say how "
            f"many heads; expected a multiple of {HEAD_SIZE}, with heads of that size"
        )
    if kind == "distilbert":
        return DistilBertConfig(
            vocab_size=vocabulary,
            max_position_embeddings=positions,
            dim=dimension,
            n_layers=layers,
            n_heads=dimension // HEAD_SIZE,
            hidden_dim=wide,
        )
    return BertConfig(
        vocab_size=vocabulary,
        max_position_embeddings=positions,
        hidden_size=dimension,
        num_hidden_layers=layers,
        num_attention_heads=dimension // HEAD_SIZE,
        intermediate_size=wide,
        type_vocab_size=2 if types is None else len(types),
    )


def start_transformer(location: str, seed: int, *, pooler: bool) -> Transformer:
    """Load the transformer of an encoder, to make a teacher of it.

    Parameters
    ----------
    location
        Name of a card, a folder, or a hub id.
    seed
        Of weights that the encoder may lack: BERT's pooler.
    pooler
        Whether a BERT keeps it.

    Raises
    ------
    TasbError
        If there is no such encoder, or it is neither BERT nor DistilBERT.
    """
    folder, spec = find_checkpoint(location)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        transformer = load_model(folder, spec, pooler=pooler).transformer
    if not isinstance(transformer, Transformer):
        raise _error(folder, f"transformer {transformer.config.model_type!r}")
    return transformer


def _count_layers(weights: Mapping[str, Tensor], folder: Path) -> tuple[str, int]:
    for kind, pattern in _QUERY_WEIGHTS.items():
        layers = sum(re.fullmatch(pattern, name) is not None for name in weights)
        if layers:
            return kind, layers
    raise _error(folder, "weights of another architecture")


def _error(folder: Path, problem: str) -> TasbError:
    return TasbError(f"{folder}: {problem}; expected a teacher on BERT or DistilBERT")
