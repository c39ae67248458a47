"""What a store of pairs holds, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tasb_pyserini.training.pairs.store import Pairs

SHARES = (0, 1, 5, 25, 50, 75, 95, 99, 100)
"""The percentiles of the margins that are shown."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of a store.

    Parameters
    ----------
    queries, pairs, passages
        How many; `passages` are distinct.
    pairs_per_query
        Least, median and most pairs of a query.
    one_pair
        Queries with one pair only.
    equal_margins
        Queries with several pairs, all of the same margin; 0 without scores.
    margins
        Percentile → margin (nearest rank, from below); empty without scores.
    negative
        Share of pairs whose margin is below 0: the teacher prefers the negative;
        None without scores.
    """

    queries: int
    pairs: int
    passages: int
    pairs_per_query: dict[str, float]
    one_pair: int
    equal_margins: int
    margins: dict[int, float]
    negative: float | None


def summarise(pairs: Pairs) -> Summary:
    """Count what `pairs` hold; 40 million pairs need some 320 MB."""
    sizes = np.diff(pairs.offsets)
    equal, percentiles, negative = 0, {}, None
    if pairs.pos_score is not None:
        margins = pairs.margins(slice(None))
        first, last = margins[pairs.offsets[:-1]], margins[pairs.offsets[1:] - 1]
        equal = int(((first == last) & (sizes > 1)).sum())
        negative = float((margins < 0).mean())
        found = np.percentile(margins, SHARES, method="lower", overwrite_input=True)
        percentiles = dict(zip(SHARES, found.tolist(), strict=True))
    return Summary(
        queries=pairs.n_queries,
        pairs=len(pairs),
        passages=len(pairs.docids),
        pairs_per_query={
            "min": int(sizes.min()),
            "median": float(np.median(sizes)),
            "max": int(sizes.max()),
        },
        one_pair=int((sizes == 1).sum()),
        equal_margins=equal,
        margins=percentiles,
        negative=negative,
    )
