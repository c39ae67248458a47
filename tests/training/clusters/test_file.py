"""The authors' cluster file is read and written, and its faults have a line."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.training.clusters.file import read_clusters, write_clusters
from tests.formats.strategies import garbage, ids


@st.composite
def clusterings(draw: st.DrawFn) -> list[list[str]]:
    """Draw clusters of distinct qids, some of them empty."""
    qids = draw(st.lists(ids, unique=True, min_size=1, max_size=12))
    numbers = [draw(st.integers(0, 5)) for _ in qids]
    return [
        [qid for qid, number in zip(qids, numbers, strict=True) if number == cluster]
        for cluster in range(6)
    ]


@given(clusters=clusterings())
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, clusters: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("clusters") / "clusters.tsv"
    write_clusters(path, clusters)
    assert read_clusters(path) == clusters
    assert read_clusters(path, {qid for c in clusters for qid in c}) == clusters


def test_the_authors_file_is_read_line_by_line(tmp_path: Path) -> None:
    # What split() takes apart: tabs, one at the end as well, and spaces.
    path = tmp_path / "clusters.tsv"
    path.write_text("1\t2\t\n\n3 4\n\n")
    assert read_clusters(path) == [["1", "2"], [], ["3", "4"], []]
    packed = tmp_path / "clusters.tsv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_clusters(packed) == read_clusters(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"1\t2\n\n3\t1\n", ":3: qid 1 again, first on line 1; expected each qid in"),
        (b"1\t1\n", ":1: qid 1 again, first on line 1; expected each qid in"),
        (b"1\n2\t9\n", ":2: unknown query 9; expected one of the 3 topics; give the"),
        (b"1\n\xff\n", ":2: byte 0xff; expected UTF-8 text"),
        (b"1\t2\r3\r", ":1: a carriage return; expected lines that end in LF"),
        ("1\t2\n".encode("utf-16-le"), r":1: word '1\x00'; expected plain UTF-8 text"),
        (b"", ": no queries; expected one cluster of qids a line"),
        (b"\n\n", ": no queries; expected one cluster of qids a line"),
    ],
)
def test_a_fault_is_named_with_its_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "clusters.tsv"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_clusters(path, {"1", "2", "3"})
    assert str(error.value).startswith(f"{path}{message}")


@given(content=garbage)
def test_garbage_is_read_or_refused_with_one_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("garbage") / "clusters.tsv"
    path.write_bytes(content)
    try:
        clusters = read_clusters(path)
    except InputError:
        return
    qids = [qid for cluster in clusters for qid in cluster]
    assert 0 < len(qids) == len(set(qids))


def test_a_qid_of_two_words_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "clusters.tsv"
    path.write_text("old\n")
    with pytest.raises(TasbError, match=r"qid 'two words'; expected one word"):
        write_clusters(path, [["1"], ["two words"]])
    assert path.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [path]
