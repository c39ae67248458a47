"""Write an index of plain codes shard by shard, as Faiss itself would write it at once.

In Faiss' format such an index (``IndexFlat``, ``IndexScalarQuantizer``) is a short
head, the number of its codes, and the codes of one passage after the other. So it needs
no memory for more than a shard. Tests compare each byte with Faiss' own file.
"""

import struct
from collections.abc import Iterable
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.bindings.faiss_library import load_faiss

NTOTAL = slice(8, 16)
"""Where a head holds the number of passages: after its name and the dimension."""


def write_codes(
    file: BinaryIO, index: Any, passages: int, shards: Iterable[NDArray[np.float32]]
) -> None:
    """Write an index of all shards.

    Parameters
    ----------
    file
        Written to from where it stands.
    index
        Trained and empty.
    passages
        Vectors in all shards.
    shards
        Vectors, fp32, shape ``(n, dimension)``.
    """
    file.write(head(index, passages))
    for vectors in shards:
        file.write(index.sa_encode(np.ascontiguousarray(vectors)).data)


def head(index: Any, passages: int) -> bytes:
    """Return what stands before the codes.

    It is that of an index of one passage, with its two counts made larger.
    """
    faiss = load_faiss()
    one = faiss.clone_index(index)
    one.add(np.zeros((1, index.d), np.float32))
    begin = bytearray(faiss.serialize_index(one).tobytes()[: -one.sa_code_size()])
    begin[NTOTAL] = struct.pack("<q", passages)
    [of_one] = struct.unpack("<Q", begin[-8:])
    begin[-8:] = struct.pack("<Q", of_one * passages)
    return bytes(begin)


def write_refined(
    file: BinaryIO,
    base: Any,
    codes: Any,
    k_factor: float,
    passages: int,
    shards: Iterable[NDArray[np.float32]],
) -> None:
    """Write an ``IndexRefine`` of a full base and the codes of all shards.

    Parameters
    ----------
    file, passages, shards
        As for `write_codes`.
    base
        Finds hits; full.
    codes
        Scores them once more; trained and empty.
    k_factor
        How many times as many hits as asked for it scores.
    """
    faiss = load_faiss()
    nothing = faiss.IndexFlatIP(base.d)
    frame = faiss.IndexRefine(nothing, codes)
    frame.k_factor = k_factor
    whole, first, second = (
        faiss.serialize_index(part).tobytes() for part in (frame, nothing, codes)
    )
    begin = bytearray(whole[: whole.index(first + second)])
    begin[NTOTAL] = struct.pack("<q", passages)
    file.write(begin)
    faiss.write_index(base, faiss.PyCallbackIOWriter(file.write))
    write_codes(file, codes, passages, shards)
    file.write(whole[len(begin) + len(first) + len(second) :])
