"""TAS-B's passage encoder, with the signatures that Pyserini calls."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from weakref import ref

from tasb_pyserini.encoders.backends.backend import Vectors
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.names import absolute_name
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import TasbError

_latest: tuple[ref[Vectors], EncoderSpec] | None = None


def spec_of(vectors: object) -> EncoderSpec | None:
    """Return the spec of what encoded `vectors`, if they are the latest that came."""
    return _latest[1] if _latest is not None and _latest[0]() is vectors else None


class TasbDocumentEncoder:
    """Turn passages into vectors.

    Takes the place of ``pyserini.encode.DocumentEncoder``; arguments have Pyserini's
    names.

    Parameters
    ----------
    model_name
        ``tasb``, ``tasb:FOLDER`` or ``tasb:HUB-ID``.
    tokenizer_name
        Folder of another tokenizer.
    device
        ``auto``, ``cpu``, ``cuda``, ``cuda:1``, …
    prefix
        Put before each passage in place of the spec's prefix.
    **ignored
        ``pooling``, ``l2_norm``, … that Pyserini guesses from letters in the encoder's
        name (``encode/__main__.py``); the spec decides these.
    """

    def __init__(
        self,
        model_name: str = "tasb",
        tokenizer_name: str | None = None,
        device: str = "cpu",
        prefix: str | None = None,
        **ignored: object,
    ) -> None:
        self.encoder = Encoder.load(
            model_name, tokenizer_name=tokenizer_name, device=device
        )
        self._load_again = partial(
            type(self), absolute_name(model_name), tokenizer_name, device, prefix
        )
        if prefix is not None:
            self.encoder.spec = replace(self.encoder.spec, passage_prefix=prefix)
        self._longest = self.encoder.spec.passage_max_length
        self.has_model = True

    def __reduce__(self) -> tuple[partial["TasbDocumentEncoder"], tuple[()]]:
        """Pickle as what to load: a loaded model belongs to its process."""
        return self._load_again, ()

    @property
    def spec(self) -> EncoderSpec:
        """What this encoder is."""
        return self.encoder.spec

    def encode(
        self,
        texts: Sequence[str | None],
        titles: Sequence[str | None] | None = None,
        max_length: int | None = None,
        add_sep: bool = False,
        fp16: bool = False,
        **ignored: object,
    ) -> Vectors:
        """Return one vector a passage, fp32, shape ``(n_passages, dimension)``.

        Parameters
        ----------
        texts
            Passages.
        titles
            Put before the passages with a space.
        max_length
            Lowers the spec's limit; Pyserini always passes one (256 unless told), so
            it never raises it.
        add_sep
            Refused: BERT_DOT was never trained on title-passage pairs.
        fp16
            Whether to compute in half precision, as ``tasb:fp16`` always does; a CPU
            always computes in fp32.
        **ignored
            Further fields of the collection.

        Raises
        ------
        TasbError
            If `add_sep` is set, `max_length` leaves no token of a text, or `fp16` is
            asked of ``tasb:onnx`` on a GPU.
        """
        if add_sep:
            raise TasbError(
                "TAS-B reads title and passage as one text; leave --add-sep out"
            )
        limit = min(max_length or self._longest, self._longest)
        self.encoder.spec = self.encoder.spec.cut_to(limit)
        self.encoder.use_fp16(fp16)
        titles = titles if titles is not None else [None] * len(texts)
        vectors = self.encoder.encode_passages(
            [
                f"{title} {text or ''}" if title else text or ""
                for title, text in zip(titles, texts, strict=True)
            ]
        )
        global _latest
        _latest = ref(vectors), self.spec
        return vectors
