"""Which tokens are hidden from the model, and what stands in their place."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

HIDDEN, REPLACED = 0.8, 0.1
"""Shares of the chosen tokens that become [MASK], or any word piece; the rest stays."""


class Masked(NamedTuple):
    """Texts of which some tokens are to be predicted.

    Parameters
    ----------
    input_ids
        What the model reads; int64, shape ``(n_texts, n_tokens)``.
    positions
        The chosen tokens' places in ``input_ids`` laid end to end; int64.
    targets
        The tokens that stood there, same shape as `positions`.
    """

    input_ids: NDArray[np.int64]
    positions: NDArray[np.int64]
    targets: NDArray[np.int64]


def mask_tokens(
    input_ids: NDArray[np.int64],
    words: NDArray[np.int64],
    mask_id: int,
    rate: float,
    rng: np.random.Generator,
) -> Masked:
    """Choose tokens to predict, as BERT does (Devlin et al., NAACL 2019, §3.1).

    Of each text, a share `rate` of its word pieces is chosen, rounded, but at least
    one. Of the chosen ones 80 % become [MASK], 10 % any word piece, and 10 % stay as
    they are. Called at each reading, it hides other tokens each time (RoBERTa, Liu et
    al., 2019, §4.1).

    Parameters
    ----------
    input_ids
        Token ids with special tokens and padding; shape ``(n_texts, n_tokens)``.
    words
        Ids of the word pieces, sorted; all others are special, and never chosen.
    mask_id
        Of [MASK].
    rate
        Share of the word pieces to choose.
    rng
        Decides it all.
    """
    found = np.minimum(np.searchsorted(words, input_ids), len(words) - 1)
    is_word = words[found] == input_ids
    n_words = is_word.sum(axis=1)
    wanted = np.minimum(np.maximum(np.rint(rate * n_words), 1), n_words)
    keys = np.where(is_word, rng.random(input_ids.shape), 2.0)
    rank = keys.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    positions = np.flatnonzero(rank < wanted[:, None])
    masked = input_ids.copy().ravel()
    targets = masked[positions]
    fate = rng.random(len(positions))
    others = words[rng.integers(len(words), size=len(positions))]
    masked[positions] = np.where(
        fate < HIDDEN,
        mask_id,
        np.where(fate < HIDDEN + REPLACED, others, targets),
    )
    return Masked(masked.reshape(input_ids.shape), positions, targets)
