"""Two texts of one passage, the first to find the second."""

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.training.pretrain.config import Contrastive
from tasb_pyserini.training.pretrain.texts import PassageParts

KEPT = 0.1
"""How often the sentence stays in its passage (Lee et al., ACL 2019, §4)."""

SHORTEST = 5
"""Least tokens of a sentence for ``ict``; of ``halves``, of each on average."""

Tokens = NDArray[np.integer]


def pairs_of(
    texts: PassageParts, kind: Contrastive, number: int, rng: np.random.Generator
) -> tuple[Tokens, Tokens]:
    """Return the two texts of a pair, as tokens without special ones.

    Parameters
    ----------
    texts
        Passages.
    kind
        ``ict`` or ``halves``.
    number
        Of a passage that :func:`usable` names.
    rng
        Chooses the sentence, and whether it stays.
    """
    if kind == "halves":
        return _halves(texts, number)
    part, offsets = texts.parts[number], texts.sentences.offsets
    bounds = offsets[part["first"] : part["end"] + 1]
    long_enough = np.flatnonzero(np.diff(bounds) >= SHORTEST)
    chosen = long_enough[rng.integers(len(long_enough))]
    start, stop = bounds[chosen : chosen + 2]
    tokens = texts.sentences.tokens
    whole = texts[number]
    if rng.random() < KEPT:
        return tokens[start:stop], whole
    rest = np.concatenate([tokens[bounds[0] : start], tokens[stop : bounds[-1]]])
    return tokens[start:stop], rest


def usable(texts: PassageParts, kind: Contrastive) -> NDArray[np.bool_]:
    """Return which passages are long enough to make pairs.

    For ``ict`` that is one of two sentences of at least five tokens, for ``halves`` one
    of at least ten tokens. A title, which is a half of its own, may be shorter than
    five, and so may a body below a long one.
    """
    if kind == "halves":
        return texts.lengths() >= 2 * SHORTEST
    long_enough = np.diff(texts.sentences.offsets) >= SHORTEST
    before = np.concatenate([[0], np.cumsum(long_enough)])
    found: NDArray[np.bool_] = (
        before[texts.parts["end"]] - before[texts.parts["first"]] >= 2
    )
    return found


def _halves(texts: PassageParts, number: int) -> tuple[Tokens, Tokens]:
    part, offsets = texts.parts[number], texts.sentences.offsets
    whole = texts[number]
    body = part["first"] + part["title"]
    middle = len(whole) // 2
    if part["title"] and body < part["end"]:
        middle = offsets[body] - offsets[part["first"]]
    return whole[:middle], whole[middle:]
