"""What becomes of a file of triples that a user trains on."""

from pathlib import Path

import pytest

from tasb_pyserini.training.ids import IdTable
from tasb_pyserini.training.pairs.source import open_source

QIDS, DOCIDS = IdTable.of(["q1", "q2"]), IdTable.of(["d1", "d2", "d3"])


def read(folder: Path, lines: list[str], *, progress: bool = True) -> int:
    """Return the number of pairs."""
    path = folder / "triples.tsv"
    path.write_text("".join(f"{line}\n" for line in lines))
    cache = folder / "cache"
    return len(open_source(path, QIDS, DOCIDS, cache, progress=progress))


def test_repeated_triples_are_left_out_and_it_says_how_many_each_time(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = ["q1\td1\td2", "q2\td1\td3", "q1\td1\td2", "q1\td1\td3", "q1\td1\td2"]
    for _ in ("imported", "found in the cache"):
        assert read(tmp_path, lines) == 3
        assert capfd.readouterr().err.splitlines()[-1] == (
            f"{tmp_path / 'triples.tsv'}: 2 of 5 triples repeat another and are left "
            "out; each counts once"
        )


def test_nothing_is_said_of_repeats_where_there_are_none_or_nobody_asked(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert read(tmp_path, ["q1\td1\td2", "q1\td1\td3"]) == 2
    assert "repeat" not in capfd.readouterr().err
    assert read(tmp_path, ["q1\td1\td2", "q1\td1\td2"], progress=False) == 1
    assert capfd.readouterr().err == ""
