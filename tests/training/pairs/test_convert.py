import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.records import ScoredTriple, Triple
from tasb_pyserini.formats.scores import read_scores
from tasb_pyserini.formats.triples import read_triples, write_triples
from tasb_pyserini.training.ids import IdTable
from tasb_pyserini.training.pairs.convert import import_scores, import_triples
from tasb_pyserini.training.pairs.store import open_pairs
from tests.formats.score_files import write_scores
from tests.formats.strategies import garbage, ids
from tests.training.pairs.rows import names, rows_of, scored_rows, scores, slow_order

GOOD = ["1.5\t-0.25\tq2\tp\tn", "2\t1\tq1\tp\tn", "1\t1\tq2\tn\tp"]

# Lines that are right, or wrong in one of the ways in which files are wrong.
fields = st.one_of(
    names,
    ids.map(lambda name: f" {name}"),
    scores.map(repr),
    st.sampled_from(
        ["", "nan", "1_0", "1e39", "0x1", "+1", ".5", "1e-400", "\0", "a b", "\ufeffa"]
    ),
)
right_lines = st.builds(
    lambda *columns: "\t".join(columns),
    *(scores.map(repr), scores.map(repr), names, names, names),
)
nearly_right = st.builds(
    lambda line, place, field: "\t".join(
        field if number == place else column
        for number, column in enumerate(line.split("\t"))
    ),
    *(right_lines, st.integers(0, 4), fields),
)
lines = right_lines | nearly_right | st.lists(fields, max_size=6).map("\t".join)
ends = st.sampled_from(["\n", "\n", "\n", "\r\n", "\n\n", "\r", "\t\n", ""])
score_files = st.one_of(
    garbage,
    st.lists(st.tuples(lines, ends).map("".join), max_size=4).map(
        lambda parts: "".join(parts).encode()
    ),
    st.tuples(st.lists(right_lines, min_size=1), ends).map(
        lambda drawn: (drawn[1].join(drawn[0]) + drawn[1]).encode()
    ),
)


@settings(max_examples=150)
@given(content=score_files)
def test_an_import_takes_and_refuses_what_the_slow_reader_does(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("scores")
    path, output = folder / "s.tsv", folder / "pairs"
    path.write_bytes(content)
    expected: list[ScoredTriple] = []
    problem = ""
    try:
        expected += read_scores(path)
    except InputError as error:
        problem = str(error)
    if problem:
        with pytest.raises(InputError) as caught:
            import_scores([path], output)
        assert str(caught.value) == problem
        assert [file.name for file in folder.iterdir()] == ["s.tsv"]
    else:
        import_scores([path], output)
        assert rows_of(open_pairs(output)) == slow_order(expected)


@settings(max_examples=50)
@given(rows=scored_rows)
def test_an_import_of_triples_takes_what_the_slow_reader_does(
    tmp_path_factory: pytest.TempPathFactory, rows: list[ScoredTriple]
) -> None:
    folder = tmp_path_factory.mktemp("triples")
    path, output = folder / "t.tsv", folder / "pairs"
    write_triples(path, [Triple(row.qid, row.pos, row.neg) for row in rows])
    report = import_triples(path, output)
    expected = slow_order(list(read_triples(path)))
    pairs = open_pairs(output)
    assert pairs.pos_score is None
    assert rows_of(pairs) == expected
    assert report["repeated"] == len(rows) - len(expected)


@pytest.mark.parametrize("column", [0, 1])
@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "1_0", " 1", "1 ", "1e39", "1e400", "0x1", "٣", '"1"']
)
def test_an_odd_score_is_refused_in_either_column(
    tmp_path: Path, column: int, text: str
) -> None:
    columns = ["0", "0", "q", "p", "n"]
    columns[column] = text
    (tmp_path / "s.tsv").write_text("\t".join(columns) + "\n")
    with pytest.raises(InputError, match=r"s\.tsv:1: score "):
        import_scores([tmp_path / "s.tsv"], tmp_path / "pairs")


def test_a_score_is_rounded_twice_as_the_slow_reader_rounds(tmp_path: Path) -> None:
    # Just below the middle of two numbers of single precision; in double precision,
    # the middle itself.
    path = tmp_path / "s.tsv"
    path.write_text("1.00000017881393432617187499\t0\tq\tp\tn\n")
    import_scores([path], tmp_path / "pairs")
    assert rows_of(open_pairs(tmp_path / "pairs")) == slow_order([*read_scores(path)])


def test_the_order_of_lines_leaves_no_trace(tmp_path: Path) -> None:
    # Equal margins of one triple; and two ways to write nought.
    parts = ["2\t1", "1\t0", "3\t2", "1\t-0.0"]
    lines = [f"{scores}\tq\tp\tn\n" for scores in parts]
    for name, ordered in (("one", lines), ("two", lines[::-1])):
        (tmp_path / "s.tsv").write_text("".join(ordered))
        report = import_scores([tmp_path / "s.tsv"], tmp_path / name)
        assert report["repeated"] == 1
    pairs = open_pairs(tmp_path / "one")
    assert pairs.pos_score is not None
    assert pairs.pos_score.tolist() == [1.0, 2.0, 3.0]
    one, two = (tmp_path / name / "pairs.arrow" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_parts_in_any_order_give_the_same_store(tmp_path: Path) -> None:
    rows = [
        ScoredTriple(f"q{n % 7}", f"p{n % 3}", f"n{n}", n / 3, -n / 7)
        for n in range(500)
    ]
    write_scores(tmp_path / "whole.tsv", rows)
    write_scores(tmp_path / "a.tsv.gz", rows[400:])
    write_scores(tmp_path / "b.tsv", rows[:400])
    import_scores([tmp_path / "whole.tsv"], tmp_path / "one", threads=1)
    import_scores([tmp_path / "a.tsv.gz", tmp_path / "b.tsv"], tmp_path / "two")
    for name in ("pairs.arrow", "qids.txt", "docids.txt"):
        one, two = (tmp_path / store / name for store in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
    assert rows_of(open_pairs(tmp_path / "two")) == slow_order(rows)


def test_lines_that_repeat_another_are_counted_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "s.tsv"
    path.write_text("".join(f"{line}\n" for line in [*GOOD, GOOD[0], *GOOD]))
    report = import_scores([path], tmp_path / "pairs")
    assert (report["pairs"], report["repeated"]) == (3, 4)
    assert (report["queries"], report["passages"]) == (2, 2)
    assert report["sources"] == {"scores": [str(path)]}


def test_a_tab_too_many_is_named(tmp_path: Path) -> None:
    (tmp_path / "s.tsv").write_text(f"{GOOD[0]}\n{GOOD[1]}\t\n")
    with pytest.raises(InputError, match=r"s\.tsv:2: 6 columns; expected five"):
        import_scores([tmp_path / "s.tsv"], tmp_path / "pairs")


def test_a_line_too_long_for_duckdb_is_no_matter_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text(f"q\tp\t{'n' * 3_000_000}\n")
    with pytest.raises(InputError, match=r"t\.tsv: a longer line; expected lines of"):
        import_triples(tmp_path / "t.tsv", tmp_path / "pairs")


def test_an_id_behind_a_byte_order_mark_is_named(tmp_path: Path) -> None:
    path = tmp_path / "s.tsv"
    path.write_text(f"\ufeff{GOOD[0]}\n1\t0\t\ufeffq\tp\tn\n")
    with pytest.raises(InputError, match=r"s\.tsv:2: id '\\ufeffq'; expected an id"):
        import_scores([path], tmp_path / "pairs")


@pytest.mark.parametrize("name", ["*.tsv", "[ab].tsv", "it's é.tsv", "s?.tsv.gz"])
def test_a_name_is_that_of_one_file_only(tmp_path: Path, name: str) -> None:
    for other in ("a.tsv", "b.tsv", "sx.tsv.gz"):
        (tmp_path / other).write_text("not scores")
    write_scores(tmp_path / name, [ScoredTriple("q", "p", "n", 1.0, 0.0)])
    assert import_scores([tmp_path / name], tmp_path / "pairs")["pairs"] == 1


def test_the_second_file_is_named_where_it_is_at_fault(tmp_path: Path) -> None:
    first, second = tmp_path / "1.tsv", tmp_path / "2.tsv"
    first.write_text("".join(f"{line}\n" for line in GOOD))
    second.write_text(f"{GOOD[0]}\n1\tnan\tq\tp\tn\n")
    with pytest.raises(InputError, match=r"2\.tsv:2: score 'nan'"):
        import_scores([first, second], tmp_path / "pairs")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no lines"),
        (b"q\tp\tn\nq\tp\n", ":2: 2 columns; expected three ids"),
        (b"q\tp\tn\nq\tp\tn1", ":2: no line end, as in a file cut short"),
        (b"q\tp\tn\nq\tp\tn n\n", ":2: id 'n n'; expected three ids"),
        (b"q\tp\tn\nq\tp\t\xff\n", ":2: byte 0xff; expected UTF-8 text"),
    ],
)
def test_triples_at_fault_are_named(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "t.tsv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        import_triples(path, tmp_path / "pairs")
    assert [file.name for file in tmp_path.iterdir()] == ["t.tsv"]


def test_unknown_ids_are_named_at_their_first_line(tmp_path: Path) -> None:
    path = tmp_path / "s.tsv"
    path.write_text("".join(f"{line}\n" for line in GOOD))
    with pytest.raises(InputError) as caught:
        import_scores([path], tmp_path / "pairs", known_qids=IdTable.of(["q2"]))
    assert str(caught.value) == (
        f"{path}:2: qid q1 is not in the topics (1 such ids in all); expected ids of "
        "the topics; give the files that the pairs were made from"
    )
    with pytest.raises(InputError, match=r":1: docid n is not in the collection"):
        import_scores([path], tmp_path / "pairs", known_docids=IdTable.of(["p"]))
    known = IdTable.of(["n", "p", "q1", "q2", "x"])
    report = import_scores(
        [path], tmp_path / "pairs", known_qids=known, known_docids=known
    )
    assert report["pairs"] == 3


def test_a_failed_import_leaves_the_old_store(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.tsv", tmp_path / "bad.tsv"
    good.write_text("".join(f"{line}\n" for line in GOOD))
    bad.write_text("".join(f"{line}\n" for line in [*GOOD, "1\t2\tq\tp"]))
    import_scores([good], tmp_path / "pairs")
    before = rows_of(open_pairs(tmp_path / "pairs"))
    with pytest.raises(InputError, match=r"bad\.tsv:4: 4 columns"):
        import_scores([bad], tmp_path / "pairs")
    assert rows_of(open_pairs(tmp_path / "pairs")) == before
    assert sorted(f.name for f in tmp_path.iterdir()) == [
        "bad.tsv",
        "good.tsv",
        "pairs",
    ]


def test_noughts_behind_a_compressed_file_are_no_matter_of_the_disk(
    tmp_path: Path,
) -> None:
    content = gzip.compress("".join(f"{line}\n" for line in GOOD).encode())
    (tmp_path / "s.tsv.gz").write_bytes(content + b"\0" * 512)
    assert import_scores([tmp_path / "s.tsv.gz"], tmp_path / "pairs")["pairs"] == 3


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TasbError, match="no such file"):
        import_scores([tmp_path / "s.tsv"], tmp_path / "pairs")
    assert not list(tmp_path.iterdir())


def test_a_compressed_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.tsv.gz"
    path.write_bytes(gzip.compress(f"{GOOD[0]}\n".encode() * 1000)[:-20])
    with pytest.raises(InputError, match="damaged gzip stream"):
        import_scores([path], tmp_path / "pairs")
