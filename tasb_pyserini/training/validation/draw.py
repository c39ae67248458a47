"""Which queries a validation set is made of."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np

Sample = Literal["difficulty", "queries"]
BINS = 5


class DifficultyBin(NamedTuple):
    """The queries for which the baseline's measure lies between two values.

    Parameters
    ----------
    low, high
        Lowest value, and the one that the next bin starts with; the last bin has its
        own highest value.
    qids
        Sorted.
    """

    low: float
    high: float
    qids: list[str]


def difficulty_bins(values: Mapping[str, float]) -> list[DifficultyBin]:
    """Cut queries into five bins of equal width, as the authors' code does.

    The bins lie between the lowest and the highest value that there are (matchmaker's
    ``preprocessing/generate_smart_earlystopping_retrieval.py``); where these are the
    same there is one bin.

    Parameters
    ----------
    values
        qid → the baseline's measure; at least one.

    Examples
    --------
    >>> for low, high, qids in difficulty_bins({"a": 0.0, "b": 0.1, "c": 1.0}):
    ...     print(f"{low:.1f} {high:.1f} {qids}")
    0.0 0.2 ['a', 'b']
    0.2 0.4 []
    0.4 0.6 []
    0.6 0.8 []
    0.8 1.0 ['c']
    """
    low, high = min(values.values()), max(values.values())
    n_bins = BINS if high > low else 1
    edges = np.linspace(low, high, n_bins + 1)
    bins: list[list[str]] = [[] for _ in range(n_bins)]
    for qid in sorted(values):
        bins[int(np.searchsorted(edges[1:-1], values[qid], side="right"))].append(qid)
    return [
        DifficultyBin(float(start), float(end), qids)
        for start, end, qids in zip(edges[:-1], edges[1:], bins, strict=True)
    ]


def draw_queries(
    bins: list[DifficultyBin], queries: int, sample: Sample, seed: int
) -> set[str]:
    """Draw queries without replacement, the same whatever order they came in.

    Parameters
    ----------
    bins
        From :func:`difficulty_bins`.
    queries
        How many; fewer where there are fewer.
    sample
        ``difficulty``: an equal share from each bin, and all of a bin that holds
        fewer, as the authors' code; ``queries``: every query is as likely as any
        other, as the TAS-B paper's words (§4.3).
    seed
        Of the draw.
    """
    rng = np.random.default_rng(seed)
    groups = [group.qids for group in bins]
    if sample == "queries":
        groups = [sorted(qid for qids in groups for qid in qids)]
    drawn: set[str] = set()
    for number, qids in enumerate(groups):
        share = queries // len(groups) + (number < queries % len(groups))
        places = rng.choice(len(qids), size=min(share, len(qids)), replace=False)
        drawn.update(qids[place] for place in places.tolist())
    return drawn
