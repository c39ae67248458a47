"""duoT5: which of two passages is more relevant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.missing import Done
from tasb_pyserini.search.rerank.asker import Asker
from tasb_pyserini.search.rerank.prompt import DUO
from tasb_pyserini.search.rerank.scorers import ignore


@dataclass(frozen=True, slots=True)
class DuoT5(Asker):
    """Compares two passages at a time (Pradeep et al., arXiv 2101.05667).

    Parameters
    ----------
    model
        Answers ``Query: … Document0: … Document1: … Relevant:``.
    """

    words: ClassVar[tuple[str, ...]] = DUO

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
