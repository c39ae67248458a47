import gzip
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.qrels import check_qids, read_qrels
from tasb_pyserini.formats.topics import read_topics
from tests.conftest import Collections
from tests.formats.strategies import garbage, ids


@pytest.mark.parametrize("name", ["qrels.txt", "qrels.txt.gz"])
def test_trec_qrels_are_read_whatever_parts_the_columns(
    tmp_path: Path, name: str
) -> None:
    content = b"2 0 d1 3\n2\tQ0\td2\t0\r\n1  0   d1  -2\n\n"
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    qrels = read_qrels(path)
    assert qrels == {"2": {"d1": 3, "d2": 0}, "1": {"d1": -2}}
    assert list(qrels) == ["2", "1"]


def test_beir_qrels_are_told_by_their_header(tmp_path: Path) -> None:
    path = tmp_path / "test.tsv"
    path.write_text("query-id\tcorpus-id\tscore\n1\t31715818\t1\n3\tdoc\t0\n")
    assert read_qrels(path) == {"1": {"31715818": 1}, "3": {"doc": 0}}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1 0 d2", "3 columns; expected four columns: qid 0 docid grade"),
        ("1", "1 column; expected four"),
        ("1 0 d2 1 extra", "5 columns; expected four"),
        ("1 0 d2 1.0", "grade '1.0'; expected a small whole number"),
        ("1 0 d2 relevant", "grade 'relevant'; expected a small whole number"),
        ("1 0 d2 1_0", "grade '1_0'; expected a small whole number"),
        ("1 0 d2 \u0661", "grade '\u0661'; expected a small whole number"),
        ("1 0 d 1\r2 0 d 1", "a carriage return; expected lines that end in LF"),
        ("1 0 d\0 1", "word 'd\\x00'; expected plain UTF-8 text"),
        ("\ufeff2 0 d 1", "word '\\ufeff2'; expected plain UTF-8 text"),
        ("1 0 1 31715818", "grade '31715818'; expected a small whole number"),
        ("1 0 d1 2", "qid 1, docid d1 judged again (2, 1 before); expected each pair"),
        ("1 0 d1 1", "qid 1, docid d1 judged again (1, 1 before); expected each pair"),
    ],
)
def test_a_bad_judgment_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "qrels.txt"
    path.write_text(f"1 0 d1 1\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_qrels(path)
    assert str(caught.value).startswith(f"{path}:2: {message}")


def test_beir_qrels_have_one_header(tmp_path: Path) -> None:
    path = tmp_path / "test.tsv"
    path.write_text("1 0 d 1\nquery-id\tcorpus-id\tscore\n")
    with pytest.raises(InputError, match=r"test\.tsv:2: 3 columns; expected four"):
        read_qrels(path)


def test_a_run_is_not_taken_for_qrels(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    path.write_text("1 Q0 d1 1 3.5 tag\n")
    with pytest.raises(InputError, match="6 columns; expected four columns: qid 0 doc"):
        read_qrels(path)


@pytest.mark.parametrize("content", ["", "query-id\tcorpus-id\tscore\n"])
def test_qrels_without_judgments_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "qrels.tsv"
    path.write_text(content)
    with pytest.raises(InputError, match="no judgments; expected at least one line"):
        read_qrels(path)


def test_qrels_for_an_unknown_query_are_named(tmp_path: Path) -> None:
    path = tmp_path / "qrels.tsv"
    path.write_text("query-id\tcorpus-id\tscore\n1\td\t1\n2\td\t1\n")
    qrels = read_qrels(path)
    check_qids(path, qrels, {"2": "two", "1": "one", "3": "three"})
    with pytest.raises(InputError) as caught:
        check_qids(path, qrels, {"1": "one"})
    assert str(caught.value) == (
        f"{path}:3: unknown query 2; expected one of the 1 topics; give the qrels and "
        "topics of the same collection"
    )


grades = st.dictionaries(ids, st.integers(-9, 9), min_size=1, max_size=5)


@given(qrels=st.dictionaries(ids, grades, min_size=1, max_size=5))
@pytest.mark.parametrize("form", ["trec", "beir"])
def test_any_qrels_come_back(
    tmp_path_factory: pytest.TempPathFactory,
    form: str,
    qrels: dict[str, dict[str, int]],
) -> None:
    lines = ["query-id\tcorpus-id\tscore"] if form == "beir" else []
    between = "\t" if form == "beir" else " 0 "
    lines += [
        f"{qid}{between}{docid}\t{grade}"
        for qid, judged in qrels.items()
        for docid, grade in judged.items()
    ]
    path = tmp_path_factory.mktemp("qrels") / "qrels"
    path.write_bytes("\n".join(lines).encode())
    assert read_qrels(path) == qrels


@given(content=garbage)
def test_garbage_gives_qrels_or_an_input_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("garbage") / "qrels"
    path.write_bytes(content)
    with suppress(InputError):
        qrels = read_qrels(path)
        assert qrels
        assert all(judged for judged in qrels.values())


@pytest.mark.parametrize(
    ("name", "queries", "pairs"),
    [
        ("dl19-passage", 43, 9_260),
        ("dl20-passage", 54, 11_386),
        ("msmarco-passage.dev-subset", 6_980, 7_437),
    ],
)
def test_official_qrels_have_the_published_size(
    collections: Collections, name: str, queries: int, pairs: int
) -> None:
    qrels = read_qrels(collections("msmarco-topics-qrels") / f"qrels.{name}.txt")
    assert len(qrels) == queries
    assert sum(map(len, qrels.values())) == pairs


def test_official_topics_cover_their_qrels(collections: Collections) -> None:
    folder = collections("msmarco-topics-qrels")
    for topics, qrels in (
        ("dl19-passage", "dl19-passage"),
        ("dl20", "dl20-passage"),
        ("msmarco-passage.dev-subset", "msmarco-passage.dev-subset"),
    ):
        path = folder / f"qrels.{qrels}.txt"
        check_qids(path, read_qrels(path), read_topics(folder / f"topics.{topics}.txt"))


@pytest.mark.parametrize(
    ("collection", "name", "counts"),
    [
        ("msmarco-mini", "qrels.txt", {0: 15, 1: 1601, 2: 1804, 3: 697}),
        ("msmarco-mini", "dl20.qrels.txt", {0: 20, 1: 1939, 2: 1020, 3: 646}),
        ("msmarco-mini", "dev.qrels.txt", {1: 6982}),
        ("squad-mini", "train.qrels.txt", {1: 11_877}),
        ("scifact", "qrels.txt", {1: 339}),
        ("wikiqa-sent", "train.qrels.txt", {0: 7632, 1: 1040}),
        ("vaswani", "qrels.txt", {1: 2083}),
    ],
)
def test_real_qrels_have_the_recorded_grades(
    collections: Collections, collection: str, name: str, counts: dict[int, int]
) -> None:
    qrels = read_qrels(collections(collection) / name)
    found = Counter(grade for judged in qrels.values() for grade in judged.values())
    assert found == counts
