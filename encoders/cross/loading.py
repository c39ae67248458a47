"""A sequence-classification checkpoint, from a folder."""

from pathlib import Path

from torch import nn
from transformers import (
    AutoModelForSequenceClassification,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

from tasb_pyserini.encoders.config import read_any_config
from tasb_pyserini.encoders.matchmaker.bert_cat import (
    BERT_CAT,
    BertCatLogits,
    load_bert_cat,
)
from tasb_pyserini.encoders.pretrained import (
    folder_error,
    load_fast_tokenizer,
    load_weights,
)
from tasb_pyserini.encoders.tokenizer import load_tokenizer

Classifier = PreTrainedModel | BertCatLogits

VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")
EXPECTED = "a sequence-classification checkpoint"


def load_classifier(folder: Path) -> Classifier:
    """Load the weights in fp32, in eval mode; code in the checkpoint never runs.

    Also of the authors' own form of BERT_CAT, which transformers doesn't know; see
    :class:`~tasb_pyserini.encoders.matchmaker.bert_cat.BertCat`.

    Raises
    ------
    TasbError
        If it is not a whole sequence-classification model with one or two labels.
    """
    if model_type(folder) == BERT_CAT:
        return BertCatLogits(load_bert_cat(folder)).eval()
    model = load_weights(AutoModelForSequenceClassification, folder, EXPECTED)
    if model.config.num_labels not in (1, 2):
        problem = f"{model.config.num_labels} labels"
        raise folder_error(
            folder, problem, "one (a score) or two (not relevant, relevant)"
        )
    return model


def load_pair_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Load the checkpoint's own tokenizer.

    Raises
    ------
    TasbError
        If it has none, or none that the tokenizers library runs.
    """
    if not any(any(folder.glob(name)) for name in VOCABULARIES):
        raise folder_error(folder, "no tokenizer", "tokenizer.json or vocab.txt")
    if model_type(folder) == BERT_CAT:
        # transformers chooses a tokenizer by a model_type that it knows.
        return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # has no type
            tokenizer_object=load_tokenizer(folder),
            model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        )
    return load_fast_tokenizer(folder, EXPECTED)


def max_positions(model: Classifier) -> int | None:
    """Return how many tokens a model takes; None where nothing limits them."""
    positions: int | None = getattr(model.config, "max_position_embeddings", None)
    for name, module in model.named_modules():
        is_table = name.endswith(".position_embeddings")
        if is_table and isinstance(module, nn.Embedding) and module.padding_idx:
            # RoBERTa counts positions from behind that of padding.
            return module.num_embeddings - module.padding_idx - 1
    return positions


def model_type(folder: Path) -> object:
    """Return what ``config.json`` says.

    Raises
    ------
    TasbError
        If there is none, or it is damaged.
    """
    return read_any_config(folder, EXPECTED).get("model_type")
