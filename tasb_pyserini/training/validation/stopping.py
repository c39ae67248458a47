"""When to stop: nDCG@10 has not improved for some time."""

import math
from dataclasses import dataclass

from tasb_pyserini.formats.errors import TasbError


@dataclass(slots=True)
class Patience:
    """How long the best validation has not been beaten.

    The defaults are the authors' (TAS-B paper, §4.3, and matchmaker's
    ``config/train/defaults.yaml``): they validate every 4,000 steps and stop after 30
    times without improvement, but not before step 300,000. Made of plain numbers:
    ``Patience(**dataclasses.asdict(patience))`` goes on where `patience` was.

    Parameters
    ----------
    best
        Highest value so far; None before the first.
    best_step
        When that was.
    waited
        Validations since then.
    limit
        Validations without improvement after which training stops.
    not_before
        First step at which training may stop.

    Examples
    --------
    >>> patience = Patience(limit=2, not_before=0)
    >>> for step, value in ((10, 0.3), (20, 0.2), (30, 0.3)):
    ...     print(patience.update(step, value))
    False
    False
    True
    >>> patience.best_step
    10
    """

    best: float | None = None
    best_step: int = 0
    waited: int = 0
    limit: int = 30
    not_before: int = 300_000

    def update(self, step: int, value: float) -> bool:
        """Take the value of a validation; return whether training should end.

        An equal value is no improvement.

        Raises
        ------
        TasbError
            If the value is no number.
        """
        if not math.isfinite(value):
            raise TasbError(f"validation {value} at step {step}: expected a number")
        if self.best is None or value > self.best:
            self.best, self.best_step, self.waited = value, step, 0
        else:
            self.waited += 1
        return self.waited >= self.limit and step >= self.not_before
