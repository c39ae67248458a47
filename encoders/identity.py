"""An encoder by its name: where it lies, its tokenizer, and all that it is."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.config import check_sizes, read_config
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.encoders.tokenizer import read_tokenizer

PROBE = (
    "The Café naïve\u0301 ÀÉ 京都 covid-19 it's x\u0000y\u200b\tz\u3000🌲 e-mail@x.org "
    + "a" * 150
)
"""Text that tokenizers of other settings take apart otherwise: case, accents, CJK,
control characters, punctuation, long words."""

_NAMES = {
    "layers": ("n_layers", "num_hidden_layers"),
    "heads": ("n_heads", "num_attention_heads"),
    "activation": ("activation", "hidden_act"),
    "epsilon": ("layer_norm_eps",),
}
"""What changes vectors and no shape of a weight, by its names in ``config.json``."""

_DEFAULTS: dict[str, dict[str, Any]] = {
    "distilbert": {"layers": 6, "heads": 12, "activation": "gelu", "epsilon": 1e-12},
    "bert": {"layers": 12, "heads": 12, "activation": "gelu", "epsilon": 1e-12},
}
"""As transformers has them."""


def find_encoder(
    location: str, tokenizer_folder: Path | None = None
) -> tuple[Path, Tokenizer, EncoderSpec]:
    """Return the folder of a checkpoint, its tokenizer, and its whole spec.

    Parameters
    ----------
    location
        As of :func:`~tasb_pyserini.encoders.checkpoint.find_checkpoint`.
    tokenizer_folder
        Folder of another tokenizer; None: the checkpoint's own.

    Raises
    ------
    TasbError
        If there is none, or its parts do not belong together.
    """
    folder, spec = find_checkpoint(location)
    tokenizer, vocabulary = read_tokenizer(tokenizer_folder or folder)
    config = read_config(folder)
    check_sizes(folder, config, vocabulary, spec)
    whole = replace(
        spec,
        tokenizer=hash_tokenizer(tokenizer, vocabulary),
        architecture=describe_architecture(config),
    )
    return folder, tokenizer, whole


def hash_tokenizer(tokenizer: Tokenizer, vocabulary: Mapping[str, int]) -> str:
    """Return ``sha256:…`` of what a tokenizer does.

    Hashed are the vocabulary and what becomes of :data:`PROBE` at each step, not the
    form in which the tokenizer was saved: a ``vocab.txt`` and a ``tokenizer.json`` of
    any version are equal where the token ids are.

    Parameters
    ----------
    tokenizer, vocabulary
        From :func:`~tasb_pyserini.encoders.tokenizer.read_tokenizer`.
    """
    normalizer, splitter = tokenizer.normalizer, tokenizer.pre_tokenizer
    normal = normalizer.normalize_str(PROBE) if normalizer else PROBE
    words = splitter.pre_tokenize_str(normal) if splitter else [(normal, None)]
    steps = [normal, [word for word, _ in words], tokenizer.encode(PROBE).ids]
    digest = hashlib.sha256(json.dumps(steps).encode())
    digest.update("\n".join(sorted(vocabulary, key=vocabulary.__getitem__)).encode())
    digest.update(np.array(sorted(vocabulary.values()), "<i8").data)
    return f"sha256:{digest.hexdigest()}"


def describe_architecture(config: Mapping[str, Any]) -> str:
    """Return what a model computes with its weights.

    Parameters
    ----------
    config
        From :func:`~tasb_pyserini.encoders.config.read_config`.

    Examples
    --------
    >>> describe_architecture({"model_type": "distilbert", "n_heads": 4, "n_layers": 2})
    'distilbert, layers 2, heads 4, activation gelu, epsilon 1e-12'
    """
    model_type = config.get("model_type", "unknown")
    said = {
        part: config[name]
        for part, names in _NAMES.items()
        for name in names
        if name in config
    }
    if model_type == "distilbert":
        said.pop("epsilon", None)  # it has its own
    values = _DEFAULTS.get(model_type, {}) | said
    return ", ".join([model_type, *(f"{part} {values[part]}" for part in values)])
