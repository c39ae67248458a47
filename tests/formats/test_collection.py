import gzip
import json
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.collection import collection_files, read_collection
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.records import Passage, is_id
from tests.conftest import Collections
from tests.formats.strategies import garbage, ids, line_texts, texts


def write(path: Path, *lines: str) -> Path:
    text = "".join(f"{line}\n" for line in lines)
    content = text.encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("ending", ["jsonl", "json", "jsonl.gz", "json.gz"])
def test_pyserini_and_beir_lines_are_read_alike(tmp_path: Path, ending: str) -> None:
    path = write(
        tmp_path / f"c.{ending}",
        '{"id": "a", "contents": "title\\ntext"}',
        '{"docid": "b", "text": "text"}',
        '{"_id": "c", "title": "title", "text": "text", "metadata": {}}',
        '{"_id": "d", "title": "", "text": "text"}',
        '{"_id": "e", "title": null, "text": "text"}',
        '{"_id": "f", "title": "title", "text": ""}',
        '{"_id": "g", "title": " ", "text": "text"}',
        '{"id": 7, "contents": " n\\u00efve \\ud83d\\ude00\\u0000 "}',
    )
    assert list(read_collection(path)) == [
        Passage("a", "title\ntext"),
        Passage("b", "text"),
        Passage("c", "title\ntext"),
        Passage("d", "text"),
        Passage("e", "text"),
        Passage("f", "title\n"),
        Passage("g", "text"),
        Passage("7", " nïve 😀\0 "),
    ]


@pytest.mark.parametrize("ending", ["tsv", "tsv.gz"])
def test_msmarco_lines_are_read(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"c.{ending}", "0\tThe  presence", "1\t ä ")
    assert list(read_collection(path)) == [
        Passage("0", "The  presence"),
        Passage("1", " ä "),
    ]


def test_a_folder_is_read_file_by_file_in_the_order_of_names(tmp_path: Path) -> None:
    write(tmp_path / "part02.json", '{"id": "2", "contents": "b"}')
    write(tmp_path / "part01.jsonl.gz", '{"id": "1", "contents": "a"}')
    write(tmp_path / "SOURCE.md", "not a collection")
    write(tmp_path / ".part00.tsv", "hidden")
    (tmp_path / "part03.tsv").mkdir()
    assert [passage.docid for passage in read_collection(tmp_path)] == ["1", "2"]


def test_topics_beside_passages_of_another_name_are_no_passages(tmp_path: Path) -> None:
    write(tmp_path / "documents.jsonl", '{"id": "1", "contents": "a"}')
    write(tmp_path / "train.topics.tsv", "q\tquery")
    with pytest.raises(TasbError, match=r"documents\.jsonl and train\.topics\.tsv: "):
        list(read_collection(tmp_path))
    (tmp_path / "train.topics.tsv").unlink()
    assert list(read_collection(tmp_path)) == [Passage("1", "a")]


@pytest.mark.parametrize("name", ["corpus.jsonl", "corpus.jsonl.gz"])
def test_topics_beside_a_corpus_are_no_passages(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, '{"id": "1", "contents": "a"}')
    write(tmp_path / "topics.tsv", "q\tquery")
    write(tmp_path / "queries.jsonl", '{"_id": "q", "text": "query"}')
    assert collection_files(tmp_path) == [tmp_path / name]
    assert list(read_collection(tmp_path)) == [Passage("1", "a")]


def test_topics_beside_an_msmarco_collection_are_no_passages(tmp_path: Path) -> None:
    write(tmp_path / "collection.tsv", "1\ta")
    write(tmp_path / "queries.dev.tsv", "q\tquery")
    assert list(read_collection(tmp_path)) == [Passage("1", "a")]


def test_a_folder_without_a_collection_names_the_endings(tmp_path: Path) -> None:
    write(tmp_path / "notes.txt", "x")
    with pytest.raises(TasbError, match=r"\.jsonl, \.json, \.tsv \(each also with"):
        list(read_collection(tmp_path))
    with pytest.raises(TasbError, match=r"notes\.txt: not a known ending; expected a"):
        list(read_collection(tmp_path / "notes.txt"))
    with pytest.raises(TasbError, match=r"absent\.tsv: no such file"):
        list(read_collection(tmp_path / "absent.tsv"))
    with pytest.raises(TasbError, match="absent: no such file"):
        list(read_collection(tmp_path / "absent"))


GOOD = '{"id": "1", "contents": "a"}'


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "2", "contents": ', "not JSON (Expecting value, column 25); expected"),
        ("plain text", "not JSON (Expecting value, column 1); expected one JSON ob"),
        ("[" * 100_000, "not JSON (maximum recursion depth exceeded"),
        ('{"id": ' + "9" * 5000 + "}", "not JSON (Exceeds the limit"),
        ('["2", "b"]', "a JSON list; expected one JSON object a line"),
        ('"2"', "a JSON str; expected one JSON object a line"),
        ('{"contents": "b"}', 'no id; the object has "contents"; expected an id under'),
        ("{}", 'no id; the object is empty; expected an id under "id" or "docid" or'),
        ('{"id": "", "contents": "b"}', '"id" is ""; expected a string without white'),
        ('{"id": "2 3", "contents": "b"}', '"id" is "2 3"; expected a string without'),
        ('{"id": "2\\u00a03", "contents": "b"}', '"id" is "2\\u00a03"; expected a st'),
        ('{"id": "2\\u0000", "contents": "b"}', '"id" is "2\\u0000"; expected a stri'),
        ('{"id": 2.0, "contents": "b"}', '"id" is 2.0; expected a string without'),
        ('{"id": true, "contents": "b"}', '"id" is true; expected a string without'),
        ('{"id": null, "contents": "b"}', '"id" is null; expected a string without'),
        ('{"id": "2"}', 'no text; the object has "id"; expected text under "contents"'),
        ('{"id": "2", "contents": ["b"]}', '"contents" is ["b"]; expected a string'),
        ('{"id": "2", "text": "b", "title": 3}', '"title" is 3; expected a string'),
        ('{"id": "2", "contents": " \\n"}', "empty passage 2; expected some text; rem"),
        ('{"_id": "2", "title": " ", "text": ""}', "empty passage 2; expected some t"),
        ('{"id": "2", "contents": "\\uD83D"}', "half of a surrogate pair ('\\ud83d')"),
        ('{"id": "2", "contents": "\\ud83d"}', "half of a surrogate pair ('\\ud83d')"),
    ],
)
def test_a_bad_json_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = write(tmp_path / "c.jsonl", GOOD, line, GOOD)
    with pytest.raises(InputError) as caught:
        list(read_collection(path))
    assert str(caught.value).startswith(f"{path}:2: {message}")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("no tab", "1 column; expected two: pid<TAB>text"),
        ("1\turl\ttitle\tbody", "4 columns; expected two: pid<TAB>text"),
        ("\ttext", "missing id; expected an id without white space"),
        ("a b\ttext", "id 'a b'; expected an id without white space"),
        ("2\t  ", "empty passage 2; expected some text; remove the line"),
        ("2\t", "empty passage 2; expected some text; remove the line"),
    ],
)
def test_a_bad_tsv_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = write(tmp_path / "c.tsv.gz", "1\ta", line, "3\tc")
    with pytest.raises(InputError) as caught:
        list(read_collection(path))
    assert str(caught.value) == f"{path}:2: {message}"


@pytest.mark.parametrize(
    "array", ['[{"id": "1", "contents": "a"}]', '[\n{"id": "1", "contents": "a"}\n]']
)
def test_a_json_array_is_told_to_become_lines(tmp_path: Path, array: str) -> None:
    path = write(tmp_path / "c.json", array)
    with pytest.raises(InputError, match=r"c\.json:1: .*: jq -c '\.\[\]' c\.json$"):
        list(read_collection(path))


def test_only_one_passage_at_a_time_is_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "c.tsv"
    with path.open("w") as file:
        file.writelines(f"{number}\t{'x' * 100_000}\n" for number in range(200))
    tracemalloc.start()
    assert sum(1 for _ in read_collection(path)) == 200
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000  # of 20 MB in the file


passages = st.lists(st.tuples(ids, texts))


@given(passages=passages)
def test_any_text_comes_back_from_jsonl(
    tmp_path_factory: pytest.TempPathFactory, passages: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("jsonl")
    for name, ascii_only in (("a.jsonl", True), ("b.jsonl.gz", False)):
        lines = (
            json.dumps({"id": docid, "contents": text}, ensure_ascii=ascii_only)
            for docid, text in passages
        )
        path = write(folder / name, *lines)
        assert [(p.docid, p.contents) for p in read_collection(path)] == passages


@given(passages=st.lists(st.tuples(ids, line_texts)))
def test_any_line_comes_back_from_tsv(
    tmp_path_factory: pytest.TempPathFactory, passages: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("tsv")
    path = write(folder / "a.tsv", *(f"{docid}\t{text}" for docid, text in passages))
    assert [(p.docid, p.contents) for p in read_collection(path)] == passages


@given(content=garbage)
@pytest.mark.parametrize("name", ["a.jsonl", "a.tsv"])
def test_garbage_gives_passages_or_an_error_that_names_a_line(
    tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("garbage") / name
    path.write_bytes(content)
    with suppress(InputError):
        for passage in read_collection(path):
            assert is_id(passage.docid)
            assert passage.contents.strip()
            passage.contents.encode()


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("msmarco-mini", 15_672),
        ("squad-mini", 3_645),
        ("scifact", 5_183),
        ("wikiqa-sent", 26_196),
        ("vaswani", 11_429),
        ("cacm", 3_204),
    ],
)
def test_real_collections_have_the_published_number_of_passages(
    collections: Collections, name: str, count: int
) -> None:
    docids = [passage.docid for passage in read_collection(collections(name))]
    assert len(docids) == len(set(docids)) == count
