import gzip
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.records import ScoredTriple, is_id
from tasb_pyserini.formats.scores import LARGEST, read_hits, read_scores
from tests.formats.score_files import write_scores
from tests.formats.strategies import garbage, ids

scores = st.floats(width=32, allow_nan=False, allow_infinity=False)
scored_triples = st.builds(ScoredTriple, ids, ids, ids, scores, scores)
GOOD = "1.5\t-0.25\tq\tpos\tneg\n"


def test_scores_are_pos_score_neg_score_qid_pos_neg(tmp_path: Path) -> None:
    path = tmp_path / "scores.tsv"
    path.write_text("-5.25\t-8.5\t400296\t1540783\t3518497\n")
    assert list(read_scores(path)) == [
        ScoredTriple("400296", "1540783", "3518497", -5.25, -8.5)
    ]


@given(rows=st.lists(scored_triples, min_size=1))
@pytest.mark.parametrize("name", ["s.tsv", "s.tsv.gz"])
def test_any_scores_come_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, rows: list[ScoredTriple]
) -> None:
    path = tmp_path_factory.mktemp("scores") / name
    write_scores(path, rows)
    assert list(read_scores(path)) == rows


@pytest.mark.parametrize(
    "text", ["1", "-1.5", "+2", ".5", "5.", "1e3", "1E-3", "00012", str(LARGEST)]
)
def test_a_score_is_a_decimal_number(tmp_path: Path, text: str) -> None:
    path = tmp_path / "scores.tsv"
    path.write_text(f"{text}\t0\tq\tpos\tneg\n")
    assert next(read_scores(path)).pos_score == float(text)


@pytest.mark.parametrize(
    "text",
    ["nan", "inf", "-Infinity", "1_0", "x", "", " 1", "1,5", "٣", "1e39", "1e400"],
)
@pytest.mark.parametrize("column", [0, 1])
def test_a_score_that_is_not_a_finite_number_is_named(
    tmp_path: Path, column: int, text: str
) -> None:
    path = tmp_path / "scores.tsv"
    columns = ["0", "0", "q", "pos", "neg"]
    columns[column] = text
    path.write_text(GOOD + "\t".join(columns) + "\n")
    with pytest.raises(InputError) as caught:
        list(read_scores(path))
    assert str(caught.value) == (
        f"{path}:2: score {text!r}; expected a finite number, single precision"
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1\t2\tq\tpos", "4 columns; expected five: pos_score<TAB>neg_score<TAB>qid"),
        ("1\t2\tq\tp\tn\t", "6 columns; expected five: pos_score<TAB>neg_score<TAB>"),
        ("1 2 q pos neg", "1 column; expected five: pos_score<TAB>neg_score<TAB>qid"),
        ("1\t2\tq\tthe text\tn", "id 'the text'; expected an id: one word"),
        ("1\t2\tq\tp\t", "id ''; expected an id: one word"),
        ("1\t2\tq\tp\u00a0p\tn", "id 'p\\xa0p'; expected an id: one word"),
        ("1\t2\tq\tp\0\tn", "id 'p\\x00'; expected an id: one word"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "scores.tsv"
    path.write_text(f"{GOOD}{line}\n{GOOD}")
    rows = read_scores(path)
    assert next(rows) == ScoredTriple("q", "pos", "neg", 1.5, -0.25)
    with pytest.raises(InputError) as caught:
        next(rows)
    assert str(caught.value).startswith(f"{path}:2: {message}")


@pytest.mark.parametrize("name", ["scores.tsv", "scores.tsv.gz"])
def test_a_file_cut_within_its_last_docid_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    content = (GOOD * 3)[:-2].encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    with pytest.raises(InputError, match=r":3: no line end, as in a file cut short"):
        list(read_scores(path))


def test_a_cut_gzip_stream_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scores.tsv.gz"
    path.write_bytes(gzip.compress(GOOD.encode() * 1000)[:-20])
    with pytest.raises(InputError, match="damaged gzip stream"):
        list(read_scores(path))


@pytest.mark.parametrize("content", ["", "\n", "\n\n"])
def test_a_file_without_scores_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "scores.tsv"
    path.write_text(content)
    with pytest.raises(InputError, match="no lines; expected five"):
        list(read_scores(path))


@given(content=garbage)
def test_garbage_gives_scores_or_an_input_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("garbage") / "s.tsv"
    path.write_bytes(content)
    with suppress(InputError):
        for row in read_scores(path):
            assert all(map(is_id, (row.qid, row.pos, row.neg)))
            assert abs(row.pos_score) <= LARGEST


def test_hits_of_a_run_are_qid_docid_score(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    path.write_text("q Q0 d1 1 2.5 bm25\nq\tQ0\td2 2  -1e1 bm25\n")
    assert list(read_hits(path)) == [("q", "d1", 2.5), ("q", "d2", -10.0)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("q Q0 d 1 2.5", "5 columns; expected six: qid Q0 docid rank score tag"),
        ("q Q0 d 1 2.5 a b", "7 columns; expected six: qid Q0 docid rank score tag"),
        ("q Q0 d 1 nan tag", "score 'nan'; expected a finite number, single precision"),
        ("q Q0 d\0 1 1 tag", "word 'd\\x00'; expected plain UTF-8 text"),
    ],
)
def test_a_bad_hit_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "run.txt"
    path.write_text(f"q Q0 d0 1 1 tag\n{line}\n")
    with pytest.raises(InputError) as caught:
        list(read_hits(path))
    assert str(caught.value) == f"{path}:2: {message}"
