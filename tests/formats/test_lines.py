"""Lines of plain and compressed files, and what is wrong with them."""

import gzip
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.lines import numbered_lines, record_lines, words_of
from tests.conftest import Pipes


def test_lines_are_numbered_and_only_a_line_feed_ends_one(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes("1\tone\x85still one\u2028\r\n2\ttwo\n\n3".encode())
    assert list(numbered_lines(path)) == [
        (1, "1\tone\x85still one\u2028"),
        (2, "2\ttwo"),
        (3, ""),
        (4, "3"),
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_id(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(b"\xef\xbb\xbf1\tone\n\xef\xbb\xbf2\ttwo\n")
    assert list(numbered_lines(path)) == [(1, "1\tone"), (2, "\ufeff2\ttwo")]


def test_compressed_lines_are_the_plain_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv.gz"
    path.write_bytes(gzip.compress(b"1\tone\n") + gzip.compress(b"2\ttwo\n"))
    assert list(numbered_lines(path)) == [(1, "1\tone"), (2, "2\ttwo")]


def test_a_line_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes("ok\nna\xefve\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"a\.tsv:2: byte 0xef; expected UTF-8 text"):
        list(numbered_lines(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "1\tone\n".encode("utf-16"),
            "byte 0xff; expected UTF-8 text; convert it with",
        ),
        (
            gzip.compress(b"1\tone\n"),
            "byte 0x8b; expected UTF-8 text; give a file of g",
        ),
    ],
    ids=["UTF-16", "gzip"],
)
def test_a_file_of_another_kind_is_told_by_its_first_bytes(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        list(numbered_lines(path))
    assert str(caught.value).startswith(f"{path}:1: {message}")


def test_the_stream_of_no_text_holds_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b""))
    assert list(numbered_lines(path)) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"plain text",
        gzip.compress(b"x\n" * 9999)[:30],
        gzip.compress(b"x")[:-4],
    ],
    ids=["nothing", "not gzip", "cut short", "without its end"],
)
def test_a_damaged_gz_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.gz:\d+: damaged gzip stream"):
        list(numbered_lines(path))


@given(place=st.integers(0, 10**6), value=st.integers(0, 255))
def test_a_flipped_byte_in_a_gz_file_never_shows_as_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int
) -> None:
    content = bytearray(gzip.compress(b"".join(b"%d\tword\n" % i for i in range(99))))
    content[place % len(content)] = value
    path = tmp_path_factory.mktemp("flipped") / "a.gz"
    path.write_bytes(content)
    with suppress(InputError):
        list(numbered_lines(path))


def test_an_absent_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(TasbError, match="absent: no such file"):
        list(numbered_lines(tmp_path / "absent"))
    with pytest.raises(TasbError, match="is a folder; expected a file"):
        list(numbered_lines(tmp_path))


def test_the_lines_of_a_pipe_are_given_once(tmp_path: Path, piped: Pipes) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("1\tone\n2\ttwo\n")
    pipe = piped(path)
    assert list(numbered_lines(pipe)) == [(1, "1\tone"), (2, "2\ttwo")]
    with pytest.raises(TasbError, match=r": a pipe, already read, .* to one first"):
        list(numbered_lines(pipe))


@pytest.mark.parametrize("word", ["d\0", "\0", "\ufeffd"])
def test_a_word_that_no_id_can_be_is_named(word: str) -> None:
    path = Path("run.txt")
    assert words_of(path, 1, " a\tb\x0cd\ufeffe") == ["a", "b", "d\ufeffe"]
    with pytest.raises(InputError) as caught:
        words_of(path, 2, f"q Q0 {word} 1")
    assert str(caught.value) == f"run.txt:2: word {word!r}; expected plain UTF-8 text"


def test_an_error_shows_the_beginning_of_a_very_long_value() -> None:
    with pytest.raises(InputError) as caught:
        words_of(Path("run.txt"), 2, "x" * 3_000_000 + "\0")
    assert str(caught.value) == (
        f"run.txt:2: word '{'x' * 394}…; expected plain UTF-8 text"
    )


def test_blank_lines_are_skipped_at_the_end_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one\ntwo\n\n  \n")
    assert list(record_lines(path)) == [(1, "one"), (2, "two")]
    path.write_text("one\n\n\ntwo\n")
    with pytest.raises(InputError, match=r"a\.txt:2: empty line; .*; remove the line"):
        list(record_lines(path))
