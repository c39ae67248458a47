"""From texts to token ids: a stream of chunks, collected in memory or on disk."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tqdm import tqdm

from tasb_pyserini.encoders.tokenizer import tokenize
from tasb_pyserini.formats.check import BUCKETS, repeated_keys
from tasb_pyserini.formats.checksum import text_sha256
from tasb_pyserini.formats.json_file import write_object
from tasb_pyserini.training.tokens.table import (
    DESCRIPTION,
    IDS,
    OFFSETS,
    TOKENS,
    TokenTable,
)

TEXTS_AT_ONCE = 10_000
"""How many texts are in memory while they are being tokenised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextForm:
    """What becomes of a text before and after it is cut into tokens.

    Parameters
    ----------
    max_length
        Most tokens of a text, special tokens included.
    prefix
        Put before each text with a space, where not empty.
    special_tokens
        Whether each text stands between [CLS] and [SEP], or what the tokenizer has
        in their place.
    """

    max_length: int
    prefix: str = ""
    special_tokens: bool = True


class Chunk(NamedTuple):
    """Some texts' ids, all their tokens end to end, and the length of each."""

    ids: list[str]
    tokens: NDArray[np.integer]
    lengths: NDArray[np.int64]


def tokenize_table(
    tokenizer: Tokenizer, texts: Iterable[str], prefix: str, max_length: int
) -> TokenTable:
    """Tokenise texts into memory; only some of the texts are there at a time.

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
    form = TextForm(max_length=max_length, prefix=prefix)
    dtype = token_dtype(tokenizer)
    tokens, lengths = array("B"), array("q", [0])
    for chunk in token_chunks(tokenizer, (("", text) for text in texts), form):
        tokens.frombytes(chunk.tokens.tobytes())
        lengths.frombytes(chunk.lengths.tobytes())
    return TokenTable(
        np.frombuffer(tokens, dtype=dtype) if tokens else np.empty(0, dtype),
        np.cumsum(np.frombuffer(lengths, dtype=np.int64)),
    )


def token_chunks(
    tokenizer: Tokenizer, texts: Iterable[tuple[str, str]], form: TextForm
) -> Iterator[Chunk]:
    """Yield the token ids of texts with their ids, chunk by chunk, in order.

    Each chunk is tokenised in the tokenizer's own threads.
    """
    dtype = token_dtype(tokenizer)
    remaining = iter(texts)
    while some := list(islice(remaining, TEXTS_AT_ONCE)):
        start = f"{form.prefix} " if form.prefix else ""
        token_ids = _tokenize(tokenizer, [start + text for _, text in some], form)
        lengths = np.array([len(ids) for ids in token_ids], dtype=np.int64)
        flat = chain.from_iterable(token_ids)
        yield Chunk(
            [name for name, _ in some],
            np.fromiter(flat, dtype=dtype, count=int(lengths.sum())),
            lengths,
        )


def token_dtype(tokenizer: Tokenizer) -> type[np.uint16] | type[np.int32]:
    """Return the smaller type that holds every token id of a tokenizer."""
    highest = max(tokenizer.get_vocab().values(), default=0)
    return np.uint16 if highest <= np.iinfo(np.uint16).max else np.int32


def write_tokens(
    folder: Path,
    tokenizer: Tokenizer,
    texts: Iterable[tuple[str, str]],
    form: TextForm,
    about: dict[str, Any],
    bar: "tqdm[Any]",
) -> tuple[int, set[int]]:
    """Write a folder of tokens as a stream; memory does not grow with the texts.

    But for 8 bytes a text: a 64-bit hash of its id.

    Parameters
    ----------
    folder
        An empty folder.
    texts
        Ids with texts.
    about
        What ``tokens.json`` says beside the counts.
    bar
        Counts the texts.

    Returns
    -------
    tuple[int, set[int]]
        How many texts there are, and the hashes (as of :func:`hash`) that two ids
        share: those of equal ids are among them.
    """
    hashes = [array("q") for _ in range(BUCKETS)]
    with (
        (folder / TOKENS).open("wb") as tokens_file,
        (folder / OFFSETS).open("wb") as offsets_file,
        (folder / IDS).open("w", encoding="utf-8", newline="\n") as ids_file,
    ):
        tokens = _ArrayWriter(tokens_file, np.dtype(token_dtype(tokenizer)))
        offsets = _ArrayWriter(offsets_file, np.dtype(np.int64))
        offsets.write(np.zeros(1, np.int64))
        for chunk in token_chunks(tokenizer, texts, form):
            offsets.write(tokens.length + np.cumsum(chunk.lengths))
            tokens.write(chunk.tokens)
            ids_file.writelines(f"{name}\n" for name in chunk.ids)
            for key in map(hash, chunk.ids):
                hashes[key % BUCKETS].append(key)
            bar.update(len(chunk.ids))
        tokens.finish()
        offsets.finish()
    n_texts = offsets.length - 1
    counts = {"n_texts": n_texts, "n_tokens": tokens.length}
    write_object(folder / DESCRIPTION, counts | about)
    return n_texts, repeated_keys(hashes)


def hash_tokenizer(tokenizer: Tokenizer) -> str:
    """Return ``sha256:…`` of a tokenizer, apart from how far it cuts and pads."""
    clean = Tokenizer.from_str(tokenizer.to_str())
    clean.no_truncation()
    clean.no_padding()
    return f"sha256:{text_sha256(clean.to_str())}"


class _ArrayWriter:
    """Writes a one-dimensional ``.npy`` file whose length is known at the end."""

    def __init__(self, file: BinaryIO, dtype: np.dtype[Any]) -> None:
        self.file = file
        self.dtype = dtype
        self.length = 0
        self._write_header()

    def write(self, values: NDArray[Any]) -> None:
        self.file.write(np.ascontiguousarray(values, self.dtype).data)
        self.length += len(values)

    def finish(self) -> None:
        self.file.seek(0)
        self._write_header()

    def _write_header(self) -> None:
        # NumPy leaves room for the length to grow: the header's size never changes.
        header = {
            "descr": self.dtype.str,
            "fortran_order": False,
            "shape": (self.length,),
        }
        np.lib.format.write_array_header_1_0(self.file, header)


def _tokenize(
    tokenizer: Tokenizer, texts: list[str], form: TextForm
) -> list[list[int]]:
    if form.special_tokens:
        return tokenize(tokenizer, texts, form.max_length)
    tokenizer.enable_truncation(form.max_length)
    encoded = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
    return [one.ids for one in encoded]
