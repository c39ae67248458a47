"""A collection checked from end to end before any costly work."""

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tasb_pyserini.formats.collection import numbered_passages
from tasb_pyserini.formats.errors import InputError

BUCKETS = 256


@dataclass(frozen=True, slots=True)
class CollectionSummary:
    """What a collection holds.

    Parameters
    ----------
    passages
        How many.
    fingerprint
        SHA-256 of all ids and contents in order, hexadecimal. It does not depend on
        file names, on the file format, or on how the files are cut or compressed.
    """

    passages: int
    fingerprint: str


def check_collection(path: Path) -> CollectionSummary:
    """Read a whole collection once; refuse it if any line or id is bad.

    Memory: 8 bytes a passage, for a 64-bit hash of each id. Only if two hashes are
    equal is the collection read again, to compare the ids themselves.

    Raises
    ------
    InputError
        At the first bad line (see `read_collection`), the second of two equal ids, or
        if there are no passages.
    """
    # Hashes of strings differ between processes; here they never leave this call.
    hashes = [array("q") for _ in range(BUCKETS)]
    digest = hashlib.sha256()
    passages = 0
    for _, _, passage in numbered_passages(path):
        key = hash(passage.docid)
        hashes[key % BUCKETS].append(key)
        contents = passage.contents
        digest.update(f"{passage.docid}\t{len(contents)}\t{contents}\n".encode())
        passages += 1
    if not passages:
        raise InputError(path, None, "no passages", "at least one")
    repeated = repeated_keys(hashes)
    if repeated:
        refuse_duplicates(path, repeated)
    return CollectionSummary(passages, digest.hexdigest())


def repeated_keys(buckets: Iterable[Sequence[int]]) -> set[int]:
    """Return the numbers that occur more than once in a bucket."""
    repeated: set[int] = set()
    for bucket in buckets:
        if len(set(bucket)) < len(bucket):
            keys = sorted(bucket)
            repeated.update(key for key, after in pairwise(keys) if key == after)
    return repeated


def refuse_duplicates(path: Path, suspects: set[int]) -> None:
    """Raise an error at the second passage of an id whose hash is in `suspects`.

    Nothing is raised where different ids merely share a hash.
    """
    first: dict[str, str] = {}
    for file, number, passage in numbered_passages(path):
        if hash(passage.docid) not in suspects:
            continue
        if passage.docid in first:
            raise InputError(
                file,
                number,
                f"id {passage.docid} again, first at {first[passage.docid]}",
                "each id once",
                "remove or rename one of the two",
            )
        first[passage.docid] = f"{file}:{number}"
