"""Every line of a ``docid`` file is an id."""

from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.search.docids import read_docids


@pytest.mark.parametrize(
    ("content", "docids"),
    [
        (b"", []),
        (b"a\nb\n", ["a", "b"]),
        (b"a\nb", ["a", "b"]),
        (b"a \r\n\xc3\xa7 x\t\r\n", ["a", "\u00e7 x"]),
        (b"a\n\nb\n", ["a", "", "b"]),
        (b"a\n\n", ["a", ""]),
        (b"a\xe2\x80\xa8b\n", ["a\u2028b"]),
    ],
)
def test_only_a_last_empty_line_is_no_id(
    tmp_path: Path, content: bytes, docids: list[str]
) -> None:
    (tmp_path / "docid").write_bytes(content)
    assert read_docids(tmp_path / "docid") == docids


def test_bytes_that_are_not_utf8_are_named_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "docid").write_bytes(b"d1\nd2\nd\xe93\n")
    with pytest.raises(InputError, match=r"docid:3: byte 0xe9; expected UTF-8 text"):
        read_docids(tmp_path / "docid")
