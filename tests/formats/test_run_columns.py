import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats import run_columns
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.records import Run
from tasb_pyserini.formats.run_columns import name_duplicate, read_run_columns
from tasb_pyserini.formats.runs import ranked, read_run, write_run
from tests.formats.strategies import garbage, runs, single_floats

# Runs whose lines pyarrow may read: words of ASCII.
WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)
PLAIN = st.dictionaries(
    WORDS, st.dictionaries(WORDS, single_floats, min_size=1, max_size=8), min_size=1
)

# Bytes that look nearly like a run.
NEARLY = st.lists(
    st.sampled_from(["1", " ", "  ", "\n", "q Q0 d 1 1.5 t\n", "\t", "\r", "nan", '"'])
).map(lambda parts: "".join(parts).encode())


def as_run(path: Path) -> Run:
    """Read columns, and order each query's hits."""
    columns = read_run_columns(path)
    docids, scores = columns.docids.to_pylist(), columns.scores.tolist()
    return {
        qid: dict(ranked(dict(zip(docids[at], scores[at], strict=True))))
        for qid, at in columns.places().items()
    }


def listed(run: Run) -> list[tuple[str, list[tuple[str, float]]]]:
    return [(qid, list(hits.items())) for qid, hits in run.items()]


@given(run=st.one_of(PLAIN, runs.filter(bool)), ending=st.sampled_from(["txt", "gz"]))
def test_what_a_run_holds_is_read_as_by_read_run(
    tmp_path_factory: pytest.TempPathFactory, run: Run, ending: str
) -> None:
    path = tmp_path_factory.mktemp("runs") / f"run.{ending}"
    write_run(path, run, "tag")
    assert listed(as_run(path)) == listed(read_run(path))


@given(content=st.one_of(NEARLY, garbage))
def test_any_file_is_read_or_refused_as_by_read_run(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("garbage") / "run.txt"
    path.write_bytes(content)
    expected = outcome(read_run, path)
    if " again for query " not in str(expected):  # `name_duplicate` is for that
        empty = f"{path}: no hits; expected a run in the format of TREC"
        assert outcome(as_run, path) == (expected or empty)


def outcome(read: Callable[[Path], Run], path: Path) -> object:
    """Return a run with its order, or what is wrong with the file."""
    try:
        return listed(read(path))
    except InputError as error:
        return str(error)


@pytest.mark.parametrize(
    "content",
    [
        b"2 Q0 a 1 1 x\n1 Q0 z 1 5e-1 x\n2\tQ0\tb\t2\t3.5\tx\r\n2 Q0 c 3 1 x\n",
        b"2 Q0 a 1 1 x\n1 Q0 z 1 .5 x\n2 Q0 b 2 3.5 x\n2 Q0 c 3 1 x",
        b"\xef\xbb\xbf2 Q0 a 1 1 x\n1 Q0 z  1 +.5 x \n2 Q0 b 2 3.5 x\n2 Q0 c 3 1 x\n\n",
    ],
)
def test_a_querys_hits_may_stand_apart(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.txt"
    path.write_bytes(content)
    assert listed(as_run(path)) == [
        ("2", [("b", 3.5), ("c", 1.0), ("a", 1.0)]),
        ("1", [("z", 0.5)]),
    ]


def test_a_run_as_tools_write_it_is_not_read_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(run_columns, "read_run")
    path = tmp_path / "run.txt.gz"
    path.write_bytes(gzip.compress(b'1 Q0 "a 1 1.5 x\n2 Q0 b 1 -2 x\n'))
    assert as_run(path) == {"1": {'"a': 1.5}, "2": {"b": -2.0}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ": no hits; expected a run in the format of TREC"),
        (b"\n \n", ": no hits; expected a run in the format of TREC"),
        (b"q Q0 d 1 1 x\nq Q0 e 2 nan x\n", ":2: score 'nan'; expected a finite num"),
        (b"q Q0 d 1 1 x\nq Q0 e 2 1\n", ":2: 5 columns; expected six: qid Q0 docid"),
        (b"q Q0 d 1 1 x\nq  e 2 1 x\n", ":2: 5 columns; expected six: qid Q0 docid"),
        (b"q Q0 d 1 1 x\n\nq Q0 e 2 1 x\n", ":2: empty line; expected one record a li"),
        (b"q Q0 d 1 1 x\nq Q0 \xff 2 1 x\n", ":2: byte 0xff; expected UTF-8 text"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "run.txt"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_run_columns(path)
    assert str(caught.value).startswith(f"{path}{message}")


def test_a_missing_file_and_a_damaged_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(TasbError, match=r"none\.txt: no such file"):
        read_run_columns(tmp_path / "none.txt")
    path = tmp_path / "run.txt.gz"
    path.write_bytes(gzip.compress(b"q Q0 d 1 1 x\n")[:-9])
    with pytest.raises(InputError, match="damaged gzip stream"):
        read_run_columns(path)


def test_the_line_of_a_second_docid_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    path.write_text("q Q0 d 1 2 x\nq Q0 e 2 1 x\nq Q0 d 3 0 x\n")
    with pytest.raises(InputError, match=":3: docid d again for query q; expected eac"):
        name_duplicate(read_run_columns(path))
