"""Which model predicts queries, and how they are drawn: of each passage by itself."""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

MODEL = "castorini/doc2query-t5-base-msmarco"
"""The authors' T5-base, trained on MS MARCO passages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How queries are drawn; docTTTTTquery's settings, but for the seed.

    Parameters
    ----------
    queries
        Queries a passage. docTTTTTquery appends 40: with 80, MRR@10 hardly grows.
    top_k
        A token is drawn among the `top_k` likeliest, in proportion to their
        probabilities (temperature 1).
    max_length
        Most tokens of a query, the end included.
    seed
        Of the random numbers.
    """

    queries: int = 40
    top_k: int = 10
    max_length: int = 64
    seed: int = 0

    def numbers(self, text: str) -> NDArray[np.float64]:
        """Return a passage's random numbers in [0, 1), ``(queries, max_length)``.

        They depend on the seed and the text alone, so the queries of a passage don't
        change with its neighbours; and more queries only add to fewer.
        """
        digest = blake2b(f"{self.seed}\t{text}".encode(), digest_size=16).digest()
        bits = np.random.PCG64(int.from_bytes(digest, "big"))
        return np.random.Generator(bits).random((self.queries, self.max_length))
