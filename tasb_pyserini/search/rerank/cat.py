"""BERT_CAT: any cross-encoder with one score a pair."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.encoders.cross.encoder import CrossEncoder
from tasb_pyserini.encoders.cross.loading import load_pair_tokenizer
from tasb_pyserini.encoders.device import Precision
from tasb_pyserini.encoders.pretrained import find_model
from tasb_pyserini.formats.missing import Done
from tasb_pyserini.search.rerank.scorers import ignore


@dataclass(frozen=True, slots=True)
class Cat:
    """Scores a passage by its raw logit, as the teacher of training does.

    Parameters
    ----------
    model
        The sequence-classification model.
    """

    model: CrossEncoder

    @staticmethod
    def check(location: str) -> None:
        """Raise the errors of `load` that don't take the weights to find."""
        load_pair_tokenizer(find_model(location))

    @classmethod
    def load(
        cls, location: str, *, device: str = "auto", precision: Precision | None = None
    ) -> Self:
        """Load a checkpoint; see :meth:`CrossEncoder.load`."""
        return cls(CrossEncoder.load(location, device=device, precision=precision))

    @property
    def device(self) -> str:
        """Kind of device that it runs on."""
        return self.model.device.type

    def describe(self) -> dict[str, Any]:
        """Return all that the scores depend on."""
        return self.model.settings()

    def score(
        self, queries: Sequence[str], passages: Sequence[str], done: Done = ignore
    ) -> NDArray[np.float32]:
        """Return the raw logit of each pair, shape ``(n_pairs,)``."""
        return self.model.score_texts(queries, passages, done)
