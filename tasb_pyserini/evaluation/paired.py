"""The values of two runs on the same queries, query by query."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import TasbError

TIE = 1e-9
"""Values of a measure no further apart count as equal; rounding alone parts them."""

Differences = NDArray[np.float64]
"""What a run has more than its baseline, a query each, ascending; ties are exactly 0.
Shape ``(queries,)``."""


def differences(baseline: Mapping[str, float], run: Mapping[str, float]) -> Differences:
    """Return the differences of two runs, in an order that hides that of the queries.

    Parameters
    ----------
    baseline, run
        qid → value of a measure, for the same queries.

    Raises
    ------
    TasbError
        If the queries differ, or are fewer than two: they would have no spread.

    Examples
    --------
    >>> differences({"1": 0.5, "2": 0.5, "3": 0.5}, {"3": 0.25, "2": 0.5, "1": 1.0})
    array([-0.25,  0.  ,  0.5 ])
    """
    apart = differences_by_query(baseline, run)
    if len(apart) < 2:
        raise TasbError(
            f"{len(apart)} queries in common; expected at least 2 to compare runs on"
        )
    return np.sort(np.array(list(apart.values())))


def differences_by_query(
    baseline: Mapping[str, float], run: Mapping[str, float]
) -> dict[str, float]:
    """Return qid → what the run has more than its baseline; ties are exactly 0.

    Parameters
    ----------
    baseline, run
        As in `differences`.

    Raises
    ------
    TasbError
        If the queries differ.

    Examples
    --------
    >>> differences_by_query({"1": 0.5, "2": 0.3}, {"2": 0.1 + 0.2, "1": 1.0})
    {'1': 0.5, '2': 0.0}
    """
    if baseline.keys() != run.keys():
        odd = min(baseline.keys() ^ run.keys())
        raise TasbError(
            f"query {odd}: in one of two runs; expected values of the same queries; "
            "measure both with the same qrels"
        )
    apart = {qid: run[qid] - value for qid, value in baseline.items()}
    return {qid: 0.0 if abs(d) <= TIE else d for qid, d in apart.items()}


def is_constant(apart: Differences) -> bool:
    """Return whether all differences are equal, but for rounding.

    Examples
    --------
    >>> is_constant(differences({"1": 0.7, "2": 0.9}, {"1": 0.6, "2": 0.8}))
    True
    """
    return bool(np.ptp(apart) <= TIE)
