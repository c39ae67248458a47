"""What each process of an engine does: load the encoder, encode whole shards."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from tasb_pyserini.encoders.backends.arithmetic import describe_arithmetic
from tasb_pyserini.encoders.backends.choice import choose_backend
from tasb_pyserini.encoders.config import read_config
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.identity import find_encoder
from tasb_pyserini.encoders.names import parse_name
from tasb_pyserini.encoders.spec import EncoderSpec, mismatches
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.engines.local import encode_passages
from tasb_pyserini.indexing.engines.reader import ShardReader, Texts
from tasb_pyserini.indexing.shards import (
    Manifest,
    has_shard,
    manifest_differences,
    read_spec,
)


@dataclass(frozen=True, slots=True)
class EncoderSource:
    """What every process needs to load the same encoder.

    Parameters
    ----------
    name, device, fp16, compiled
        As of :meth:`~tasb_pyserini.encoders.encoder.Encoder.load`.
    max_length
        Lowers the spec's limit for passages, in tokens; None leaves it.
    """

    name: str
    device: str = "auto"
    fp16: bool = False
    compiled: bool = False
    max_length: int | None = None

    def load(self, threads: int | None = None) -> Encoder:
        """Load it, to compute with so many threads."""
        encoder = Encoder.load(
            self.name,
            device=self.device,
            fp16=self.fp16,
            compiled=self.compiled,
            threads=threads,
        )
        encoder.spec = self._cut(encoder.spec)
        return encoder

    def identify(self) -> "EncoderIdentity":
        """Return what the encoder will be, without loading it onto a GPU.

        That GPU may be another machine's, or one that takes a single process. On a CPU
        only loading shows what runs: PyTorch, where a model can't be exported.
        """
        if self.device == "auto" or self.device == "cpu":
            encoder = self.load()
            return EncoderIdentity(encoder.spec, encoder.backend, encoder.arithmetic)
        parsed = parse_name(self.name)
        folder, _, spec = find_encoder(parsed.location)
        model_type = read_config(folder).get("model_type", "")
        backend = choose_backend(
            parsed.backend, model_type, self.device, fp16=self.fp16
        )
        arithmetic = describe_arithmetic(backend, self.device, fp16=self.fp16)
        return EncoderIdentity(self._cut(spec), backend, arithmetic)

    def _cut(self, spec: EncoderSpec) -> EncoderSpec:
        if self.max_length is None:
            return spec
        return spec.cut_to(min(self.max_length, spec.passage_max_length))


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """What a folder of vectors says of the encoder that made it.

    Parameters
    ----------
    spec, backend, arithmetic
        As of :class:`~tasb_pyserini.encoders.encoder.Encoder`.
    """

    spec: EncoderSpec
    backend: str
    arithmetic: str


@dataclass(frozen=True, slots=True)
class Work:
    """A collection, and the folder of vectors that it becomes.

    Parameters
    ----------
    collection
        Checked before; each process reads it by itself.
    output
        Has its manifest and spec.
    manifest
        Of `output`.
    """

    collection: Path
    output: Path
    manifest: Manifest

    def texts(self) -> Texts:
        """Start a pass over the ids and texts."""
        return ((p.docid, p.contents) for p in read_collection(self.collection))


class ShardWorker:
    """An encoder, loaded when first needed, and a place in the collection.

    Parameters
    ----------
    work
        What is to be done by all workers together.
    source
        Of the encoder.
    threads
        Most threads for computing.
    """

    def __init__(self, work: Work, source: EncoderSource, threads: int) -> None:
        self.work, self.source, self.threads = work, source, threads
        self.reader = ShardReader(work.texts, work.manifest)

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder.

        Raises
        ------
        TasbError
            If it is not the one that the folder was begun with.
        """
        encoder = self.source.load(self.threads)
        output, manifest = self.work.output, self.work.manifest
        here = replace(
            manifest,
            passage_max_length=encoder.spec.passage_max_length,
            backend=encoder.backend,
            arithmetic=encoder.arithmetic,
        )
        differing = mismatches(read_spec(output), encoder.spec)
        differing += manifest_differences(manifest, here)
        if differing:
            raise TasbError(
                f"{output}: a worker loaded another encoder than the one it was begun "
                f"with ({'; '.join(differing)}); name its backend and device"
            )
        return encoder

    def encode(self, numbers: Sequence[int]) -> list[int]:
        """Encode those of some shards that are not there yet; return `numbers`.

        Raises
        ------
        TasbError
            With its message alone, so that it can be sent to another process.
        """
        output = self.work.output
        missing = [number for number in numbers if not has_shard(output, number)]
        try:
            for _ in encode_passages(missing, self.reader, output, self.encoder):
                pass
        except TasbError as error:
            raise TasbError(str(error)) from error
        return list(numbers)


def split(numbers: Sequence[int], workers: int, most: int) -> list[list[int]]:
    """Cut shard numbers into tasks: at most `most` each, and four rounds or more.

    Examples
    --------
    >>> split(range(10), workers=1, most=8)
    [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]
    """
    size = max(1, min(most, len(numbers) // (4 * workers)))
    return [list(numbers[at : at + size]) for at in range(0, len(numbers), size)]
