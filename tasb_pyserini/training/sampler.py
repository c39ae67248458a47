"""Which triples make up a batch."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import TasbError

Rows = NDArray[np.int64]


def random_batches(
    n: int, batch_size: int, seed: int, *, drawn: int = 0
) -> Iterator[Rows]:
    """Yield batches of random rows without end.

    An epoch is a permutation of all rows, cut into batches; the rows left over, fewer
    than a batch, wait for the next permutation. So no row comes twice in an epoch, or
    in a batch. A batch depends on the arguments and its number alone.

    Parameters
    ----------
    n
        Number of rows to draw from.
    batch_size
        Rows a batch.
    seed
        At least 0.
    drawn
        Batches drawn before: the first to come is number `drawn`.

    Yields
    ------
    NDArray
        Rows, int64, shape ``(batch_size,)``.

    Raises
    ------
    TasbError
        If there are not enough rows for a batch.

    Examples
    --------
    >>> batches = random_batches(5, 2, seed=1)
    >>> [next(batches).tolist() for _ in range(4)]
    [[4, 0], [1, 2], [2, 4], [0, 1]]
    >>> next(random_batches(5, 2, seed=1, drawn=3)).tolist()
    [0, 1]
    """
    if n < batch_size:
        raise TasbError(
            f"{n} training queries do not fill a batch of {batch_size}; "
            f"expected at least {batch_size}: lower the batch size"
        )
    epoch, place = divmod(drawn, n // batch_size)
    while True:
        order = np.random.default_rng([seed, 0, epoch]).permutation(n)
        for number in range(place, n // batch_size):
            yield order[number * batch_size : (number + 1) * batch_size]
        epoch, place = epoch + 1, 0


def random_triples(
    queries: NDArray[np.integer], batch_size: int, seed: int, *, drawn: int = 0
) -> Iterator[Rows]:
    """Yield batches of random queries, each with a random one of its triples.

    The random sampling of the TAS-B paper (§3.3, eq. 9): no query comes twice in a
    batch, where its second relevant passage would pass for a non-relevant one; a query
    with many triples is drawn no more often than one with few.

    Parameters
    ----------
    queries
        The query of each triple, shape ``(n_triples,)``.
    batch_size, seed, drawn
        See :func:`random_batches`; rows are queries there.

    Yields
    ------
    NDArray
        Rows of `queries`, int64, shape ``(batch_size,)``.
    """
    by_query = np.argsort(queries, kind="stable")
    _, first, count = np.unique(
        queries[by_query], return_index=True, return_counts=True
    )
    batches = random_batches(len(first), batch_size, seed, drawn=drawn)
    for number, batch in enumerate(batches, start=drawn):
        rng = np.random.default_rng([seed, 1, number])
        yield by_query[first[batch] + rng.integers(count[batch])]
