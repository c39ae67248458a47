"""What fusion does to the lists of a query."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.fusion.normalisation import NORMALISATIONS

OF_TWO = ("interpolation", "convex")
"""Methods of exactly two lists, which take alpha."""

OF_ANY = ("average", "sum", "rrf")
"""Methods of two lists or more."""

METHODS = (*OF_TWO, *OF_ANY)
MISSING = ("minimum", "zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """A rule of fusion.

    Parameters
    ----------
    method
        ``interpolation`` is ``alpha · first + second``, the rule of the TCT-ColBERT and
        TAS-B papers, with the lists in the order sparse, dense; ``convex``, ``alpha ·
        first + (1 - alpha) · second``; ``average``; ``sum``, weighted; ``rrf``,
        reciprocal rank fusion.
    alpha
        Weight of the first list; for ``interpolation`` and ``convex``, which need it.
    weights
        One number a list, for ``sum`` and ``rrf``; all 1 where None.
    normalisation
        What is done first to the scores of each list: a name in `NORMALISATIONS`.
    missing
        What a document gets from a list that lacks it, after normalisation:
        ``minimum``, the list's lowest score, or ``zero``. In ``rrf`` nothing.
    rrf_k
        What ``rrf`` adds to ranks.

    Raises
    ------
    TasbError
        If a name is unknown, a number is not finite, or one is given or lacking
        against the method.

    Examples
    --------
    >>> Fusion(method="interpolation", alpha=0.1).tag
    'interpolation-alpha=0.1-norm=none-missing=minimum'
    >>> Fusion(method="rrf", weights=(1, 0.5)).tag
    'rrf-k=60-weights=1,0.5'
    """

    method: str
    alpha: float | None = None
    weights: tuple[float, ...] | None = None
    normalisation: str = "none"
    missing: str = "minimum"
    rrf_k: int = 60

    def __post_init__(self) -> None:
        _check_name("fusion method", self.method, METHODS)
        _check_name("normalisation", self.normalisation, NORMALISATIONS)
        _check_name("rule for missing documents", self.missing, MISSING)
        self._check_alpha()
        self._check_weights()
        if self.method == "rrf" and self.normalisation != "none":
            raise TasbError(
                f"normalisation {self.normalisation!r}: expected none, since rrf looks "
                "at ranks only"
            )
        if self.rrf_k < 0:
            raise TasbError(f"rrf k {self.rrf_k}: expected a number of at least 0")

    def check_lists(self, lists: int) -> None:
        """Refuse a number of lists that the rule does not fuse."""
        plural = "" if lists == 1 else "s"
        if self.method in OF_TWO and lists != 2:
            raise TasbError(
                f"{self.method} of {lists} run{plural}: expected exactly two"
            )
        if lists < 2:
            raise TasbError(
                f"{self.method} of {lists} run{plural}: expected at least two"
            )
        if self.weights is not None and len(self.weights) != lists:
            weights = len(self.weights)
            raise TasbError(
                f"{weights} weight{'' if weights == 1 else 's'} for {lists} runs: "
                "expected one a run"
            )

    @property
    def tag(self) -> str:
        """One word that names the rule, for the last column of a run."""
        words = [self.method]
        if self.method == "rrf":
            words.append(f"k={self.rrf_k}")
        if self.alpha is not None:
            words.append(f"alpha={self.alpha:g}")
        if self.weights is not None:
            words.append("weights=" + ",".join(f"{w:g}" for w in self.weights))
        if self.method != "rrf":
            words += [f"norm={self.normalisation}", f"missing={self.missing}"]
        return "-".join(words)

    @property
    def decimals(self) -> int:
        """How many decimals of fused scores a run needs, so that none become equal.

        Scores as searchers give them: 6, as in every run. Reciprocal ranks at depth
        1,000 and normalised scores lie closer: 12.
        """
        return 6 if self.method != "rrf" and self.normalisation == "none" else 12

    def _check_alpha(self) -> None:
        if (self.alpha is None) == (self.method in OF_TWO):
            expected = "a number" if self.method in OF_TWO else "none"
            raise TasbError(
                f"alpha {self.alpha} with {self.method}: expected {expected}"
            )
        if self.alpha is not None and not math.isfinite(self.alpha):
            raise TasbError(f"alpha {self.alpha}: expected a finite number")

    def _check_weights(self) -> None:
        if self.weights is None:
            return
        if self.method not in ("sum", "rrf"):
            raise TasbError(f"weights with {self.method}: expected sum or rrf")
        if not all(map(math.isfinite, self.weights)):
            raise TasbError(f"weights {self.weights}: expected finite numbers")


def _check_name(what: str, name: str, known: Iterable[str]) -> None:
    if name not in known:
        raise TasbError(f"{what} {name!r}: expected one of {', '.join(known)}")
