"""ColBERT as a pairwise teacher: scores of query and passage by MaxSim."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tasb_pyserini.encoders.batching import TOKENS_PER_BATCH, score_by_length
from tasb_pyserini.encoders.cross.loading import max_positions
from tasb_pyserini.encoders.device import (
    Precision,
    autocast,
    default_precision,
    resolve_device,
)
from tasb_pyserini.encoders.pretrained import check_vocabulary, hash_tensors
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.batches.compose import Texts, frame
from tasb_pyserini.training.teachers.colbert import (
    ColBert,
    append_masks,
    colbert_pair_scores,
)
from tasb_pyserini.training.teachers.loading import load_colbert
from tasb_pyserini.training.teachers.reads import (
    PASSAGE_MAX_LENGTH,
    QUERY_MAX_LENGTH,
    Reads,
)

FRAME = 2
"""[CLS] and [SEP]."""


@dataclass(frozen=True, slots=True)
class ColbertTeacher:
    """A ColBERT that scores pairs, for KD-ColBERT (TCT-ColBERT, Table 2, row 3).

    It reads what its checkpoint says that it learned from, prefixes and [MASK]s;
    where the checkpoint says nothing, as the published one, the texts alone.

    Parameters
    ----------
    location
        As the user named it.
    model
        On its device, in eval mode.
    tokenizer
        The checkpoint's own.
    query_max_length, passage_max_length
        In tokens, prefix, [CLS] and [SEP] included but not the [MASK]s behind them,
        and no more than the model has positions; what is longer is cut.
    precision
        ``bf16``: torch's autocast for the transformer; MaxSim is in fp32.
    """

    location: str
    model: ColBert
    tokenizer: Tokenizer
    query_max_length: int
    passage_max_length: int
    precision: Precision

    @classmethod
    def load(
        cls,
        location: str,
        folder: Path,
        *,
        query_max_length: int = QUERY_MAX_LENGTH,
        passage_max_length: int = PASSAGE_MAX_LENGTH,
        device: str = "auto",
        precision: Precision | None = None,
    ) -> Self:
        """Load a checkpoint of the published form, or one of ``tasb train-teacher``.

        Raises
        ------
        TasbError
            If it is not a whole ColBERT with a tokenizer, it reads [MASK]s and its
            vocabulary has none, or a length leaves no token.
        """
        target = resolve_device(device)
        model, tokenizer = load_colbert(folder), load_tokenizer(folder)
        check_vocabulary(folder, tokenizer, model.bert_model)
        masks = 0 if model.reads is None else model.reads.masks
        if masks and tokenizer.token_to_id("[MASK]") is None:
            raise TasbError(
                f"{folder}: reads {masks} [MASK] behind a query; expected [MASK] in "
                "its vocabulary"
            )
        positions = max_positions(model.bert_model)
        lengths = query_max_length, passage_max_length
        if positions is not None:
            lengths = min(lengths[0], positions - masks), min(lengths[1], positions)
        if min(lengths) <= FRAME:
            raise TasbError(
                f"queries and passages of {lengths[0]} and {lengths[1]} tokens; "
                f"expected more than {FRAME}, [CLS] and [SEP]"
            )
        return cls(
            location,
            model.to(target),
            tokenizer,
            *lengths,
            precision or default_precision(target),
        )

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return self.model.compressor.weight.device

    @property
    def reads(self) -> Reads:
        """What it reads beside the texts."""
        return self.model.reads or Reads()

    @property
    def query_prefix(self) -> str:
        """Put before each query with a space, where not empty."""
        return self.reads.query_prefix

    @property
    def passage_prefix(self) -> str:
        """Put before each passage with a space, where not empty."""
        return self.reads.passage_prefix

    @property
    def query_room(self) -> int:
        """Most tokens of a query, its prefix included, without special tokens."""
        return self.query_max_length - FRAME

    @property
    def passage_room(self) -> int:
        """Most tokens of a passage, its prefix included, without special tokens."""
        return self.passage_max_length - FRAME

    def settings(self) -> dict[str, Any]:
        """Return what its scores depend on."""
        # Runs begun before checkpoints said what they read go on where that is nothing.
        reads = {} if self.reads == Reads() else {"reads": asdict(self.reads)}
        return {
            "weights": hash_tensors(self.model),
            "query_max_length": self.query_max_length,
            "passage_max_length": self.passage_max_length,
            "precision": self.precision,
            **reads,
        }

    def score(
        self,
        queries: Sequence[NDArray[np.integer]],
        passages: Sequence[NDArray[np.integer]],
        done: Callable[[int], Any] = lambda _: None,
    ) -> NDArray[np.float32]:
        """Return the score of each pair, shape ``(n_pairs,)``.

        Parameters
        ----------
        queries, passages
            Token ids with the prefix, without special tokens and [MASK]s; query i goes
            with passage i.
        done
            Called with the number of pairs of each batch.
        """
        longest = max(map(len, queries), default=0) + self.reads.masks
        lengths = [longest + len(passage) + 2 * FRAME for passage in passages]
        budget = TOKENS_PER_BATCH[self.device.type]
        tokenizer, room = self.tokenizer, self.passage_room
        mask_id = tokenizer.token_to_id("[MASK]") or 0

        def score(batch: list[int]) -> torch.Tensor:
            query = frame([queries[i][: self.query_room] for i in batch], tokenizer)
            passage = frame([passages[i][:room] for i in batch], tokenizer)
            masked = append_masks(query, self.reads.masks, mask_id)
            return self._score_batch(masked, passage)

        return score_by_length(lengths, budget, score, done)

    @torch.inference_mode()
    def _score_batch(self, queries: Texts, passages: Texts) -> torch.Tensor:
        with autocast(self.device, self.precision):
            scores = colbert_pair_scores(
                self.model, queries.to(self.device), passages.to(self.device)
            )
        return scores.float()
