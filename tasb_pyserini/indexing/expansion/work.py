"""Numbered shards of what belongs to each passage, under a manifest.

A folder holds ``manifest.json`` (all that its content depends on) and for each shard
``NNNNN.jsonl``: a line for each passage, ``{"id": …, KEY: […]}``. A shard is renamed
into place, so it is there as a whole or not at all.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.jsonl import parse_object, take_id
from tasb_pyserini.formats.lines import record_lines
from tasb_pyserini.formats.records import Passage
from tasb_pyserini.formats.replace import replace_file
from tasb_pyserini.formats.work import AGAIN


def shards_of(collection: Path, size: int) -> Iterator[list[Passage]]:
    """Yield the passages of each shard."""
    passages = read_collection(collection)
    while shard := list(islice(passages, size)):
        yield shard


def shard_sizes(passages: int, size: int) -> list[int]:
    """Return the number of passages of each shard.

    Examples
    --------
    >>> shard_sizes(10, 4)
    [4, 4, 2]
    """
    return [min(size, passages - start) for start in range(0, passages, size)]


def has_shard(folder: Path, number: int) -> bool:
    """Tell whether a shard is complete."""
    return _path(folder, number).is_file()


def write_shard(
    folder: Path,
    number: int,
    key: str,
    passages: Iterable[Passage],
    values: Iterable[Sequence[str] | Sequence[float]],
) -> None:
    """Write what belongs to the passages of a shard, under `key`."""
    with replace_file(_path(folder, number)) as file:
        for passage, value in zip(passages, values, strict=True):
            record = {"id": passage.docid, key: value}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def read_shard(
    folder: Path, number: int, key: str, passages: Sequence[Passage]
) -> list[list[Any]]:
    """Return what belongs to each of the passages of a shard.

    Raises
    ------
    InputError
        If the shard is damaged, or about other passages.
    """
    path = _path(folder, number)
    remedy = f"delete the file and {AGAIN}"
    values = []
    for line, text in record_lines(path, whole=True):
        record = parse_object(path, line, text)
        docid, value = take_id(path, line, record, ("id",)), record.get(key)
        if line > len(passages) or docid != passages[line - 1].docid:
            expected = passages[line - 1].docid if line <= len(passages) else "no more"
            raise InputError(path, line, f"passage {docid}", expected, remedy)
        if not isinstance(value, list):
            raise InputError(path, line, "damaged", f'a list under "{key}"', remedy)
        values.append(value)
    if len(values) != len(passages):
        problem = f"{len(values)} passages"
        raise InputError(path, None, problem, f"{len(passages)}", remedy)
    return values


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:05}.jsonl"
