"""A tokenizer of BERT's kind with few pieces."""

from tasb_pyserini.encoders.tokenizer import wordpiece_tokenizer
from tests.checkpoints import VOCABULARY

PIECES = {piece: i for i, piece in enumerate(VOCABULARY.read_text("utf-8").split())}
TOKENIZER = wordpiece_tokenizer(PIECES)
