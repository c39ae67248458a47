"""One system trained or run several times, from seeds of its own each time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tasb_pyserini.evaluation.measures import mean
from tasb_pyserini.formats.errors import TasbError


@dataclass(frozen=True, slots=True)
class Spread:
    """How a measure varies with the seed.

    Parameters
    ----------
    mean
        Over the runs.
    deviation
        Standard deviation of a sample (n - 1).
    """

    mean: float
    deviation: float


def over_seeds(values: Sequence[float]) -> Spread:
    """Return mean and standard deviation of a measure over runs of one system.

    As in Table 5 of TAS-B (Hofstätter et al., SIGIR 2021). The paper does not name its
    deviation; the figures that it prints are those of a sample.

    Parameters
    ----------
    values
        The measure's mean over the queries, a run each.

    Raises
    ------
    TasbError
        If there are fewer than two.

    Examples
    --------
    >>> over_seeds([0.25, 0.5, 0.75])
    Spread(mean=0.5, deviation=0.25)
    """
    if len(values) < 2:
        raise TasbError(f"{len(values)} run; expected at least 2 seeds of one system")
    return Spread(mean(values), float(np.std(values, ddof=1)))
