"""The note of what an archive held is read as it was written, or not at all."""

import json
from pathlib import Path

import pytest

from tasb_pyserini.prebuilt.record import read_record, write_record


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.json"
    write_record(path, {"segments_1": (12, 3_000_000_000), "é/a b": (0, 0)})
    assert read_record(path) == {"segments_1": (12, 3_000_000_000), "é/a b": (0, 0)}


def test_there_is_no_record_where_none_was_written(tmp_path: Path) -> None:
    assert read_record(tmp_path / "a.json") is None


@pytest.mark.parametrize(
    "pair", ["12", 12, None, [1], [1, 2, 3], [1, "2"], [1.5, 2], {"1": 0, "2": 0}]
)
def test_what_is_no_size_and_checksum_is_not_used(tmp_path: Path, pair: object) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"segments_1": [1, 2], "segments_2": pair}))
    assert read_record(path) is None
