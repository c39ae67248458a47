"""The model that predicts queries from a passage (doc2query)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import PreTrainedModel

from tasb_pyserini.encoders.batching import equal_length_batches
from tasb_pyserini.encoders.device import Precision, default_precision, resolve_device
from tasb_pyserini.encoders.pretrained import (
    bare_tokenizer,
    check_vocabulary,
    find_model,
    hash_tensors,
)
from tasb_pyserini.encoders.seq2seq import load_seq2seq, load_seq2seq_tokenizer
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.expansion.draw import MODEL, Sampling
from tasb_pyserini.indexing.expansion.sampling import sample_sequences

MAX_INPUT = 512
"""Most tokens of a passage, the end included, as in docTTTTTquery."""

TOKENS_PER_BATCH = {"cpu": 8_192, "cuda": 131_072}
"""Tokens of passages in a batch, each counted once a query: that is what the keys and
values of the decoder grow with, 74 kB a token for T5-base in fp32."""


@dataclass(frozen=True, slots=True)
class QueryGenerator:
    """A sequence-to-sequence model that reads a passage and writes queries.

    Parameters
    ----------
    location
        As the user named it.
    model
        On its device, in eval mode, in `precision`.
    tokenizer
        The checkpoint's own, which adds the end and cuts at `MAX_INPUT`.
    precision
        Of weights and computation; tokens are drawn in fp64 from fp32 logits.
    fingerprint
        ``sha256:…`` of the weights in fp32, by name, and of the tokenizer.
    """

    location: str
    model: PreTrainedModel
    tokenizer: Tokenizer
    precision: Precision
    fingerprint: str

    @classmethod
    def load(
        cls,
        location: str = MODEL,
        *,
        device: str = "auto",
        precision: Precision | None = None,
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
            If it is not a sequence-to-sequence checkpoint with a fast tokenizer.
        """
        target = resolve_device(device)
        folder = find_model(location)
        wrapped, model = load_seq2seq_tokenizer(folder), load_seq2seq(folder)
        tokenizer = bare_tokenizer(wrapped)
        tokenizer.enable_truncation(min(MAX_INPUT, wrapped.model_max_length))
        check_vocabulary(folder, tokenizer, model)
        if _start(model) is None or not _ends(model):
            raise TasbError(
                f"{folder}: no decoder_start_token_id or no eos_token_id; expected "
                "both in config.json or generation_config.json"
            )
        fingerprint = hash_tensors(model, tokenizer.to_str())
        precision = precision or default_precision(target)
        dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        nn.Module.to(model, target, dtype)
        return cls(location, model, tokenizer, precision, fingerprint)

    @property
    def tokens_per_batch(self) -> int:
        """Default of `generate`, by device."""
        return TOKENS_PER_BATCH[self.model.device.type]

    def generate(
        self,
        texts: Sequence[str],
        sampling: Sampling,
        *,
        tokens_per_batch: int | None = None,
        done: Callable[[int], Any] = lambda _: None,
    ) -> list[list[str]]:
        """Return the queries of each passage, in the order drawn.

        A passage without tokens gets none. Passages of one length share a batch, so
        that nothing is padded, and each has its own random numbers: the same queries
        come out beside any neighbours. What other batches change is the rounding of
        logits, 1e-6 of them in fp32 (1e-2 in bf16), and with it a draw as rarely.

        Parameters
        ----------
        texts
            Passages; cut at `MAX_INPUT` tokens.
        sampling
            How queries are drawn.
        tokens_per_batch
            Most tokens in a batch; see `TOKENS_PER_BATCH`.
        done
            Called with the number of passages of each batch.
        """
        encoded = self.tokenizer.encode_batch(list(texts))
        empty = [not any(m == 0 for m in e.special_tokens_mask) for e in encoded]
        places = [i for i, nothing in enumerate(empty) if not nothing]
        done(len(texts) - len(places))
        lengths = [len(encoded[i].ids) * sampling.queries for i in places]
        budget = tokens_per_batch or self.tokens_per_batch
        result: list[list[str]] = [[] for _ in texts]
        for batch in equal_length_batches(lengths, budget):
            chosen = [places[i] for i in batch]
            ids = [encoded[i].ids for i in chosen]
            queries = self._generate_batch(ids, [texts[i] for i in chosen], sampling)
            for place, found in zip(chosen, queries, strict=True):
                result[place] = found
            done(len(batch))
        return result

    def _generate_batch(
        self, ids: list[list[int]], texts: list[str], sampling: Sampling
    ) -> list[list[str]]:
        device, start = self.model.device, _start(self.model)
        assert start is not None
        numbers = np.stack([sampling.numbers(text) for text in texts])
        drawn = sample_sequences(
            self.model,
            torch.tensor(ids, device=device),
            torch.from_numpy(numbers).to(device),
            sampling.top_k,
            start,
            _ends(self.model),
        )
        return [
            [" ".join(text.split()) for text in self.tokenizer.decode_batch(of)]
            for of in drawn
        ]


def _start(model: PreTrainedModel) -> int | None:
    for config in (model.generation_config, model.config):
        token = getattr(config, "decoder_start_token_id", None)
        if token is not None:
            return int(token)
    return None


def _ends(model: PreTrainedModel) -> list[int]:
    for config in (model.generation_config, model.config):
        token = getattr(config, "eos_token_id", None)
        if token is not None:
            return list(token) if isinstance(token, list) else [int(token)]
    return []
