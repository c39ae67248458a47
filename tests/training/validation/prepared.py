"""A validation set of made-up texts, made ready as training does."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tokenizers import Tokenizer

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.training.tokens import tokenize_collection
from tasb_pyserini.training.validation.candidates import Validation, write_validation
from tasb_pyserini.training.validation.prepare import (
    ValidationSet,
    open_validation_set,
)


def make_validation_set(
    validation: Validation,
    texts: Mapping[str, str],
    tokenizer: Tokenizer,
    spec: EncoderSpec,
) -> ValidationSet:
    """Write the set and the passages of ``docid → text``, and open them."""
    with TemporaryDirectory() as scratch:
        folder, collection = Path(scratch, "validation"), Path(scratch, "c.tsv")
        write_validation(folder, validation)
        collection.write_text("".join(f"{d}\t{text}\n" for d, text in texts.items()))
        passages = tokenize_collection(collection, tokenizer, spec, Path(scratch, "k"))
        return open_validation_set(folder, passages, tokenizer, spec)
