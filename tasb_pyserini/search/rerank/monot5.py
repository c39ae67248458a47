"""monoT5: how relevant a passage is, by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.encoders.device import Precision
from tasb_pyserini.formats.missing import Done
from tasb_pyserini.search.rerank.prompt import MONO
from tasb_pyserini.search.rerank.scorers import ignore
from tasb_pyserini.search.rerank.true_false import Question, TrueFalse


@dataclass(frozen=True, slots=True)
class MonoT5:
    """Scores one passage at a time (Nogueira et al., Findings of EMNLP 2020).

    Parameters
    ----------
    model
        Answers ``Query: … Document: … Relevant:``.
    """

    model: TrueFalse

    @staticmethod
    def check(location: str) -> None:
        """Raise the errors of `load` that don't take the weights to find."""
        Question.of(location, MONO)

    @classmethod
    def load(
        cls, location: str, *, device: str = "auto", precision: Precision | None = None
    ) -> Self:
        """Load a checkpoint; see :meth:`TrueFalse.load`."""
        return cls(TrueFalse.load(location, MONO, device=device, precision=precision))

    @property
    def device(self) -> str:
        """Kind of device that it runs on."""
        return self.model.model.device.type

    def describe(self) -> dict[str, Any]:
        """Return all that the scores depend on."""
        return self.model.describe()

    def score(
        self, queries: Sequence[str], passages: Sequence[str], done: Done = ignore
    ) -> NDArray[np.float32]:
        """Return the log-probability of true against false, shape ``(n_pairs,)``."""
        margins = self.model.ask(queries, passages, done=done)
        # log softmax, but exact where true is nearly sure.
        return -np.logaddexp(np.float32(0), -margins)
