"""Batches of texts that have the same number of tokens."""

from collections import defaultdict
from collections.abc import Iterator, Sequence


def equal_length_batches(
    lengths: Sequence[int], tokens_per_batch: int
) -> Iterator[list[int]]:
    """Yield the positions of each batch, longest texts first.

    Texts of one batch have the same length, so that nothing is ever padded: no
    computation is wasted, and a vector does not depend on what else is encoded.
    Longest first, so that a batch that does not fit into memory fails at once.

    Parameters
    ----------
    lengths
        Number of tokens of each text.
    tokens_per_batch
        Most tokens in a batch; a longer text is a batch of its own.

    Examples
    --------
    >>> list(equal_length_batches([3, 5, 3, 3], tokens_per_batch=6))
    [[1], [0, 2], [3]]
    """
    positions = defaultdict(list)
    for position, length in enumerate(lengths):
        positions[length].append(position)
    for length in sorted(positions, reverse=True):
        group = positions[length]
        size = max(1, tokens_per_batch // max(1, length))
        for start in range(0, len(group), size):
            yield group[start : start + size]
