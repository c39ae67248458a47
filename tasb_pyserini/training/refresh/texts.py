"""Which passages have one text."""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.training.tokens import TokenTable

ROWS_AT_ONCE = 1 << 16


def first_alike(table: TokenTable, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each passage the number of the first one with its tokens.

    Collections hold the same text under several ids, MS MARCO's too: a copy of a
    positive is no negative. Texts are told apart by 64 bits of BLAKE2; that any two of
    8.8 million agree by chance has a probability of 2e-6.

    Parameters
    ----------
    table
        Tokens of the passages, as far as the model reads them.
    rows
        Where each passage stands; shape ``(n_passages,)``.

    Examples
    --------
    >>> table = TokenTable(np.array([7, 8, 9, 7, 8]), np.array([0, 2, 3, 5]))
    >>> first_alike(table, np.arange(3)).tolist()
    [0, 1, 0]
    """
    hashes = np.empty(len(rows), np.uint64)
    for begin in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[begin : begin + ROWS_AT_ONCE].tolist()
        digests = [blake2b(table[row].data, digest_size=8).digest() for row in some]
        hashes[begin : begin + len(some)] = np.frombuffer(b"".join(digests), np.uint64)
        table.release()
    _, first, alike = np.unique(hashes, return_index=True, return_inverse=True)
    numbers: NDArray[np.int64] = first[alike]
    return numbers
