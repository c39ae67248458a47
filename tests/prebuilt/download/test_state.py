"""The note beside a half-done download is read as it was written, or not at all."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tasb_pyserini.prebuilt.download.state import State, read_state, write_state

STATE = State(url="http://a", size=12, etag='"e"', done=((0, 4), (6, 9)))


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_state(tmp_path / "a.json", STATE)
    assert read_state(tmp_path / "a.json") == STATE
    assert read_state(tmp_path / "none.json") is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("url", None),
        ("size", "12"),
        ("size", 8),
        ("etag", 3),
        ("more", 3),
        ("done", None),
        ("done", {}),
        ("done", ["04"]),
        ("done", [["0", "4"]]),
        ("done", [[0, 4.5]]),
        ("done", [[-1, 4]]),
        ("done", [[0, 4, 6]]),
    ],
)
def test_a_value_of_the_wrong_type_is_not_used(
    tmp_path: Path, key: str, value: object
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(asdict(STATE) | {key: value}))
    assert read_state(path) is None
