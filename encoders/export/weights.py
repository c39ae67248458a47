"""The weights of a BERT or DistilBERT under one set of names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import TasbError

Array = NDArray[np.float32]

ARCHITECTURES = ("bert", "distilbert")
"""What can be exported, by ``model_type`` in ``config.json``."""

_BERT = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "output": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm": "output.LayerNorm",
}
_DISTILBERT = {
    "query": "attention.q_lin",
    "key": "attention.k_lin",
    "value": "attention.v_lin",
    "output": "attention.out_lin",
    "attention_norm": "sa_layer_norm",
    "up": "ffn.lin1",
    "down": "ffn.lin2",
    "norm": "output_layer_norm",
}
_GELU = {"gelu": "none", "gelu_new": "tanh", "gelu_pytorch_tanh": "tanh"}


@dataclass(frozen=True, slots=True)
class Affine:
    """``x @ weight + bias``, or a norm's scale and shift.

    Parameters
    ----------
    weight
        Shape ``(n_in, n_out)``, or ``(n,)`` of a norm.
    bias
        Shape ``(n_out,)`` or ``(n,)``.
    """

    weight: Array
    bias: Array


@dataclass(frozen=True, slots=True)
class Weights:
    """A transformer encoder, as its graph needs it.

    Parameters
    ----------
    tokens
        Embeddings of tokens, shape ``(n_vocabulary, dimension)``.
    positions
        Embeddings of positions, with that of segment 0 added, shape
        ``(n_positions, dimension)``.
    norm
        Of the embeddings.
    layers
        The parts of each layer by name: query, key, value, output, attention_norm, up,
        down, norm.
    heads
        Attention heads.
    epsilon
        Of the norms.
    gelu
        ``none`` (exact) or ``tanh``, as ONNX' ``Gelu`` has it.
    """

    tokens: Array
    positions: Array
    norm: Affine
    layers: list[dict[str, Affine]]
    heads: int
    epsilon: float
    gelu: str


def read_weights(config: Any, state: Mapping[str, Any]) -> Weights:
    """Arrange a model's weights.

    Parameters
    ----------
    config
        Of transformers.
    state
        Tensors by name, as ``state_dict()`` gives them.

    Raises
    ------
    TasbError
        If the model is neither BERT nor DistilBERT as the TAS-B family has them, or a
        weight is no number.
    """
    distil = config.model_type == "distilbert"
    activation = getattr(config, "activation" if distil else "hidden_act", None)
    if config.model_type not in ARCHITECTURES or activation not in _GELU:
        raise TasbError(
            f"a model of type {config.model_type!r} with activation {activation!r} "
            "can't be exported; expected a BERT or DistilBERT with GELU; use "
            "'tasb:torch:…'"
        )
    tensors = {name: np.asarray(t.float().cpu()) for name, t in state.items()}
    for name, values in tensors.items():
        if not np.isfinite(values).all():
            raise TasbError(
                f"weights {name!r} hold NaN or infinity; expected a model that was "
                "trained without overflow"
            )
    positions = tensors["embeddings.position_embeddings.weight"]
    if not distil:
        positions = positions + tensors["embeddings.token_type_embeddings.weight"][0]
    parts = _DISTILBERT if distil else _BERT
    prefix = "transformer.layer" if distil else "encoder.layer"
    return Weights(
        tokens=tensors["embeddings.word_embeddings.weight"],
        positions=positions,
        norm=_affine(tensors, "embeddings.LayerNorm"),
        layers=[
            {
                part: _affine(tensors, f"{prefix}.{number}.{name}")
                for part, name in parts.items()
            }
            for number in range(config.num_hidden_layers)
        ],
        heads=config.num_attention_heads,
        epsilon=1e-12 if distil else config.layer_norm_eps,
        gelu=_GELU[activation],
    )


def _affine(tensors: Mapping[str, Array], name: str) -> Affine:
    return Affine(tensors[f"{name}.weight"].T, tensors[f"{name}.bias"])
