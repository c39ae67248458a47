"""A teacher's checkpoint: config.json, weights and tokenizer."""

import json
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from tasb_pyserini.encoders.config import check_ids, read_any_config
from tasb_pyserini.encoders.matchmaker.transformer import (
    Config,
    infer_sizes,
    read_sizes,
)
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.encoders.tokenizer_files import copy_tokenizer
from tasb_pyserini.encoders.weight_files import WEIGHTS
from tasb_pyserini.formats.errors import TasbError, first_line
from tasb_pyserini.formats.replace import replace_folder

SIZES = "transformer"
"""Key of ``config.json``, absent from published teachers: the transformer's config."""

PREFIX = "bert_model."
"""What the transformer's weights begin with, in the published teachers as in ours."""

_BUFFERS = ("position_ids", "token_type_ids")


def read_config(folder: Path, model_type: str) -> dict[str, Any]:
    """Return ``config.json``.

    Raises
    ------
    TasbError
        If there is none, or it is that of another model.
    """
    config = read_any_config(folder, f"a {model_type} checkpoint")
    found = config.get("model_type")
    if found != model_type:
        raise _error(folder, f"model_type {found!r} in config.json", model_type)
    return config


def read_weights(folder: Path, model_type: str) -> dict[str, Tensor]:
    """Return the weights by name, in fp32, on the CPU.

    Reads ``model.safetensors``, or ``pytorch_model.bin`` through torch's
    ``weights_only`` loader; code that comes with a checkpoint never runs.

    Raises
    ------
    TasbError
        If there are none, or they can't be read.
    """
    path = next((folder / name for name in WEIGHTS if (folder / name).is_file()), None)
    if path is None:
        raise _error(folder, f"no {' or '.join(WEIGHTS)}", model_type)
    try:
        if path.suffix == ".safetensors":
            weights = load_file(path)
        else:
            weights = torch.load(path, map_location="cpu", weights_only=True)
    except (
        OSError,
        EOFError,
        RuntimeError,
        UnpicklingError,
        SafetensorError,
    ) as error:
        problem = f"{path.name} can't be read ({first_line(error)})"
        raise _error(folder, problem, model_type) from error
    if not isinstance(weights, dict) or not all(
        isinstance(tensor, Tensor) for tensor in weights.values()
    ):
        raise _error(folder, f"{path.name} holds no weights by name", model_type)
    return {
        name: tensor.float()
        for name, tensor in weights.items()
        if name.rpartition(".")[2] not in _BUFFERS
    }


def transformer_config(
    config: dict[str, Any], weights: dict[str, Tensor], folder: Path
) -> Config:
    """Return the transformer's config: kept in the teacher's, or read off the weights.

    Raises
    ------
    TasbError
        If it is that of another architecture.
    """
    if SIZES in config:
        return read_sizes(config[SIZES], folder)
    own = {
        name.removeprefix(PREFIX): tensor
        for name, tensor in weights.items()
        if name.startswith(PREFIX)
    }
    return infer_sizes(own, folder)


def fill_weights(
    model: nn.Module, weights: dict[str, Tensor], folder: Path, model_type: str
) -> None:
    """Put weights into a model, and see that all fit.

    Raises
    ------
    TasbError
        If one is missing, too many, or of another shape; the first is named. Or if the
        folder's tokenizer has tokens that the model doesn't know.
    """
    own = model.state_dict()
    for name in sorted(own.keys() | weights.keys()):
        if name not in weights:
            raise _error(folder, f"weights lack {name!r}", model_type)
        if name not in own:
            raise _error(folder, f"unknown weights {name!r}", model_type)
        found, expected = tuple(weights[name].shape), tuple(own[name].shape)
        if found != expected:
            raise TasbError(
                f"{folder}: weights {name!r} of shape {found}; expected {expected}, as "
                "config.json says"
            )
    model.load_state_dict(weights)
    embeddings = len(own[f"{PREFIX}embeddings.word_embeddings.weight"])
    check_ids(folder, load_tokenizer(folder).get_vocab(), embeddings)


def write_checkpoint(
    model: nn.Module, config: dict[str, Any], tokenizer: Path, folder: Path
) -> None:
    """Write a checkpoint, whole or not at all; what was at `folder` is replaced.

    Parameters
    ----------
    model
        The weights are written as ``model.safetensors``.
    config
        Written as ``config.json``.
    tokenizer
        A checkpoint folder; the tokenizer's files are taken from there.
    folder
        To write.

    Raises
    ------
    TasbError
        If `folder` can't be written, or `tokenizer` has no tokenizer.
    """
    load_tokenizer(tokenizer)
    weights = {
        name: tensor.detach().cpu().contiguous()
        for name, tensor in model.state_dict().items()
    }
    with replace_folder(folder) as temporary:
        text = json.dumps(config, indent=2, sort_keys=True)
        (temporary / "config.json").write_text(f"{text}\n", encoding="utf-8")
        # safetensors' own writer tells of a full disk by an error that is no OSError.
        content = save(weights, metadata={"format": "pt"})
        (temporary / "model.safetensors").write_bytes(content)
        copy_tokenizer(tokenizer, temporary)


def _error(folder: Path, problem: str, model_type: str) -> TasbError:
    return TasbError(f"{folder}: {problem}; expected a {model_type} checkpoint")
