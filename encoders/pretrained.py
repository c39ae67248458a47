"""Checkpoints that transformers knows: found, loaded without running their code."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from logging import CRITICAL
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from huggingface_hub.constants import ENDPOINT
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging

from tasb_pyserini.encoders.config import check_ids
from tasb_pyserini.encoders.hub import (
    HubError,
    cached_snapshot,
    fetch_snapshot,
    is_hub_id,
)
from tasb_pyserini.encoders.weight_files import shards_of
from tasb_pyserini.formats.errors import InputError, TasbError, first_line

FILES = ["*.json", "*.txt", "*.model", "model*.safetensors", "pytorch_model*.bin"]
WEIGHTS = ("model*.safetensors", "pytorch_model*.bin")
TOKENIZERS = ("tokenizer*.json", "vocab*", "*.model")
CAUSES = (
    *(OSError, ValueError, RuntimeError, KeyError, ImportError),
    *(AttributeError, TypeError, StrictDataclassError),
    *(UnpicklingError, SafetensorError),
)
"""What transformers raises where a checkpoint is at fault."""


def find_model(location: str) -> Path:
    """Return the folder of a checkpoint; a hub id is fetched where need be.

    Raises
    ------
    TasbError
        If there is no such folder, and no such checkpoint on the hub or its cache.
    """
    folder = Path(location).expanduser()
    if folder.is_dir():
        return folder
    if not is_hub_id(location):
        raise TasbError(
            f"checkpoint {location!r}: no such folder, and not a hub id (OWNER/NAME)"
        )
    try:
        cached = cached_snapshot(location, None, FILES, _is_whole)
        return cached or fetch_snapshot(location, None, FILES)
    except HubError as error:
        raise TasbError(
            f"checkpoint {location!r}: no such folder, and could not be fetched from "
            f"{ENDPOINT} ({error}); put its files into a folder and name that"
        ) from error


def _is_whole(folder: Path) -> bool:
    """Tell whether a folder has a configuration, a tokenizer and all its weights.

    Of weights in both forms, those that are loaded.
    """
    needed = {"config.json"}
    safe = any(folder.glob(WEIGHTS[0]))
    try:
        for index in folder.glob("model*.index.json" if safe else "*.index.json"):
            needed.update(shards_of(index))
    except InputError:
        return False
    return all((folder / name).is_file() for name in needed) and all(
        any(any(folder.glob(pattern)) for pattern in patterns)
        for patterns in (WEIGHTS, TOKENIZERS)
    )


def load_weights(auto: Any, folder: Path, expected: str) -> PreTrainedModel:
    """Load a model in fp32, in eval mode; code in the checkpoint never runs.

    Parameters
    ----------
    auto
        A class of transformers such as ``AutoModelForSeq2SeqLM``.
    folder
        ``config.json`` and weights, ``.safetensors`` or ``.bin``, also in shards.
    expected
        What the folder should be, for errors.

    Raises
    ------
    TasbError
        If it is not such a model, or a weight is missing.
    """
    with one_line(folder, "can't be loaded", expected):
        model, report = auto.from_pretrained(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=any(folder.glob(WEIGHTS[0])),
            weights_only=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    if missing := sorted(report["missing_keys"]):
        raise folder_error(folder, f"weights lack {missing[0]!r}", expected)
    loaded: PreTrainedModel = model.eval()
    return loaded


def load_fast_tokenizer(folder: Path, expected: str) -> PreTrainedTokenizerBase:
    """Load a checkpoint's own tokenizer.

    Parameters
    ----------
    folder
        ``tokenizer.json``, or what transformers makes one of.
    expected
        What the folder should be, for errors.

    Raises
    ------
    TasbError
        If it can't be loaded, or the tokenizers library does not run it.
    """
    with one_line(folder, "tokenizer can't be loaded", expected):
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    if not tokenizer.is_fast:
        problem = "a tokenizer in Python"
        raise folder_error(folder, problem, "one with a tokenizer.json")
    return tokenizer


def bare_tokenizer(wrapped: PreTrainedTokenizerBase) -> Tokenizer:
    """Return a copy of what a fast tokenizer runs, which neither pads nor cuts."""
    tokenizer = Tokenizer.from_str(wrapped.backend_tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def check_vocabulary(folder: Path, tokenizer: Tokenizer, model: Any) -> None:
    """Refuse a tokenizer with tokens that the model has no embedding for.

    Raises
    ------
    TasbError
        If there is one.
    """
    embeddings = len(next(model.get_input_embeddings().parameters()))
    check_ids(folder, tokenizer.get_vocab(), embeddings)


def hash_tensors(model: nn.Module, *texts: str) -> str:
    """Return ``sha256:…`` of some texts and a model's weights, by name."""
    digest = hashlib.sha256("".join(texts).encode())
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
        digest.update(tensor.cpu().contiguous().numpy().data)
    return f"sha256:{digest.hexdigest()}"


@contextmanager
def one_line(folder: Path, problem: str, expected: str) -> Iterator[None]:
    """Turn what transformers raises and logs, over many lines, into one error."""
    verbosity = logging.get_verbosity()
    logging.set_verbosity(CRITICAL)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # has no type
    try:
        yield
    except CAUSES as error:
        said = f"{problem} ({first_line(error)})"
        raise folder_error(folder, said, expected) from error
    finally:
        logging.set_verbosity(verbosity)


def folder_error(folder: Path, problem: str, expected: str) -> TasbError:
    """Return the error for a folder that is no such checkpoint."""
    return TasbError(f"{folder}: {problem}; expected {expected}")
