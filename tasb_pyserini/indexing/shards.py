"""Vectors on disk: numbered shards under a manifest.

A folder of vectors holds ``manifest.json`` (what is encoded, by what), ``encoder.json``
(the encoder's spec) and for each shard ``NNNNN.docid`` (one id a line) and
``NNNNN.npy`` (fp32 or fp16, ``(n_passages, dimension)``). The ``.npy`` file is written
last and renamed into place, so a shard is there if and only if that file is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.encoders.spec import SPEC_FILE, EncoderSpec, mismatches
from tasb_pyserini.formats import work
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.json_record import read_dataclass
from tasb_pyserini.formats.records import are_ids
from tasb_pyserini.formats.replace import replace_bytes, replace_file

MANIFEST = work.MANIFEST

DType = Literal["fp32", "fp16"]

Vectors = NDArray[np.floating[Any]]
"""Of either type."""

REMEDY = "delete {} and run the command that made it again"

NUMPY_TYPES: dict[DType, np.dtype[Any]] = {
    "fp32": np.dtype(np.float32),
    "fp16": np.dtype(np.float16),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a folder of vectors holds when it is complete.

    Parameters
    ----------
    passages
        Number of passages in the collection.
    fingerprint
        Hash of their ids and texts, in order.
    shard_size
        Passages in each shard but the last.
    passage_max_length
        The encoder's limit, in tokens.
    backend
        What the encoder computed with (its ``backend``).
    dtype
        Of the vectors on disk.
    arithmetic
        The encoder's: vectors of different arithmetic are never put together. None in
        folders from before it was recorded.
    """

    passages: int
    fingerprint: str
    shard_size: int
    passage_max_length: int
    backend: str
    dtype: DType = "fp32"
    arithmetic: str | None = None

    @property
    def shards(self) -> int:
        """Number of shards."""
        return -(-self.passages // self.shard_size)

    def shard_passages(self, number: int) -> int:
        """Return how many passages a shard has."""
        return min(self.shard_size, self.passages - number * self.shard_size)


def open_vectors(folder: Path, manifest: Manifest, spec: EncoderSpec) -> None:
    """Make `folder` ready to take shards, new or left over from a run that stopped.

    Raises
    ------
    TasbError
        If the folder holds something else.
    """
    check_folder(folder, manifest, spec)
    if not (folder / MANIFEST).is_file():
        folder.mkdir(parents=True, exist_ok=True)
        spec.write(folder)
        work.write_manifest(folder, asdict(manifest))


def check_folder(folder: Path, manifest: Manifest, spec: EncoderSpec) -> None:
    """Refuse a folder that holds something else; write nothing.

    Raises
    ------
    TasbError
        If it does.
    """
    if not (folder / MANIFEST).is_file():
        if folder.exists() and any(map(_is_foreign, folder.iterdir())):
            raise TasbError(
                f"{folder}: holds files but no {MANIFEST}; expected a new or empty "
                f"folder, or vectors of the same collection and encoder"
            )
        return
    differing = manifest_differences(read_manifest(folder), manifest)
    work.refuse_other_work(folder, differing + mismatches(read_spec(folder), spec))


def manifest_differences(there: Manifest, now: Manifest) -> list[str]:
    """List what one manifest has otherwise than another.

    Arithmetic is compared where both know it.
    """
    if there.arithmetic is None or now.arithmetic is None:
        there, now = replace(there, arithmetic=None), replace(now, arithmetic=None)
    return work.differences(asdict(there), asdict(now))


def _is_foreign(path: Path) -> bool:
    """Return whether no run that was killed at its very start can have left a file."""
    return path.name != SPEC_FILE and not path.name.startswith(".")


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a folder of vectors.

    Raises
    ------
    TasbError
        If there is none, or it is damaged.
    """
    _require(folder, MANIFEST)
    path, expected = folder / MANIFEST, "what 'tasb encode' wrote"
    remedy = f"delete the folder and {work.AGAIN}"
    manifest = read_dataclass(Manifest, path, expected, remedy)
    for name in ("passages", "shard_size"):
        if (count := getattr(manifest, name)) < 1:
            raise InputError(path, None, f"{name} is {count}", expected, remedy)
    return manifest


def read_spec(folder: Path) -> EncoderSpec:
    """Read the spec of the encoder that made the vectors."""
    _require(folder, SPEC_FILE)
    return EncoderSpec.read(folder / SPEC_FILE)


def _require(folder: Path, name: str) -> None:
    if not (folder / name).is_file():
        missing = f"no {name}" if folder.is_dir() else "no such folder"
        raise TasbError(f"{folder}: {missing}; expected a folder of 'tasb encode'")


def has_shard(folder: Path, number: int) -> bool:
    """Tell whether a shard is complete."""
    return (folder / f"{number:05}.npy").is_file()


def missing_shards(folder: Path, manifest: Manifest) -> list[int]:
    """Return the numbers of the shards that a folder does not hold yet, ascending."""
    return [n for n in range(manifest.shards) if not has_shard(folder, n)]


def write_shard(
    folder: Path,
    number: int,
    docids: Sequence[str],
    vectors: NDArray[np.float32],
    dtype: DType = "fp32",
) -> None:
    """Write a shard; after a crash it is there as a whole or not at all.

    Raises
    ------
    TasbError
        If a vector has NaN or infinity, `dtype` cannot hold a value, or the disk is
        full.
    """
    stored = _convert(docids, vectors, dtype)
    with replace_file(folder / f"{number:05}.docid") as file:
        file.writelines(f"{docid}\n" for docid in docids)
    with replace_bytes(folder / f"{number:05}.npy") as binary:
        # As np.save, which would not say that a disk is full.
        header = np.lib.format.header_data_from_array_1_0(stored)
        np.lib.format.write_array_header_1_0(binary, header)
        binary.write(np.ascontiguousarray(stored).data)


def _convert(
    docids: Sequence[str], vectors: NDArray[np.float32], dtype: DType
) -> Vectors:
    wild = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(wild):
        raise TasbError(
            f"the vector of {docids[wild[0]]} holds NaN or infinity; look for overflow "
            "in the encoder, or encode in fp32"
        )
    with np.errstate(over="ignore"):
        stored: Vectors = vectors.astype(NUMPY_TYPES[dtype], copy=False)
    lost = np.isinf(stored)
    if lost.any():
        row, column = np.argwhere(lost)[0]
        raise TasbError(
            f"passage {docids[row]}: its vector has {vectors[row, column]:g}, beyond "
            "fp16's largest number (65504); encode with --dtype fp32 into a new folder"
        )
    return stored


def read_shards(folder: Path) -> Iterator[tuple[list[str], Vectors]]:
    """Yield the ids and vectors of each shard, in the collection's order.

    Vectors come as they are on disk, fp32 or fp16: see the manifest's ``dtype``.

    Raises
    ------
    TasbError
        If a shard is missing or damaged.
    """
    manifest, dimension = read_manifest(folder), read_spec(folder).dimension
    for number in range(manifest.shards):
        if not has_shard(folder, number):
            raise TasbError(
                f"{folder}: shard {number + 1} of {manifest.shards} is missing; "
                "run the command that makes it again"
            )
        size = manifest.shard_passages(number)
        yield (
            _read_ids(folder / f"{number:05}.docid", size),
            _read_array(folder / f"{number:05}.npy", (size, dimension), manifest.dtype),
        )


def _read_ids(path: Path, size: int) -> list[str]:
    expected = f"{size} lines of an id"
    remedy = REMEDY.format(path.with_suffix(".npy"))
    try:
        content = path.read_bytes()
        docids = content.decode().removesuffix("\n").split("\n")
    except FileNotFoundError as error:
        raise InputError(path, None, "no such file", expected, remedy) from error
    except UnicodeDecodeError as error:
        raise InputError(path, None, "not UTF-8", expected, remedy) from error
    if len(docids) != size or not are_ids(docids) or not content.endswith(b"\n"):
        raise InputError(path, None, f"{len(docids)} lines", expected, remedy)
    return docids


def _read_array(path: Path, shape: tuple[int, int], dtype: DType) -> Vectors:
    expected = f"{shape[0]} vectors of {shape[1]} numbers, {dtype}"
    remedy = REMEDY.format("it")
    try:
        vectors: Vectors = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise InputError(path, None, "not an array", expected, remedy) from error
    there = getattr(vectors, "shape", None), getattr(vectors, "dtype", None)
    if there != (shape, NUMPY_TYPES[dtype]):
        problem = f"an array of {there[1]}, shape {there[0]}"
        raise InputError(path, None, problem, expected, remedy)
    return vectors
