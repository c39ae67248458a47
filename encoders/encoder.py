"""A loaded model that turns texts into vectors."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import numpy as np
from tokenizers import Tokenizer

from tasb_pyserini.encoders.backends.arithmetic import describe_arithmetic
from tasb_pyserini.encoders.backends.backend import (
    Backend,
    Ids,
    OutOfMemory,
    Vectors,
)
from tasb_pyserini.encoders.backends.choice import load_backend
from tasb_pyserini.encoders.backends.device import pick_device
from tasb_pyserini.encoders.batching import TOKENS_PER_BATCH, encode_by_length
from tasb_pyserini.encoders.identity import find_encoder
from tasb_pyserini.encoders.names import parse_name
from tasb_pyserini.encoders.padding import encode_padded
from tasb_pyserini.encoders.recent import RecentVectors
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.encoders.tokenizer import tokenize
from tasb_pyserini.formats.errors import TasbError


class Encoder:
    """A checkpoint, loaded, on a device.

    On a CPU the vector of a text does not depend on what else is encoded with it, to
    the last bit: batches hold texts of equal length. (PyTorch keeps that promise for
    models with attention heads of 32 dimensions or more, int8 for vectors of 128 or
    more.) On a GPU, which needs large batches, texts of nearly equal length share one.

    Parameters
    ----------
    engine
        What runs the model; :meth:`load` finds it by name.
    tokenizer, spec
        Of the checkpoint.
    fp16
        Whether half precision was asked for when the engine was loaded.
    """

    def __init__(
        self,
        engine: Backend,
        tokenizer: Tokenizer,
        spec: EncoderSpec,
        *,
        fp16: bool = False,
    ) -> None:
        self.engine = engine
        self.tokenizer = tokenizer
        self.spec = spec
        self._loaded_as, self._fp16 = engine.name, fp16
        self._budget = TOKENS_PER_BATCH[engine.device.partition(":")[0]]
        self._recent = RecentVectors()

    @classmethod
    def load(
        cls,
        name: str,
        *,
        tokenizer_name: str | None = None,
        device: str = "cpu",
        fp16: bool = False,
        compiled: bool = False,
        threads: int | None = None,
    ) -> Self:
        """Load an encoder by name (``tasb``, ``tasb:FOLDER``, ``tasb:int8:HUB-ID``, …).

        Parameters
        ----------
        name
            See :func:`~tasb_pyserini.encoders.names.parse_name`.
        tokenizer_name
            Folder of another tokenizer, where the checkpoint's own will not do.
        device
            ``auto``, ``cpu``, ``cuda``, ``cuda:1``, …
        fp16
            Whether a GPU computes in half precision; a CPU always computes in fp32
            unless the name says otherwise.
        compiled, threads
            As of :func:`~tasb_pyserini.encoders.backends.choice.load_backend`.

        Raises
        ------
        TasbError
            If there is no such encoder, or it cannot be fetched or run here.
        """
        parsed = parse_name(name)
        device = pick_device(device, parsed.backend)
        other = Path(tokenizer_name) if tokenizer_name else None
        folder, tokenizer, spec = find_encoder(parsed.location, other)
        engine = load_backend(
            parsed.backend,
            folder,
            spec,
            device,
            fp16=fp16,
            compiled=compiled,
            threads=threads,
        )
        return cls(engine, tokenizer, spec, fp16=fp16)

    @property
    def backend(self) -> str:
        """Name of what runs the model, as in ``tasb:NAME``."""
        return self.engine.name

    @property
    def arithmetic(self) -> str:
        """In what it computes, where the backend's name does not say."""
        return describe_arithmetic(self.backend, self.device, fp16=self._fp16)

    @property
    def device(self) -> str:
        """``cpu``, ``cuda`` or ``cuda:N``."""
        return self.engine.device

    def use_fp16(self, fp16: bool) -> None:
        """Let PyTorch compute in half precision on a GPU, or as it was loaded.

        Raises
        ------
        TasbError
            If ONNX Runtime was loaded in fp32 there.
        """
        if self.device == "cpu":
            return
        if self._loaded_as == "torch":
            self.engine.name = "fp16" if fp16 else "torch"
        if self._loaded_as == "onnx" and fp16 and not self._fp16:
            raise TasbError(
                "'tasb:onnx' was loaded in fp32; for half precision leave --fp16 out "
                "and use 'tasb:fp16', or run 'tasb encode --fp16'"
            )

    def warm_up(self) -> None:
        """Encode a few made-up queries, which makes the first real one fast."""
        for length in range(3, self.spec.query_max_length + 1):
            self.engine.forward(np.full((1, length), 1, np.int64))

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """Return one vector a query, fp32, shape ``(n_queries, dimension)``."""
        prefix, limit = self.spec.query_prefix, self.spec.query_max_length
        with _naming_texts(queries):
            return self._recent.get(
                [(self.backend, prefix, limit, query) for query in queries],
                lambda keys: self.encode_ids(
                    tokenize(
                        self.tokenizer, [query for *_, query in keys], limit, prefix
                    )
                ),
            )

    def encode_passages(self, passages: Sequence[str]) -> Vectors:
        """Return one vector a passage, fp32, shape ``(n_passages, dimension)``."""
        return self.encode_ids(self.tokenize_passages(passages))

    def tokenize_passages(self, passages: Sequence[str]) -> list[list[int]]:
        """Return the token ids of each passage, for :meth:`encode_ids`."""
        prefix, limit = self.spec.passage_prefix, self.spec.passage_max_length
        with _naming_texts(passages):
            return tokenize(self.tokenizer, passages, limit, prefix)

    def encode_ids(self, ids: Sequence[list[int]]) -> Vectors:
        """Return one vector a text, fp32, shape ``(n_texts, dimension)``.

        Where the memory is too small for a batch, this and later ones are halved.

        Parameters
        ----------
        ids
            Token ids of each text, [CLS] and [SEP] included; of any lengths.

        Raises
        ------
        TasbError
            If the memory is too small for one text.
        """
        encode = encode_by_length if self.device == "cpu" else encode_padded
        return encode(ids, self.spec.dimension, self._budget, self._forward)

    def _forward(self, rows: Ids) -> Vectors:
        """Return the vectors of a batch, in parts that fit."""
        parts: list[Vectors] = []
        start = 0
        while start < len(rows):
            size = max(1, self._budget // max(1, rows.shape[1]))
            part = rows[start : start + size]
            try:
                parts.append(self.engine.forward(part))
            except OutOfMemory:
                self._budget = self._halved(part)
            else:
                start += size
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _halved(self, part: Ids) -> int:
        """Return the budget of half a batch that did not fit."""
        texts, tokens = part.shape
        if texts == 1:
            raise TasbError(
                f"{self.device}: its memory is too small for one text of {tokens} "
                "tokens; end what else runs on it, or say --device cpu"
            )
        return int(texts // 2 * tokens)


@contextmanager
def _naming_texts(texts: Sequence[str]) -> Iterator[None]:
    """Turn what the tokenizer says of a text that is none into one that names it."""
    try:
        yield
    except TypeError as error:
        for position, text in enumerate(texts):
            if not isinstance(text, str):
                problem = f"of type {type(text).__name__}"
            elif half := re.search("[\ud800-\udfff]", text):
                problem = f"half a surrogate pair at character {half.start()}"
            else:
                continue
            raise TasbError(
                f"texts[{position}]: {problem}; expected a string of whole characters"
            ) from error
        raise
