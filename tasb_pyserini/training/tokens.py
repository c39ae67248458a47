"""Texts as token ids, in one compact array."""

import hashlib
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tasb_pyserini.encoders.tokenizer import tokenize

TEXTS_AT_ONCE = 10_000
"""How many texts are in memory while they are being tokenised."""


@dataclass(frozen=True, slots=True)
class TokenTable:
    """The token ids of many texts, looked up by position.

    Parameters
    ----------
    tokens
        All texts one after the other, int32, shape ``(n_tokens,)``.
    offsets
        Text i is ``tokens[offsets[i]:offsets[i + 1]]``; int64, shape
        ``(n_texts + 1,)``.
    """

    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, position: int) -> NDArray[np.int32]:
        return self.tokens[self.offsets[position] : self.offsets[position + 1]]

    def fingerprint(self) -> str:
        """Return ``sha256:…`` of the texts' token ids, in order."""
        digest = hashlib.sha256(self.offsets.tobytes())
        digest.update(self.tokens.tobytes())
        return f"sha256:{digest.hexdigest()}"


def tokenize_table(
    tokenizer: Tokenizer, texts: Iterable[str], prefix: str, max_length: int
) -> TokenTable:
    """Tokenise texts once; only some of them are in memory at a time.

    Parameters
    ----------
    tokenizer
        The checkpoint's own.
    texts
        In the order of the table.
    prefix
        Put before each text with a space, where not empty.
    max_length
        Longest text, in tokens, [CLS] and [SEP] included.
    """
    tokens, offsets = array("i"), array("q", [0])
    for chunk in _chunks(texts):
        prefixed = [f"{prefix} {text}" for text in chunk] if prefix else chunk
        for ids in tokenize(tokenizer, prefixed, max_length):
            tokens.extend(ids)
            offsets.append(len(tokens))
    return TokenTable(
        np.frombuffer(tokens, dtype=np.int32) if tokens else np.empty(0, np.int32),
        np.frombuffer(offsets, dtype=np.int64),
    )


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(texts)
    while chunk := list(islice(remaining, TEXTS_AT_ONCE)):
        yield chunk
