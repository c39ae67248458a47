"""A sequence-classification checkpoint, from a folder or the hub."""

import json
import re
from logging import CRITICAL
from pathlib import Path
from pickle import UnpicklingError

import torch
from huggingface_hub.constants import ENDPOINT
from safetensors import SafetensorError
from torch import nn
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)
from transformers.utils import logging

from tasb_pyserini.encoders.hub import HubError, cached_snapshot, fetch_snapshot
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.teachers.bert_cat import BertCatLogits
from tasb_pyserini.training.teachers.loading import BERT_CAT, load_bert_cat

Classifier = PreTrainedModel | BertCatLogits

FILES = ["*.json", "*.txt", "*.model", "model*.safetensors", "pytorch_model*.bin"]
VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")


def find_teacher(location: str) -> Path:
    """Return the folder of a checkpoint; a hub id is fetched where need be.

    Raises
    ------
    TasbError
        If there is no such folder, and no such checkpoint on the hub or its cache.
    """
    folder = Path(location).expanduser()
    if folder.is_dir():
        return folder
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", location):
        raise TasbError(
            f"teacher {location!r}: no such folder, and not a hub id (OWNER/NAME)"
        )
    try:
        cached = cached_snapshot(location, None, FILES)
        return cached or fetch_snapshot(location, None, FILES)
    except HubError as error:
        raise TasbError(
            f"teacher {location!r}: no such folder, and could not be fetched from "
            f"{ENDPOINT} ({error}); put its files into a folder and name that"
        ) from error


def load_classifier(folder: Path) -> Classifier:
    """Load the weights in fp32, in eval mode; code in the checkpoint never runs.

    Also of the authors' own form of BERT_CAT, which transformers doesn't know; see
    :class:`~tasb_pyserini.training.teachers.bert_cat.BertCat`.

    Raises
    ------
    TasbError
        If it is not a whole sequence-classification model with one or two labels.
    """
    if _model_type(folder) == BERT_CAT:
        return BertCatLogits(load_bert_cat(folder)).eval()
    verbosity = logging.get_verbosity()  # its reports run over many lines
    logging.set_verbosity(CRITICAL)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # has no type
    try:
        model, report = AutoModelForSequenceClassification.from_pretrained(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=any(folder.glob("model*.safetensors")),
            weights_only=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except (
        OSError,
        ValueError,
        RuntimeError,
        UnpicklingError,
        SafetensorError,
    ) as error:
        line = str(error).strip().partition("\n")[0]
        raise _error(folder, f"can't be loaded ({line})") from error
    finally:
        logging.set_verbosity(verbosity)
    if missing := sorted(report["missing_keys"]):
        raise _error(folder, f"weights lack {missing[0]!r}")
    if model.config.num_labels not in (1, 2):
        problem = f"{model.config.num_labels} labels"
        raise _error(folder, problem, "one (a score) or two (not relevant, relevant)")
    loaded: PreTrainedModel = model.eval()
    return loaded


def load_pair_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Load the checkpoint's own tokenizer.

    Raises
    ------
    TasbError
        If it has none, or none that the tokenizers library runs.
    """
    if not any(any(folder.glob(name)) for name in VOCABULARIES):
        raise _error(folder, "no tokenizer", "tokenizer.json or vocab.txt")
    if _model_type(folder) == BERT_CAT:
        # transformers chooses a tokenizer by a model_type that it knows.
        return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # has no type
            tokenizer_object=load_tokenizer(folder),
            model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        )
    try:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except (OSError, ValueError) as error:
        line = str(error).strip().partition("\n")[0]
        raise _error(folder, f"tokenizer can't be loaded ({line})") from error
    if not tokenizer.is_fast:
        raise _error(folder, "a tokenizer in Python", "one with a tokenizer.json")
    return tokenizer


def max_positions(model: Classifier) -> int | None:
    """Return how many tokens a model takes; None where nothing limits them."""
    positions: int | None = getattr(model.config, "max_position_embeddings", None)
    for name, module in model.named_modules():
        is_table = name.endswith(".position_embeddings")
        if is_table and isinstance(module, nn.Embedding) and module.padding_idx:
            # RoBERTa counts positions from behind that of padding.
            return module.num_embeddings - module.padding_idx - 1
    return positions


def _model_type(folder: Path) -> object:
    path = folder / "config.json"
    if not path.is_file():
        raise _error(folder, "no config.json")
    try:
        config = json.loads(path.read_bytes())
    except ValueError as error:
        raise _error(folder, "config.json is not JSON") from error
    if not isinstance(config, dict):
        raise _error(folder, "config.json is not an object")
    return config.get("model_type")


def _error(
    folder: Path, problem: str, expected: str = "a sequence-classification checkpoint"
) -> TasbError:
    return TasbError(f"{folder}: {problem}; expected {expected}")
