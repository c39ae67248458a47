"""Which queries are test queries: one answer, for validation, tuning and the study."""

from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.same_text import find_overlap, fold_query, refuse_overlap
from tasb_pyserini.formats.topics import read_topics
from tests.conftest import Collections

TOPICS = {"1": "first", "2": "missed", "3": "second place", "4": "no hits"}


@pytest.mark.parametrize(
    ("tests", "message"),
    [
        ({"dl19": {"2": "other"}}, "^t.tsv: query 2 is in dl19; expected no query"),
        (
            {"dl19": {"77": "Second \t PLACE "}},
            "query 3 has the text of 77 in dl19; .* leave such queries out",
        ),
        ({"dl19": {"77": "second-place?"}}, "query 3 has the text of 77 in dl19"),
        (
            {"dl19": {"7": "x"}, "dl20": {"3": "x", "8": "FIRST", "2": "y"}},
            "query 1 has the text of 8 in dl20, and 2 more overlap",
        ),
    ],
)
def test_a_test_query_is_refused_by_qid_and_by_text(
    tests: dict[str, dict[str, str]], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        refuse_overlap(find_overlap(TOPICS, tests), TOPICS, "t.tsv")


def test_the_line_of_a_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "topics.tsv"
    path.write_text("1\tred fox\n2\tGREY  wolf?\n")
    topics = read_topics(path)
    found = find_overlap(topics, {"test": {"8": "grey wolf"}})
    with pytest.raises(InputError, match=r"topics.tsv:2: query 2 has the text of 8"):
        refuse_overlap(found, topics, str(path))
    refuse_overlap(find_overlap(topics, {"test": {"8": "wolf"}}), topics, str(path))


def test_qids_count_only_where_they_mean_the_same() -> None:
    tests = {"own": {"1": "a"}, "other": {"2": "b"}}
    assert find_overlap(TOPICS, tests, ["own"]) == {"1": "query 1 is in own"}
    assert find_overlap(TOPICS, tests) == {
        "1": "query 1 is in own",
        "2": "query 2 is in other",
    }


@pytest.mark.parametrize(
    ("one", "other"), [("की", "का"), ("???", "!!!"), ("a b", "ab")]
)
def test_other_queries_stay_others(one: str, other: str) -> None:
    assert fold_query(one) != fold_query(other)


def test_queries_of_msmarco_that_differ_by_a_question_mark_are_found(
    collections: Collections,
) -> None:
    folder = collections("msmarco-mini")
    heldout = read_topics(folder / "heldout.topics.tsv")
    train = read_topics(folder / "train.topics.tsv")
    assert train["262280"] == "how long is a dogs heat cycle?"
    assert heldout["1097995"] == "how long is a dogs heat cycle"
    assert find_overlap(train, {"heldout": heldout}) == {
        "262280": "query 262280 has the text of 1097995 in heldout"
    }
