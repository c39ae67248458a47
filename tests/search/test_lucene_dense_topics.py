"""Query vectors as topics: one line a query, in the reader's form."""

import json
from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.lucene_dense_topics import write_vector_topics

VECTORS = np.array([[3, 4], [0, -2]], np.float32)
UNIT = [np.array([0.6, 0.8, 0], np.float32), np.array([0, -1, 0], np.float32)]


def test_tab_separated_topics_have_the_vector_for_text(tmp_path: Path) -> None:
    write_vector_topics(tmp_path / "q.tsv", ["1", "b"], VECTORS)
    lines = (tmp_path / "q.tsv").read_text().splitlines()
    assert [line.split("\t")[0] for line in lines] == ["1", "b"]
    for line, expected in zip(lines, UNIT, strict=True):
        read = np.array(json.loads(line.split("\t")[1]), np.float32)
        np.testing.assert_array_equal(read, expected)


def test_json_topics_have_qid_and_vector(tmp_path: Path) -> None:
    write_vector_topics(tmp_path / "q.jsonl", ["1", 'b"'], VECTORS)
    lines = [json.loads(line) for line in (tmp_path / "q.jsonl").open()]
    assert [line["qid"] for line in lines] == ["1", 'b"']
    for line, expected in zip(lines, UNIT, strict=True):
        read = np.array(line["vector"], np.float32)
        np.testing.assert_array_equal(read, expected)


def test_another_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TasbError, match=r"q\.txt: topics of vectors end in \.tsv"):
        write_vector_topics(tmp_path / "q.txt", ["1", "b"], VECTORS)
    assert not any(tmp_path.iterdir())
