"""Tables of token ids of at most six."""

from pathlib import Path

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.training.tokens import TokenTable, tokenize_collection
from tests.training.wordpieces import TOKENIZER

SPEC = EncoderSpec(checkpoint="c", query_max_length=5, passage_max_length=6)


def passages(path: Path, cache: Path, spec: EncoderSpec = SPEC) -> TokenTable:
    return tokenize_collection(path, TOKENIZER, spec, cache, progress=False)
