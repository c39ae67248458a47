"""Test queries are in no training file: not by id, not by text."""

import re
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.study.leakage import refuse_strangers
from tasb_pyserini.study.prepare import prepare
from tasb_pyserini.study.schema import read_study
from tests.conftest import Collections
from tests.study.quick import write_data, write_study

PAPERS = Path(__file__).parents[2] / "docs" / "studies" / "papers.yaml"


def test_triples_of_other_queries_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "triples.tsv"
    path.write_text("1\td1\td2\n9\td1\td2\n")
    with pytest.raises(InputError, match=r"triples.tsv:2: query 9"):
        refuse_strangers(path, {"1": "red fox"})


def test_leaking_queries_are_dropped_with_their_judgements(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data")
    with (data / "tiny" / "train.topics.tsv").open("a") as file:
        file.write("5\tGrey wolf!\n9\tred squirrel\n")
    with (data / "tiny" / "train.qrels.txt").open("a") as file:
        file.write("5 0 d7 1\n9 0 d7 1\n")
    study = write_study(tmp_path / "studies")
    work = tmp_path / "work"
    work.mkdir()
    made = prepare(study, study.profiles["small"], work, data)
    assert made.dropped == {
        "5": "query 5 has the text of 8 in test",
        "9": "query 9 is in test",
    }
    assert list(read_topics(work / "train/topics.tsv")) == ["1", "2", "3"]
    assert "d7" not in (work / "train/qrels.txt").read_text()
    assert (work / "train/dropped.tsv").read_text().count("\n") == 2


def words_of(text: str) -> str:
    return " ".join(re.sub("[^a-z0-9]", " ", text.lower()).split())


@pytest.mark.parametrize("profile", ["small", "full"])
def test_no_test_query_is_in_the_training_files_of_the_study(
    collections: Collections, tmp_path: Path, profile: str
) -> None:
    """Looked for anew, by other means than those that dropped them."""
    data = collections("msmarco-mini").parent
    study = read_study(PAPERS)
    made = prepare(study, study.profiles[profile], tmp_path, data)
    trained = read_topics(tmp_path / "train" / "topics.tsv")
    texts = {words_of(text) for text in trained.values()}
    ids = {
        qid.split(":")[-1] for qid in trained if qid.count("msmarco") or ":" not in qid
    }
    for test in study.tests.values():
        topics = read_topics(data / test.collection / test.topics)
        assert not texts & {words_of(text) for text in topics.values()}
        if test.collection == "msmarco-mini":
            assert not ids & topics.keys()
    # What there is to drop: two of MS MARCO's 6,000; of the others two and one.
    expected = {"small": (5998, 2), "full": (6000 + 11877 + 809 + 873 - 5, 5)}
    assert (made.queries, len(made.dropped)) == expected[profile]
