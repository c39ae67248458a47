"""Texts as token ids: made once, kept on disk, mapped into memory."""

from tasb_pyserini.training.tokens.build import tokenize_table
from tasb_pyserini.training.tokens.store import tokenize_collection, tokenize_topics
from tasb_pyserini.training.tokens.table import TokenTable, open_tokens

__all__ = [
    "TokenTable",
    "open_tokens",
    "tokenize_collection",
    "tokenize_table",
    "tokenize_topics",
]
