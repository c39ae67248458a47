"""What scores pairs: BERT_CAT, or ColBERT."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tasb_pyserini.encoders.cross.encoder import CrossEncoder
from tasb_pyserini.encoders.cross.loading import model_type
from tasb_pyserini.encoders.device import Precision
from tasb_pyserini.encoders.pretrained import find_model
from tasb_pyserini.training.scoring.colbert import ColbertTeacher
from tasb_pyserini.training.teachers.loading import COLBERT
from tasb_pyserini.training.teachers.reads import PASSAGE_MAX_LENGTH, QUERY_MAX_LENGTH


class PairwiseTeacher(Protocol):
    """Scores pairs of token ids; as `CrossEncoder` and `ColbertTeacher`."""

    @property
    def location(self) -> str:
        """As the user named it."""

    @property
    def tokenizer(self) -> Tokenizer:
        """Of the checkpoint."""

    @property
    def device(self) -> torch.device:
        """Where it runs."""

    @property
    def query_prefix(self) -> str:
        """Put before each query with a space, where not empty."""

    @property
    def passage_prefix(self) -> str:
        """Put before each passage with a space, where not empty."""

    @property
    def query_room(self) -> int:
        """Most tokens of a query, its prefix included, without special tokens."""

    @property
    def passage_room(self) -> int:
        """Most tokens of a passage, its prefix included, without special tokens."""

    def settings(self) -> dict[str, Any]:
        """Return what its scores depend on."""

    def score(
        self,
        queries: Sequence[NDArray[np.integer]],
        passages: Sequence[NDArray[np.integer]],
        done: Callable[[int], Any] = ...,
    ) -> NDArray[np.float32]:
        """Return the score of each pair, shape ``(n_pairs,)``."""


def load_teacher(
    location: str,
    *,
    query_max_length: int = QUERY_MAX_LENGTH,
    passage_max_length: int = PASSAGE_MAX_LENGTH,
    device: str = "auto",
    precision: Precision | None = None,
) -> PairwiseTeacher:
    """Load what scores pairs.

    Parameters
    ----------
    location
        A folder, or a hub id, of a ColBERT or a sequence-classification checkpoint.
    query_max_length, passage_max_length
        Of a ColBERT, in tokens, [CLS] and [SEP] included.
    device, precision
        As of `CrossEncoder.load`.

    Raises
    ------
    TasbError
        If it is neither.
    """
    folder = find_model(location)
    if model_type(folder) != COLBERT:
        return CrossEncoder.load(location, device=device, precision=precision)
    return ColbertTeacher.load(
        location,
        folder,
        query_max_length=query_max_length,
        passage_max_length=passage_max_length,
        device=device,
        precision=precision,
    )
