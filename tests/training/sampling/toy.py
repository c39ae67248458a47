"""Small pools with known margins, and a test of what was drawn against odds."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

import numpy as np
from scipy.stats import chisquare

from tasb_pyserini.training.ids import IdTable
from tasb_pyserini.training.pairs.store import Pairs

Outcome = TypeVar("Outcome", bound=Hashable)


def pairs_with_margins(*margins: Sequence[float], scored: bool = True) -> Pairs:
    """Return a store with one query for each list of rising margins."""
    sizes = [len(each) for each in margins]
    flat = np.array([m for each in margins for m in each], dtype=np.float32)
    n = len(flat)
    return Pairs(
        qids=IdTable.of(f"q{i}" for i in range(len(margins))),
        docids=IdTable.of(f"d{i}" for i in range(2 * n)),
        offsets=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        pos=np.arange(0, 2 * n, 2, dtype=np.int32),
        neg=np.arange(1, 2 * n, 2, dtype=np.int32),
        pos_score=flat if scored else None,
        neg_score=np.zeros(n, dtype=np.float32) if scored else None,
    )


def assert_drawn_with_odds(
    drawn: Iterable[Outcome], odds: Mapping[Outcome, Fraction]
) -> None:
    """Fail if draws do not fit exact probabilities (chi-squared, p < 0.001)."""
    assert sum(odds.values()) == 1
    counts = Counter(drawn)
    assert set(counts) <= set(odds), "drew what cannot be drawn"
    observed = [counts[outcome] for outcome in odds]
    expected = [float(p) * counts.total() for p in odds.values()]
    assert min(expected) > 20, "too few draws to tell"
    assert chisquare(observed, expected).pvalue > 0.001
