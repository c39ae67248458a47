"""The mean measure of queries as a function of the weight of the sparse side."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.search.tuning.crossings import UNIT, Steps

ROUNDING = 1e-9
"""Crossings that coincide may be computed this far apart, relative to the weight."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Weights between which the measure is constant.

    Parameters
    ----------
    low, high
        Bounds; 0 and infinity at the ends.
    value
        The mean measure.
    """

    low: float
    high: float
    value: float

    @property
    def middle(self) -> float:
        """The geometric mean of the bounds.

        Half the upper bound where the lower one is 0, twice the lower one where the
        upper one is infinite, 1 where both are so.

        Examples
        --------
        >>> Interval(4, 9, 0).middle, Interval(0, 9, 0).middle
        (6.0, 4.5)
        >>> Interval(2.0, math.inf, 0).middle, Interval(0, math.inf, 0).middle
        (4.0, 1.0)
        """
        if self.low == 0:
            return 1.0 if self.high == math.inf else self.high / 2
        if self.high == math.inf:
            return self.low * 2
        return math.sqrt(self.low) * math.sqrt(self.high)


@dataclass(frozen=True, slots=True)
class Curve:
    """A mean measure, constant between steps.

    Parameters
    ----------
    edges
        0, the weights where it steps, infinity; strictly rising, shape ``(n + 1,)``.
    values
        The mean measure between two edges, shape ``(n,)``.
    """

    edges: NDArray[np.float64]
    values: NDArray[np.float64]

    @classmethod
    def mean(cls, queries: Collection[Steps]) -> Self:
        """Return the mean of at least one query; it does not depend on their order."""
        at = np.concatenate([steps.weights for steps in queries])
        changes = np.concatenate([steps.changes for steps in queries])
        order = np.argsort(at)
        at = at[order]
        start = sum(steps.start for steps in queries)
        totals = start + np.cumsum(changes[order])
        last = np.append(at[1:] != at[:-1], True)[: len(at)]
        at, totals = at[last], np.concatenate([[start], totals[last]])
        moved = totals[1:] != totals[:-1]
        edges = np.concatenate([[0.0], at[moved], [np.inf]])
        values = totals[np.concatenate([[True], moved])] / (UNIT * len(queries))
        return cls(edges, values)

    def at(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the measure at weights above 0, just above where one is an edge."""
        values: NDArray[np.float64] = self.values[
            np.searchsorted(self.edges[1:-1], weights, side="right")
        ]
        return values

    def best(self) -> Interval:
        """Return the interval with the best value.

        Of several the widest, by the ratio of its bounds; of equally wide ones that of
        the smallest weights. An interval of no width but rounding does not count.
        """
        low, high = self.edges[:-1], self.edges[1:]
        with np.errstate(divide="ignore"):
            widths = np.log(high) - np.log(low)
        wide = high > low * (1 + ROUNDING)
        best = wide & (self.values == self.values[wide].max())
        place = int(np.argmax(np.where(best, widths, -1.0)))
        return Interval(*(float(of[place]) for of in (low, high, self.values)))
