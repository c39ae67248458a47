import dataclasses
import gzip
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import ScoredTriple
from tasb_pyserini.training.pairs.database import (
    count_plain_lines,
    count_rows,
    load,
    open_database,
)
from tasb_pyserini.training.pairs.forms import RUN_LINES, SCORE_LINES
from tasb_pyserini.training.pairs.store import open_pairs
from tests.formats.score_files import write_scores

IMPORT = """
import sys
from pathlib import Path
from tasb_pyserini.training.pairs.convert import import_scores
import_scores([Path(sys.argv[1])], Path(sys.argv[2]))
"""


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"a\nb\n", 2),
        (b"\xc3\xa9\n", 1),
        (b"a\nb", None),
        (b"a\r\nb\r\n", None),
        (b"a\0\n", None),
        (b"\xef\xbb\xbfa\n", None),
        (b"a\tb\n", 1),
        (b"a\t\nb\n", None),
        (b"", None),
    ],
)
@pytest.mark.parametrize("name", ["a.tsv", "a.tsv.gz"])
def test_a_file_is_plain_or_not(
    tmp_path: Path, name: str, content: bytes, lines: int | None
) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert count_plain_lines(path, SCORE_LINES.plain) == lines


def test_other_white_space_in_a_run_is_not_plain(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    for text, lines in (("q Q0 d\n", 1), ("q\tQ0 d\n", None), ("q Q0\u00a0d\n", None)):
        path.write_text(text)
        assert count_plain_lines(path, RUN_LINES.plain) == lines


@pytest.mark.parametrize("name", ["s.tsv", "s.tsv.gz"])
def test_a_plain_file_never_meets_the_slow_reader(tmp_path: Path, name: str) -> None:
    def refuse(path: Path) -> Iterator[tuple[str, ...]]:
        raise AssertionError(path)

    write_scores(tmp_path / name, [ScoredTriple("é", '"', "#", 1.5, -2e-5)] * 3)
    form = dataclasses.replace(SCORE_LINES, read=refuse)
    with open_database(tmp_path, threads=1) as database:
        load(database, "scores", tmp_path / name, form, tmp_path, progress=False)
        assert count_rows(database, "scores") == 3


def test_what_duckdb_says_is_one_error(tmp_path: Path) -> None:
    with (
        pytest.raises(TasbError, match=r"pairs not sorted: .*no_such_table"),
        open_database(tmp_path, threads=1) as database,
    ):
        count_rows(database, "no_such_table")


@pytest.fixture
def sigint_raises() -> Iterator[None]:
    """Let Ctrl-C be heard: shells start background jobs with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("sigint_raises")
def test_ctrl_c_stops_a_query_as_it_stops_python(tmp_path: Path) -> None:
    long = "select sum(a.range * b.range) from range(10000000) a, range(100000) b"
    interrupt = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    interrupt.start()
    with (
        pytest.raises(KeyboardInterrupt),
        open_database(tmp_path, threads=1) as database,
    ):
        database.sql(long).fetchall()


def test_a_killed_import_leaves_nothing_under_the_name(tmp_path: Path) -> None:
    path, output = tmp_path / "s.tsv", tmp_path / "pairs"
    rows = (
        ScoredTriple(f"q{n % 99}", f"p{n % 9999}", f"n{n}", n / 3, n / 7)
        for n in range(300_000)
    )
    write_scores(path, rows)
    process = subprocess.Popen([sys.executable, "-c", IMPORT, str(path), str(output)])
    while not list(tmp_path.glob(".pairs.*/scratch")) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not output.exists()
    with pytest.raises(TasbError, match="no such folder"):
        open_pairs(output)
    # The next one is not in the way of what was left.
    subprocess.run([sys.executable, "-c", IMPORT, str(path), str(output)], check=True)
    assert len(open_pairs(output)) == 300_000
