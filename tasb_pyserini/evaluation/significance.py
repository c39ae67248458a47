"""Whether two runs differ by more than the choice of queries would explain.

Both tests are paired and two-sided. A run's difficult queries are difficult for the
other as well, so that tests of two independent samples (``scipy.stats.ttest_ind``)
miss what the pairs show.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tasb_pyserini.evaluation.measures import mean
from tasb_pyserini.evaluation.paired import TIE, Differences, is_constant
from tasb_pyserini.formats.errors import TasbError

CELLS = 2**22
"""Signs drawn at a time."""

EXACT = 22
"""Most queries that differ for which all swaps are ever tried: 4 million."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a test says of two runs.

    Parameters
    ----------
    statistic
        Student's t, or the mean difference in a randomisation test.
    p
        Chance of a statistic at least as far from 0 if the runs were equally good.
    """

    statistic: float
    p: float


def t_test(apart: Differences) -> Outcome:
    """Return Student's paired t-test (``scipy.stats.ttest_rel``).

    Differences that are all 0 give p = 1. All equal but not 0, they have no spread, and
    the limit is returned: an infinite t, p = 0.

    Examples
    --------
    >>> t_test(np.array([0.0, 0.0, 0.0]))
    Outcome(statistic=0.0, p=1.0)
    """
    if not apart.any():
        return Outcome(0.0, 1.0)
    if is_constant(apart):
        return Outcome(math.copysign(math.inf, apart[0]), 0.0)
    found = stats.ttest_1samp(apart, 0.0)
    return Outcome(float(found.statistic), float(found.pvalue))


def randomisation_test(
    apart: Differences, *, permutations: int = 100_000, seed: int = 42
) -> Outcome:
    """Return Fisher's paired randomisation test of the mean difference.

    If the runs were equally good, each query's two values could as well be swapped
    (Smucker, Allan and Carterette, CIKM 2007). p is the share of swaps that bring the
    mean at least as far from 0 as it is. All swaps are tried where they are no more
    than `permutations`, which ties do not count for; else `permutations` random ones,
    and p is (as far or farther + 1) / (permutations + 1), since the swap of no query is
    one of them (Phipson and Smyth 2010).

    ``scipy.stats.permutation_test`` gives the same and takes ten times as long.

    Parameters
    ----------
    permutations
        Most swaps that are tried.
    seed
        Of the draw. Neither the order of the queries nor that of the runs changes p.

    Raises
    ------
    TasbError
        If `permutations` is below 1.

    Examples
    --------
    >>> randomisation_test(np.array([0.25, 0.5, 0.75]))  # 2 of the 8 swaps
    Outcome(statistic=0.5, p=0.25)
    """
    if permutations < 1:
        raise TasbError(f"{permutations} permutations: expected at least 1")
    # Whole numbers add up without rounding, in whatever order.
    units = np.rint(apart / TIE)
    far = abs(units.sum()) - len(units)  # means within TIE of each other are equal
    sizes = np.sort(np.abs(units[units != 0]))
    statistic = mean(apart.tolist())
    if len(sizes) <= min(math.log2(permutations), EXACT):
        sums = _all_sums(sizes)
        return Outcome(statistic, int((np.abs(sums) >= far).sum()) / len(sums))
    rng = np.random.default_rng(seed)
    rows = max(CELLS // len(sizes), 1)
    as_far = 0
    for start in range(0, permutations, rows):
        shape = (min(rows, permutations - start), len(sizes))
        negative = rng.integers(0, 2, shape, dtype=np.int8)
        sums = sizes.sum() - 2 * (negative @ sizes)
        as_far += int((np.abs(sums) >= far).sum())
    return Outcome(statistic, (as_far + 1) / (permutations + 1))


def _all_sums(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sums of `sizes` under all signs, ``2 ** len(sizes)`` of them."""
    sums = np.zeros(1)
    for size in sizes:
        sums = np.concatenate([sums + size, sums - size])
    return sums
