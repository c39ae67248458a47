"""A loaded model that turns texts into vectors."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tasb_pyserini.encoders.batching import equal_length_batches
from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.device import resolve_device
from tasb_pyserini.encoders.model import BertDot, load_model
from tasb_pyserini.encoders.names import parse_name
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.encoders.tokenizer import load_tokenizer, tokenize

Vectors = NDArray[np.float32]

TOKENS_PER_BATCH = {"cpu": 4_096, "cuda": 65_536}
"""Most tokens in a batch, by kind of device."""

_LEAST_TOKENS = 32
"""Smaller matrix products take other CPU kernels, which round differently."""


class Encoder:
    """A checkpoint, loaded, on a device.

    On a CPU the vector of a text does not depend on what else is encoded with it, to
    the last bit for models with attention heads of 32 dimensions or more: batches hold
    texts of equal length, and tiny ones are filled up.

    Parameters
    ----------
    model, tokenizer, spec
        What to run; :meth:`load` gets them from a name.
    device
        ``auto``, ``cpu``, ``cuda``, ``cuda:1``, …
    fp16
        Whether to compute in half precision; a CPU always computes in fp32.
    """

    def __init__(
        self,
        model: BertDot,
        tokenizer: Tokenizer,
        spec: EncoderSpec,
        *,
        device: str = "cpu",
        fp16: bool = False,
    ) -> None:
        self.device = resolve_device(device)
        self.model = model.to(self.device).eval()
        self.tokenizer = tokenizer
        self.spec = spec
        self.fp16 = fp16

    @classmethod
    def load(
        cls,
        name: str,
        *,
        tokenizer_name: str | None = None,
        device: str = "cpu",
        fp16: bool = False,
    ) -> Self:
        """Load an encoder by name (``tasb``, ``tasb:FOLDER``, ``tasb:HUB-ID``).

        Parameters
        ----------
        name
            See :func:`~tasb_pyserini.encoders.names.parse_name`.
        tokenizer_name
            Folder of another tokenizer, where the checkpoint's own will not do.
        device, fp16
            As of the class.

        Raises
        ------
        TasbError
            If there is no such encoder, or it cannot be fetched.
        """
        folder, spec = find_checkpoint(parse_name(name).location)
        tokenizer = load_tokenizer(Path(tokenizer_name or folder))
        return cls(load_model(folder, spec), tokenizer, spec, device=device, fp16=fp16)

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """Return one vector a query, fp32, shape ``(n_queries, dimension)``."""
        return self._encode(queries, self.spec.query_prefix, self.spec.query_max_length)

    def encode_passages(self, passages: Sequence[str]) -> Vectors:
        """Return one vector a passage, fp32, shape ``(n_passages, dimension)``."""
        return self._encode(
            passages, self.spec.passage_prefix, self.spec.passage_max_length
        )

    def _encode(self, texts: Sequence[str], prefix: str, max_length: int) -> Vectors:
        if prefix:
            texts = [f"{prefix} {text}" for text in texts]
        ids = tokenize(self.tokenizer, texts, max_length)
        vectors = np.empty((len(ids), self.spec.dimension), dtype=np.float32)
        budget = TOKENS_PER_BATCH[self.device.type]
        for batch in equal_length_batches([len(text) for text in ids], budget):
            vectors[batch] = self._forward([ids[position] for position in batch])
        return vectors

    @torch.inference_mode()
    def _forward(self, ids: list[list[int]]) -> Vectors:
        copies = -(-_LEAST_TOKENS // (len(ids) * len(ids[0])))
        input_ids = torch.tensor(ids * copies).to(self.device)
        half = self.fp16 and self.device.type == "cuda"
        with torch.autocast(self.device.type, torch.float16, enabled=half):
            vectors = self.model(input_ids, torch.ones_like(input_ids))
        return np.asarray(vectors[: len(ids)].cpu().numpy(), dtype=np.float32)
