"""Whether a model still ranks as the one that it was made from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tasb_pyserini.encoders.backends.backend import Vectors
from tasb_pyserini.encoders.export.precision import WeightPrecision

DEPTH = 10

Encoded = tuple[Vectors, Vectors]
"""Vectors of queries and of passages."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How near two encoders are.

    Parameters
    ----------
    cosine
        Lowest cosine of a text's two vectors.
    difference
        Largest difference of two numbers, as a share of the largest number.
    overlap
        Mean share of a query's ten best passages that both find, equal scores counted
        as found.
    """

    cosine: float
    difference: float
    overlap: float


BOUNDS: dict[WeightPrecision, Parity] = {
    "fp32": Parity(cosine=0.99999, difference=1e-3, overlap=0.99),
    "fp16": Parity(cosine=0.999, difference=0.03, overlap=0.95),
    "int8": Parity(cosine=0.95, difference=0.3, overlap=0.9),
}
"""The worst that is kept."""


def measure_parity(exact: Encoded, others: Sequence[Encoded]) -> Parity:
    """Compare encoders with an exact one on the same texts; return the worst of each.

    Parameters
    ----------
    exact, others
        Their vectors; each query ranks all passages.
    """
    found = [_parity(exact, other) for other in others]
    # Unlike min() and max(), NumPy's hand NaN on.
    return Parity(
        cosine=float(np.min([parity.cosine for parity in found])),
        difference=float(np.max([parity.difference for parity in found])),
        overlap=float(np.min([parity.overlap for parity in found])),
    )


def shortfalls(parity: Parity, precision: WeightPrecision) -> list[str]:
    """List what is worse than `BOUNDS`, in words.

    Examples
    --------
    >>> shortfalls(Parity(cosine=0.9, difference=0.1, overlap=0.97), "int8")
    ['cosine 0.90000 (at least 0.95)']
    """
    bounds = BOUNDS[precision]
    found = []
    if not parity.cosine >= bounds.cosine:
        found.append(f"cosine {parity.cosine:.5f} (at least {bounds.cosine})")
    if not parity.difference <= bounds.difference:
        found.append(
            f"difference {parity.difference:.5f} (at most {bounds.difference})"
        )
    if not parity.overlap >= bounds.overlap:
        found.append(f"top-10 overlap {parity.overlap:.3f} (at least {bounds.overlap})")
    return found


def _parity(exact: Encoded, other: Encoded) -> Parity:
    left, right = (np.concatenate(both) for both in (exact, other))
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    cosines = (left * right).sum(axis=1) / np.maximum(lengths, 1e-12)
    (queries, passages), (other_queries, other_passages) = exact, other
    return Parity(
        cosine=float(cosines.min()),
        difference=float(np.abs(left - right).max() / np.abs(left).max()),
        overlap=_overlap(queries @ passages.T, other_queries @ other_passages.T),
    )


def _overlap(exact: Vectors, other: Vectors) -> float:
    depth = min(DEPTH, exact.shape[1])
    best = np.argsort(-other, axis=1, kind="stable")[:, :depth]
    # A passage that ties with the tenth is as good as the tenth.
    tenth = -np.partition(-exact, depth - 1, axis=1)[:, depth - 1 : depth]
    spread = 1e-6 * np.abs(exact).max(axis=1, keepdims=True)
    found = np.take_along_axis(exact, best, axis=1) >= tenth - spread
    return float(found.mean())
