from pathlib import Path

import pytest
from datasets import Dataset, DatasetDict

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.rerank.texts import collection_texts, dataset_texts


def test_only_named_passages_of_a_collection_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text(
        '{"_id": "a", "title": "T", "text": "one"}\n{"_id": "b", "text": "two"}\n'
    )
    assert collection_texts(path, ["a"], progress=False) == {"a": "T\none"}


def test_passages_without_text_are_named_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "c.tsv"
    path.write_text("a\tone\nb\ttwo\n")
    message = r"c\.tsv: no text of docid x \(2 of 3 to rerank are without\); expected"
    with pytest.raises(TasbError, match=message):
        collection_texts(path, ["a", "x", "y"], progress=False)


def test_a_docid_that_comes_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.tsv"
    path.write_text("a\tone\na\ttwo\n")
    with pytest.raises(TasbError, match="docid a twice"):
        collection_texts(path, ["a"], progress=False)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"docid": ["1", "2"], "contents": ["one", "two"]}, "two"),
        ({"_id": ["1", "2"], "title": ["T", "U"], "text": ["one", "two"]}, "U\ntwo"),
        ({"id": [1, 2], "title": ["", None], "text": ["one", "two"]}, "two"),
        ({"id": [1, 2], "title": ["T", "U"], "contents": ["one", "two"]}, "two"),
    ],
)
def test_columns_of_a_saved_data_set(
    tmp_path: Path, columns: dict[str, list[object]], expected: str
) -> None:
    Dataset.from_dict(columns).save_to_disk(tmp_path / "saved")
    assert dataset_texts(tmp_path / "saved", ["2"]) == {"2": expected}


def test_the_split_of_a_saved_data_set(tmp_path: Path) -> None:
    corpus = Dataset.from_dict({"docid": ["1"], "text": ["one"]})
    other = Dataset.from_dict({"docid": ["1"], "text": ["other"]})
    DatasetDict(queries=other, corpus=corpus).save_to_disk(tmp_path / "named")
    assert dataset_texts(tmp_path / "named", ["1"]) == {"1": "one"}
    DatasetDict(a=other, b=corpus).save_to_disk(tmp_path / "two")
    with pytest.raises(TasbError, match="splits a, b; expected corpus or train"):
        dataset_texts(tmp_path / "two", ["1"])


def test_what_is_no_data_set_of_passages_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(TasbError, match="expected a folder that save_to_disk wrote"):
        dataset_texts(tmp_path, ["1"])
    Dataset.from_dict({"a": ["1"]}).save_to_disk(tmp_path / "saved")
    with pytest.raises(TasbError, match="columns a; expected one of docid, _id"):
        dataset_texts(tmp_path / "saved", ["1"])
    Dataset.from_dict({"id": ["1"], "text": [7]}).save_to_disk(tmp_path / "number")
    with pytest.raises(TasbError, match="number:1: text 7; expected a text"):
        dataset_texts(tmp_path / "number", ["1"])
