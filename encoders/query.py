"""TAS-B's query encoder, with the signatures that Pyserini calls."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.encoders.backends.backend import Vectors
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.names import absolute_name
from tasb_pyserini.encoders.spec import EncoderSpec


class TasbQueryEncoder:
    """Turn queries into vectors.

    Takes the place of ``pyserini.encode.QueryEncoder``; arguments have Pyserini's
    names.

    Parameters
    ----------
    encoder_dir
        ``tasb``, ``tasb:FOLDER`` or ``tasb:HUB-ID``.
    tokenizer_name
        Folder of another tokenizer.
    device
        ``auto``, ``cpu``, ``cuda``, ``cuda:1``, …
    prefix
        Put before each query in place of the spec's prefix.
    fp16
        Whether to compute in half precision; a CPU always computes in fp32.
    **ignored
        ``pooling``, ``l2_norm``, … that Pyserini guesses from letters in the encoder's
        name (``search/faiss/__main__.py``); the spec decides these.
    """

    def __init__(
        self,
        encoder_dir: str = "tasb",
        tokenizer_name: str | None = None,
        device: str = "cpu",
        prefix: str | None = None,
        fp16: bool = False,
        **ignored: object,
    ) -> None:
        self.encoder = Encoder.load(
            encoder_dir, tokenizer_name=tokenizer_name, device=device, fp16=fp16
        )
        self._load_again = partial(
            type(self), absolute_name(encoder_dir), tokenizer_name, device, prefix, fp16
        )
        if prefix is not None:
            self.encoder.spec = replace(self.encoder.spec, query_prefix=prefix)
        self.has_model = True

    def __reduce__(self) -> tuple[partial["TasbQueryEncoder"], tuple[()]]:
        """Pickle as what to load: a loaded model belongs to its process."""
        return self._load_again, ()

    @property
    def spec(self) -> EncoderSpec:
        """What this encoder is."""
        return self.encoder.spec

    def encode(self, query: str, **ignored: object) -> NDArray[np.float32]:
        """Return the vector of a query, fp32, shape ``(dimension,)``."""
        vector: NDArray[np.float32] = self.encode_batch([query])[0]
        return vector

    def encode_batch(self, queries: Sequence[str], **ignored: object) -> Vectors:
        """Return one vector a query, fp32, shape ``(n_queries, dimension)``."""
        return self.encoder.encode_queries(queries)
