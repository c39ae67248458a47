"""A cross-encoder: raw scores of query and passage read together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from tasb_pyserini.encoders.batching import TOKENS_PER_BATCH, score_by_length
from tasb_pyserini.encoders.cross.loading import (
    Classifier,
    load_classifier,
    load_pair_tokenizer,
    max_positions,
)
from tasb_pyserini.encoders.cross.template import PairTemplate
from tasb_pyserini.encoders.device import (
    Precision,
    autocast,
    default_precision,
    resolve_device,
)
from tasb_pyserini.encoders.distinct import tokenize_distinct
from tasb_pyserini.encoders.pretrained import (
    bare_tokenizer,
    check_vocabulary,
    find_model,
    hash_tensors,
)

MAX_LENGTH = 512
"""Most tokens of a pair, special tokens included, where the model takes as many."""


@dataclass(frozen=True, slots=True)
class CrossEncoder:
    """A sequence-classification model that scores pairs.

    The score is the raw logit: where sigmoid squeezes two good passages to nearly 1,
    the margin between them is lost (deepset-ai/haystack#2388). Of a model with two
    labels it is the second's logit minus the first's, the log-odds of relevance.

    Parameters
    ----------
    location
        As the user named it.
    model
        On its device, in eval mode.
    tokenizer
        The checkpoint's own.
    template
        How it puts a pair together.
    max_length
        Longest pair, in tokens, special tokens included; the passage is cut.
    uses_types
        Whether the model reads segments (token type ids).
    precision
        ``bf16``: torch's autocast, but for the last layer. One step of bf16 is .06 at
        a score of 8, as large as many a margin.
    """

    location: str
    model: Classifier
    tokenizer: Tokenizer
    template: PairTemplate
    max_length: int
    uses_types: bool
    precision: Precision

    query_prefix: ClassVar[str] = ""
    passage_prefix: ClassVar[str] = ""
    """Before a text: nothing."""

    @classmethod
    def load(
        cls, location: str, *, device: str = "auto", precision: Precision | None = None
    ) -> Self:
        """Load a checkpoint.

        Parameters
        ----------
        location
            A folder, or a hub id.
        device
            ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
        precision
            None: bf16 on a GPU, fp32 on a CPU.

        Raises
        ------
        TasbError
            If it is not a sequence-classification checkpoint with one or two labels
            and a fast tokenizer of its own.
        """
        target = resolve_device(device)
        folder = find_model(location)
        model, wrapped = load_classifier(folder), load_pair_tokenizer(folder)
        tokenizer = bare_tokenizer(wrapped)
        check_vocabulary(folder, tokenizer, model)
        limits = [MAX_LENGTH, wrapped.model_max_length, max_positions(model)]
        nn.Module.to(model, target)
        encoder = cls(
            location,
            model,
            tokenizer,
            PairTemplate.of(tokenizer),
            min(limit for limit in limits if limit is not None),
            "token_type_ids" in wrapped.model_input_names,
            precision or default_precision(target),
        )
        if encoder.precision == "bf16":
            _keep_last_layer_in_fp32(model)
        return encoder

    @property
    def room(self) -> int:
        """Most tokens of query and passage together, without special tokens."""
        return self.max_length - len(self.template)

    @property
    def query_room(self) -> int:
        """Most tokens of a query, which leave one to the passage."""
        return self.room - 1

    @property
    def passage_room(self) -> int:
        """Most tokens of a passage."""
        return self.room

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return self.model.device

    def settings(self) -> dict[str, Any]:
        """Return what its scores depend on."""
        return {
            "weights": self.fingerprint(),
            "labels": self.model.config.num_labels,
            "max_length": self.max_length,
            "precision": self.precision,
        }

    def fingerprint(self) -> str:
        """Return ``sha256:…`` of the weights, by name."""
        return hash_tensors(self.model)

    def score_texts(
        self,
        queries: Sequence[str],
        passages: Sequence[str],
        done: Callable[[int], Any] = lambda _: None,
    ) -> NDArray[np.float32]:
        """Return the score of each pair of texts, as `score` does of token ids.

        Each distinct text is tokenised once; a query leaves a token to the passage.
        """
        return self.score(
            tokenize_distinct(self.tokenizer, queries, self.query_room),
            tokenize_distinct(self.tokenizer, passages, self.passage_room),
            done,
        )

    def score(
        self,
        queries: Sequence[NDArray[np.integer]],
        passages: Sequence[NDArray[np.integer]],
        done: Callable[[int], Any] = lambda _: None,
    ) -> NDArray[np.float32]:
        """Return the score of each pair, shape ``(n_pairs,)``.

        Pairs of one length share a batch, so that nothing is padded and a score does
        not depend on the other pairs.

        Parameters
        ----------
        queries, passages
            Token ids without special tokens; query i goes with passage i. A query has
            fewer than `room`; a passage is cut to what is left.
        done
            Called with the number of pairs of each batch.
        """
        pairs = [
            (query, passage[: self.room - len(query)])
            for query, passage in zip(queries, passages, strict=True)
        ]
        lengths = [len(self.template) + len(q) + len(p) for q, p in pairs]
        budget = TOKENS_PER_BATCH[self.device.type]

        def score(batch: list[int]) -> Tensor:
            return self._score_batch([pairs[i] for i in batch])

        return score_by_length(lengths, budget, score, done)

    @torch.inference_mode()
    def _score_batch(
        self, pairs: list[tuple[NDArray[np.integer], NDArray[np.integer]]]
    ) -> Tensor:
        ids, types = self.template.join(*zip(*pairs, strict=True))
        device = self.device
        inputs = {"input_ids": torch.from_numpy(ids).to(device)}
        inputs["attention_mask"] = torch.ones_like(inputs["input_ids"])
        if self.uses_types:
            inputs["token_type_ids"] = torch.from_numpy(types).to(device)
        with autocast(device, self.precision):
            logits: Tensor = self.model(**inputs).logits.float()  # (n_pairs, n_labels)
        return logits[:, 0] if logits.shape[1] == 1 else logits[:, 1] - logits[:, 0]


def _keep_last_layer_in_fp32(model: Classifier) -> None:
    labels = model.config.num_labels
    linear = [module for module in model.modules() if isinstance(module, nn.Linear)]
    last = next(layer for layer in reversed(linear) if layer.out_features == labels)

    def again(layer: nn.Module, inputs: tuple[Tensor], _: Tensor) -> Tensor:
        assert isinstance(layer, nn.Linear)
        with torch.autocast(inputs[0].device.type, enabled=False):
            return nn.functional.linear(inputs[0].float(), layer.weight, layer.bias)

    last.register_forward_hook(again)
