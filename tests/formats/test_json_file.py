"""A file of one JSON object is read, or named in one line; it is written whole."""

import json
import re
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.json_file import (
    read_array,
    read_object,
    read_object_or_none,
    write_object,
)
from tests.formats.bad_json import BAD


@pytest.mark.parametrize(("content", "problem"), BAD.values(), ids=BAD)
def test_what_is_no_object_is_one_line_or_not_there(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"a\.json{problem}") as raised:
        read_object(path, "what tune wrote", "tune again")
    assert str(raised.value).endswith("; expected what tune wrote; tune again")
    assert "\n" not in str(raised.value)
    assert read_object_or_none(path) is None


def test_an_array_is_read_and_an_object_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'[{"a": 1}, null]')
    assert read_array(path, "entries") == [{"a": 1}, None]
    path.write_bytes(b'{"a": [1]}')
    message = f"{path}: not a JSON array; expected entries; mend it"
    with pytest.raises(InputError, match=re.escape(message)):
        read_array(path, "entries", "mend it")


def test_a_missing_file_is_an_error_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with pytest.raises(InputError) as raised:
        read_object(path, "what tune wrote", "tune")
    assert str(raised.value) == f"{path}: no such file; expected what tune wrote; tune"
    assert read_object_or_none(path) is None


@pytest.mark.parametrize("read", [read_object_or_none, lambda p: read_object(p, "x")])
def test_what_cannot_be_read_is_never_taken_for_absent(
    tmp_path: Path, read: object
) -> None:
    assert callable(read)
    (tmp_path / "file").touch()
    with pytest.raises(TasbError, match="is a folder; expected a file"):
        read(tmp_path)
    with pytest.raises(TasbError, match="not read: Not a directory; expected a file"):
        read(tmp_path / "file" / "a.json")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_an_object_is_read_with_a_byte_order_mark_or_without(
    tmp_path: Path, mark: bytes
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(mark + '{"é": [1, null]}'.encode())
    assert read_object(path, "x") == read_object_or_none(path) == {"é": [1, None]}


def test_the_bytes_are_those_of_json_with_a_line_end(tmp_path: Path) -> None:
    values = {"b": {"é": 1.5}, "a": [True, None]}
    path = tmp_path / "new" / "a.json"
    write_object(path, values)
    assert path.read_bytes() == (json.dumps(values, indent=2) + "\n").encode()
    write_object(path, values, indent=None, ensure_ascii=False)
    assert path.read_bytes() == '{"b": {"é": 1.5}, "a": [true, null]}\n'.encode()


def test_what_json_cannot_hold_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_object(path, {"a": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_object(path, {"a": float("nan")}, allow_nan=False)
    assert path.read_bytes() == b'{\n  "a": 1\n}\n'
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]
