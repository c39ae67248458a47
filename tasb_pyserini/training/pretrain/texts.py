"""The passages of several collections as tokens, sentence by sentence, on disk."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tqdm import tqdm

from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.replace import replace_folder
from tasb_pyserini.training.pretrain.sentences import split_lines
from tasb_pyserini.training.tokens.build import TextForm, write_tokens
from tasb_pyserini.training.tokens.table import TokenTable, open_tokens

PARTS = "parts.npy"

HELD_OUT = 100
"""Of each collection the last in so many passages, at least one, is held out."""

PART = np.dtype(
    [("first", "i8"), ("end", "i8"), ("title", "i4"), ("held_out", "?")],
)
"""A passage, or of a long one a part: its sentences ``first`` to ``end`` - 1, how many
of them are its title, and whether training never sees it."""


@dataclass(frozen=True, slots=True)
class PassageParts:
    """Passages as token ids without special tokens, none longer than the limit.

    Parameters
    ----------
    sentences
        All sentences, in order.
    parts
        Of :data:`PART`, in order.
    limit
        Most tokens of a part.
    """

    sentences: TokenTable
    parts: NDArray[np.void]
    limit: int

    def __len__(self) -> int:
        return len(self.parts)

    def __getitem__(self, number: int) -> NDArray[np.integer]:
        """Return the tokens of a part."""
        part, offsets = self.parts[number], self.sentences.offsets
        return self.sentences.tokens[offsets[part["first"]] : offsets[part["end"]]]

    def lengths(self) -> NDArray[np.int64]:
        """Return the tokens of each part."""
        offsets = self.sentences.offsets
        return np.asarray(offsets[self.parts["end"]] - offsets[self.parts["first"]])


def write_parts(
    folder: Path,
    collections: Sequence[Path],
    tokenizer: Tokenizer,
    max_length: int,
    *,
    progress: bool = False,
) -> None:
    """Tokenise collections into a folder, whole or not at all.

    Parameters
    ----------
    folder
        What was there is replaced.
    collections
        See :func:`~tasb_pyserini.formats.collection.read_collection`.
    tokenizer
        Of the encoder.
    max_length
        Most tokens of a part, with [CLS] and [SEP].
    progress
        Whether to show a progress bar on stderr.

    Raises
    ------
    InputError
        At a bad line, or if a collection is empty.
    """
    limit = max_length - 2
    counts, titles, n_passages = array("q"), array("i"), []

    def sentences() -> Iterator[tuple[str, str]]:
        for collection in collections:
            before = len(counts)
            for passage in read_collection(collection):
                lines = split_lines(passage.contents)
                counts.append(sum(map(len, lines)))
                titles.append(len(lines[0]) if len(lines) > 1 else 0)
                for line in lines:
                    yield from ((passage.docid, sentence) for sentence in line)
            n_passages.append(len(counts) - before)
            if not n_passages[-1]:
                raise InputError(collection, None, "no passages", "at least one")

    form = TextForm(max_length=limit, special_tokens=False)
    with (
        replace_folder(folder) as temporary,
        tqdm(unit=" sentences", disable=not progress) as bar,
    ):
        write_tokens(temporary, tokenizer, sentences(), form, {"limit": limit}, bar)
        lengths = np.diff(open_tokens(temporary).offsets)
        held_out = np.concatenate([_last_ones(n) for n in n_passages])
        parts = _cut(lengths, np.array(counts), np.array(titles), held_out, limit)
        np.save(temporary / PARTS, parts, allow_pickle=False)


def open_parts(folder: Path, max_length: int) -> PassageParts:
    """Map what :func:`write_parts` wrote."""
    parts = np.load(folder / PARTS, mmap_mode="r", allow_pickle=False)
    return PassageParts(open_tokens(folder), np.asarray(parts), max_length - 2)


def _last_ones(n_passages: int) -> NDArray[np.bool_]:
    n = max(1, n_passages // HELD_OUT)
    return np.arange(n_passages) >= n_passages - n


def _cut(
    lengths: NDArray[np.int64],
    counts: NDArray[np.int64],
    titles: NDArray[np.int32],
    held_out: NDArray[np.bool_],
    limit: int,
) -> NDArray[np.void]:
    """Return the parts: as many sentences as fit, from each passage's first on."""
    parts = []
    first = 0
    n_tokens_of = lengths.tolist()  # Python's own numbers, ten times as quick here
    for count, title, held in zip(counts.tolist(), titles, held_out, strict=True):
        end, n_tokens, begin = first + count, 0, first
        for sentence in range(first, end):
            if n_tokens + n_tokens_of[sentence] > limit:
                parts.append((begin, sentence, title if begin == first else 0, held))
                begin, n_tokens = sentence, 0
            n_tokens += n_tokens_of[sentence]
        if n_tokens:
            parts.append((begin, end, title if begin == first else 0, held))
        first = end
    return np.array(parts, dtype=PART)
