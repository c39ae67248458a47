"""Lines of a text file, plain or compressed, with their numbers."""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.pipes import refuse_second_pass
from tasb_pyserini.formats.records import are_ids, is_id
from tasb_pyserini.formats.replace import replace_file

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

FROM_UTF16 = "convert it with iconv -f UTF-16 -t UTF-8"
REMEDIES = {
    b"\xff\xfe": FROM_UTF16,
    b"\xfe\xff": FROM_UTF16,
    b"\x1f\x8b": "give a file of gzip a name that ends in .gz",
}
"""First bytes of a file of another kind → what to do about it."""


def numbered_lines(path: Path, *, whole: bool = False) -> Iterator[tuple[int, str]]:
    """Yield ``(line number, line)`` of a UTF-8 text file, plain or ``.gz``.

    Line numbers count from 1; the line end (LF or CR LF) is removed, and so is the
    byte order mark that Windows programs put first. With `whole`, a last line
    without a line end is refused: cut short, it may end in the id of another passage.

    Raises
    ------
    InputError
        If a line is not UTF-8, the compressed stream is damaged, or (`whole`) the last
        line has no line end.
    TasbError
        If there is no such file, or it is a pipe that was read before.
    """
    if not path.exists():
        raise TasbError(f"{path}: no such file")
    if path.is_dir():
        raise TasbError(f"{path}: is a folder; expected a file")
    refuse_second_pass(path)
    opener = gzip.open if path.suffix == ".gz" else open
    number = 0
    with opener(path, "rb") as lines:
        try:
            for number, raw in enumerate(lines, start=1):
                text = raw.removeprefix(BYTE_ORDER_MARK) if number == 1 else raw
                if whole and not raw.endswith(b"\n"):
                    raise InputError(
                        path,
                        number,
                        "no line end, as in a file cut short",
                        "one after every line",
                        "fetch the file again, or add the line end if nothing is gone",
                    )
                yield number, text.decode().rstrip("\r\n")
            if not number and opener is gzip.open and _is_empty(path):
                raise EOFError  # which Python takes for the stream of no text
        except UnicodeDecodeError as error:
            raise InputError(
                path,
                number,
                f"byte {error.object[error.start]:#04x}",
                "UTF-8 text",
                REMEDIES.get(error.object[:2], "") if number == 1 else "",
            ) from error
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError(
                path, number + 1, "damaged gzip stream", "a whole .gz file"
            ) from error


def _is_empty(path: Path) -> bool:
    return path.is_file() and not path.stat().st_size


def record_lines(path: Path, *, whole: bool = False) -> Iterator[tuple[int, str]]:
    """Yield ``(line number, line)`` of a file that holds one record a line.

    Blank lines are skipped at the end of the file and refused elsewhere; `whole` as
    in `numbered_lines`.

    Raises
    ------
    InputError
        If a blank line stands between records; see also `numbered_lines`.
    """
    blank = 0
    for number, line in numbered_lines(path, whole=whole):
        if not line or line.isspace():
            blank = blank or number
            continue
        if blank:
            raise InputError(
                path, blank, "empty line", "one record a line", "remove the line"
            )
        yield number, line


def words_of(path: Path, number: int, line: str) -> list[str]:
    """Return the words of a line, parted by white space, of which some are ids.

    Raises
    ------
    InputError
        If NUL stands in one, or a byte order mark before it (see `is_id`), or a
        carriage return between two, as where it alone ends lines.
    """
    words = line.split()
    if "\r" in line:
        raise InputError(path, number, "a carriage return", "lines that end in LF")
    if ("\0" in line or "\ufeff" in line) and not are_ids(words):
        wrong = next(word for word in words if not is_id(word))
        raise InputError(path, number, f"word {wrong!r}", "plain UTF-8 text")
    return words


def write_lines(path: Path, lines: Iterable[str]) -> int:
    """Write lines, given without their ends, atomically; return how many.

    Raises
    ------
    TasbError
        If the file cannot be written.
    """
    count = 0
    with replace_file(path) as file:
        for line in lines:
            file.write(f"{line}\n")
            count += 1
    return count
