"""monoT5: how relevant a passage is, by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.missing import Done
from tasb_pyserini.search.rerank.asker import Asker
from tasb_pyserini.search.rerank.prompt import MONO
from tasb_pyserini.search.rerank.scorers import ignore


@dataclass(frozen=True, slots=True)
class MonoT5(Asker):
    """Scores one passage at a time (Nogueira et al., Findings of EMNLP 2020).

    Parameters
    ----------
    model
        Answers ``Query: … Document: … Relevant:``.
    """

    words: ClassVar[tuple[str, ...]] = MONO

    def score(
        self, queries: Sequence[str], passages: Sequence[str], done: Done = ignore
    ) -> NDArray[np.float32]:
        """Return the log-probability of true against false, shape ``(n_pairs,)``."""
        margins = self.model.ask(queries, passages, done=done)
        # log softmax, but exact where true is nearly sure.
        return -np.logaddexp(np.float32(0), -margins)
