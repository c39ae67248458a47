import gzip
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.records import is_id
from tasb_pyserini.formats.topics import read_topics
from tests.conftest import Collections
from tests.formats.strategies import garbage, ids, line_texts, texts


def test_tsv_topics_keep_their_order_and_lose_outer_white_space(tmp_path: Path) -> None:
    path = tmp_path / "topics.tsv"
    path.write_text("20\t what is a 60x40 slab?\r\n3\tÄrger\n")
    assert list(read_topics(path).items()) == [
        ("20", "what is a 60x40 slab?"),
        ("3", "Ärger"),
    ]


@pytest.mark.parametrize("name", ["queries.jsonl", "queries.jsonl.gz"])
def test_beir_topics_are_read(tmp_path: Path, name: str) -> None:
    content = (
        b'{"_id": "q1", "text": " one ", "metadata": {}}\n{"_id": 2, "text": "two"}\n'
    )
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    assert read_topics(path) == {"q1": "one", "2": "two"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("what is a slab", "1 column; expected two: qid<TAB>query"),
        ("2\ta\tb", "3 columns; expected two: qid<TAB>query"),
        ("2\t ", "empty query 2; expected some text"),
        ("\tquery", "missing qid; expected a qid without white space"),
        ("q 2\tquery", "qid 'q 2'; expected a qid without white space"),
        ("\ufeff2\tquery", "qid '\\ufeff2'; expected a qid without white space"),
        ("1\tagain", "qid 1 again, first on line 1; expected each qid once"),
    ],
)
def test_a_bad_tsv_topic_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "topics.txt"
    path.write_text(f"1\tone\n{line}\n")
    with pytest.raises(InputError) as caught:
        read_topics(path)
    assert str(caught.value) == f"{path}:2: {message}"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2\tquery", "not JSON (Extra data, column 3); expected one JSON object"),
        ('{"text": "two"}', 'no id; the object has "text"; expected an id under "_id"'),
        ('{"_id": "2"}', 'no text; the object has "_id"; expected text under "text"'),
        ('{"_id": "2", "text": ""}', "empty query 2; expected some text"),
        ('{"_id": 1, "text": "two"}', "qid 1 again, first on line 1; expected each"),
    ],
)
def test_a_bad_beir_topic_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "queries.jsonl"
    path.write_text('{"_id": "1", "text": "one"}\n' + line)
    with pytest.raises(InputError) as caught:
        read_topics(path)
    assert str(caught.value).startswith(f"{path}:2: {message}")


def test_an_empty_topics_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "topics.tsv"
    path.touch()
    with pytest.raises(InputError, match="no queries; expected at least one line"):
        read_topics(path)
    with pytest.raises(TasbError, match="no such file"):
        read_topics(tmp_path / "absent.tsv")


@given(topics=st.dictionaries(ids, line_texts, min_size=1))
def test_any_topics_come_back_from_tsv(
    tmp_path_factory: pytest.TempPathFactory, topics: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("topics") / "topics.tsv"
    path.write_bytes("".join(f"{q}\t{text}\n" for q, text in topics.items()).encode())
    expected = [(qid, text.strip()) for qid, text in topics.items()]
    assert list(read_topics(path).items()) == expected


@given(topics=st.dictionaries(ids, texts, min_size=1))
def test_any_topics_come_back_from_jsonl(
    tmp_path_factory: pytest.TempPathFactory, topics: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("topics") / "queries.jsonl"
    lines = [json.dumps({"_id": q, "text": text}) for q, text in topics.items()]
    path.write_text("\n".join(lines))
    expected = [(qid, text.strip()) for qid, text in topics.items()]
    assert list(read_topics(path).items()) == expected


@given(content=garbage)
@pytest.mark.parametrize("name", ["a.jsonl", "a.tsv"])
def test_garbage_gives_topics_or_an_input_error(
    tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("garbage") / name
    path.write_bytes(content)
    with suppress(InputError):
        topics = read_topics(path)
        assert topics
        assert all(
            is_id(qid) and query == query.strip() != "" for qid, query in topics.items()
        )


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("topics.dl19-passage.txt", 43),
        ("topics.dl20.txt", 200),
        ("topics.msmarco-passage.dev-subset.txt", 6_980),
        ("topics.dl19-passage.wp.tsv.gz", 43),
        ("topics.dl20.wp.tsv.gz", 200),
        ("topics.msmarco-passage.dev-subset.wp.tsv.gz", 6_980),
    ],
)
def test_official_topics_have_the_published_number_of_queries(
    collections: Collections, name: str, count: int
) -> None:
    assert len(read_topics(collections("msmarco-topics-qrels") / name)) == count


@pytest.mark.parametrize(
    ("collection", "name", "count"),
    [
        ("msmarco-mini", "dl20.topics.tsv", 54),
        ("msmarco-mini", "heldout.topics.tsv", 980),
        ("msmarco-mini", "train.topics.tsv", 6_000),
        ("squad-mini", "topics.tsv", 2_910),
        ("squad-mini", "train.topics.tsv", 11_877),
        ("scifact", "topics.tsv", 300),
        ("scifact", "train.topics.tsv", 809),
        ("wikiqa-sent", "topics.tsv", 243),
        ("vaswani", "topics.tsv", 93),
        ("cacm", "topics.tsv", 52),
    ],
)
def test_real_topics_have_the_recorded_number_of_queries(
    collections: Collections, collection: str, name: str, count: int
) -> None:
    assert len(read_topics(collections(collection) / name)) == count
