"""A sequence-to-sequence checkpoint (T5 and others), from a folder."""

from pathlib import Path

from transformers import (
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING,
    AutoConfig,
    AutoModelForSeq2SeqLM,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from tasb_pyserini.encoders.pretrained import (
    WEIGHTS,
    folder_error,
    load_fast_tokenizer,
    load_weights,
    one_line,
)

VOCABULARIES = ("tokenizer.json", "*.model", "vocab.json")
EXPECTED = "a sequence-to-sequence checkpoint such as T5's"


def load_seq2seq(folder: Path) -> PreTrainedModel:
    """Load the weights in fp32, in eval mode; code in the checkpoint never runs.

    Parameters
    ----------
    folder
        ``config.json`` and weights, ``.safetensors`` or ``.bin``, also in shards.

    Raises
    ------
    TasbError
        If it is not a whole sequence-to-sequence model.
    """
    _check(folder)
    return load_weights(AutoModelForSeq2SeqLM, folder, EXPECTED)


def load_seq2seq_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Load the checkpoint's own tokenizer, also where it is a ``spiece.model`` alone.

    Quick, and sees that the other files are there too, so that a bad folder is found
    before hours of work.

    Raises
    ------
    TasbError
        If it has none, or none that the tokenizers library runs; or if the folder is
        no sequence-to-sequence checkpoint.
    """
    _check(folder)
    if not any(any(folder.glob(name)) for name in VOCABULARIES):
        raise folder_error(folder, "no tokenizer", "tokenizer.json or spiece.model")
    return load_fast_tokenizer(folder, EXPECTED)


def _check(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise folder_error(folder, "no config.json", EXPECTED)
    with one_line(folder, "can't be loaded", EXPECTED):
        config = AutoConfig.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    if type(config) not in MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING:
        raise folder_error(folder, f"a model of type {config.model_type!r}", EXPECTED)
    if not any(any(folder.glob(name)) for name in WEIGHTS):
        expected = "model.safetensors or pytorch_model.bin"
        raise folder_error(folder, "no weights", expected)
