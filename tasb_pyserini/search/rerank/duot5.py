"""duoT5: which of two passages is more relevant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.encoders.device import Precision
from tasb_pyserini.formats.missing import Done
from tasb_pyserini.search.rerank.prompt import DUO
from tasb_pyserini.search.rerank.scorers import ignore
from tasb_pyserini.search.rerank.true_false import Question, TrueFalse


@dataclass(frozen=True, slots=True)
class DuoT5:
    """Compares two passages at a time (Pradeep et al., arXiv 2101.05667).

    Parameters
    ----------
    model
        Answers ``Query: … Document0: … Document1: … Relevant:``.
    """

    model: TrueFalse

    @staticmethod
    def check(location: str) -> None:
        """Raise the errors of `load` that don't take the weights to find."""
        Question.of(location, DUO)

    @classmethod
    def load(
        cls, location: str, *, device: str = "auto", precision: Precision | None = None
    ) -> Self:
        """Load a checkpoint; see :meth:`TrueFalse.load`."""
        return cls(TrueFalse.load(location, DUO, device=device, precision=precision))

    @property
    def device(self) -> str:
        """Kind of device that it runs on."""
        return self.model.model.device.type

    def describe(self) -> dict[str, Any]:
        """Return all that the preferences depend on."""
        return self.model.describe()

    def prefer(
        self,
        queries: Sequence[str],
        firsts: Sequence[str],
        seconds: Sequence[str],
        done: Done = ignore,
    ) -> NDArray[np.float32]:
        """Return the probability of true against false, shape ``(n_triples,)``."""
        margins = self.model.ask(queries, firsts, seconds, done=done)
        return np.exp(-np.logaddexp(np.float32(0), -margins))
