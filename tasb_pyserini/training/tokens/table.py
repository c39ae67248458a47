"""Texts as token ids, in one compact array, in memory or on disk.

A folder of tokens holds ``tokens.npy`` and ``offsets.npy`` (see `TokenTable`),
``ids.txt`` (one id a line) and ``tokens.json``: how many of each there are, and what
they were made from.
"""

import hashlib
import mmap as mmap_module
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.json_file import read_object
from tasb_pyserini.training.ids import IdTable

TOKENS, OFFSETS, IDS, DESCRIPTION = (
    "tokens.npy",
    "offsets.npy",
    "ids.txt",
    "tokens.json",
)
HASHED_AT_ONCE = 1 << 22
MADV_DONTNEED: int | None = getattr(mmap_module, "MADV_DONTNEED", None)
REMEDY = "delete the folder; it is made again"


@dataclass(frozen=True, slots=True)
class TokenTable:
    """The token ids of many texts, looked up by position.

    A table opened from a folder pickles as the folder's name, so that it costs a
    worker process nothing.

    Parameters
    ----------
    tokens
        All texts one after the other, shape ``(n_tokens,)``; uint16 where all ids of
        the vocabulary fit, else int32.
    offsets
        Text i is ``tokens[offsets[i]:offsets[i + 1]]``; int64, shape
        ``(n_texts + 1,)``.
    ids
        The texts' docids or qids; None where whoever made the table knows them.
    folder
        Where it is on disk; None where it is in memory only.
    mapped
        What `tokens` is a view of, on disk.
    """

    tokens: NDArray[np.integer]
    offsets: NDArray[np.int64]
    ids: IdTable | None = None
    folder: Path | None = None
    mapped: mmap | None = None

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, position: int) -> NDArray[np.integer]:
        return self.tokens[self.offsets[position] : self.offsets[position + 1]]

    def __reduce__(self) -> tuple[object, ...]:
        if self.folder is not None:
            return open_tokens, (self.folder,)
        return TokenTable, (self.tokens, self.offsets, self.ids)

    def release(self) -> None:
        """Let go of the tokens read so far, which are read again when asked for.

        Each look at a mapped file keeps 64 KiB around it resident: after some thousand
        random texts that is the whole file. On systems without ``madvise`` it stays.
        """
        if self.mapped is not None and MADV_DONTNEED is not None:
            self.mapped.madvise(MADV_DONTNEED)

    def fingerprint(self) -> str:
        """Return ``sha256:…`` of the texts' token ids, in order, whatever the dtype."""
        digest = hashlib.sha256(self.offsets.tobytes())
        for start in range(0, len(self.tokens), HASHED_AT_ONCE):
            part = self.tokens[start : start + HASHED_AT_ONCE]
            digest.update(part.astype(np.int32).tobytes())
        return f"sha256:{digest.hexdigest()}"


def open_tokens(folder: Path) -> TokenTable:
    """Map a folder of tokens into memory; nothing is read before it is used.

    Raises
    ------
    TasbError
        If the folder is not there, not whole, or something else.
    """
    known = read_object(folder / DESCRIPTION, "a description of tokens", REMEDY)
    (tokens, mapped), (offsets, _) = _map(folder / TOKENS), _map(folder / OFFSETS)
    ids = IdTable.open(folder / IDS)
    there = (len(tokens), int(offsets[-1]), len(offsets) - 1, len(ids))
    n_tokens, n_texts = known.get("n_tokens"), known.get("n_texts")
    if there != (n_tokens, n_tokens, n_texts, n_texts):
        raise InputError(
            folder,
            None,
            f"{there[3]} ids, {there[2]} texts, {there[0]} tokens",
            f"{n_texts} ids and texts, {n_tokens} tokens",
            REMEDY,
        )
    return TokenTable(tokens, offsets, ids, folder.resolve(), mapped)


def ids_of(table: TokenTable) -> IdTable:
    """Return the ids of a table that has them.

    Raises
    ------
    TasbError
        If it has none.
    """
    if table.ids is None:
        raise TasbError("tokens without ids; expected a table opened from a folder")
    return table.ids


def _map(path: Path) -> tuple[NDArray[Any], mmap | None]:
    try:
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(path, None, "cut short", "a whole array", REMEDY) from error
    below = mapped.base if isinstance(mapped.base, mmap) else None
    # A plain view: slices of np.memmap are objects with attributes, ten times slower.
    return np.asarray(mapped), below
