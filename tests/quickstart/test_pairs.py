import os
import random
import subprocess
import sys

import pytest

from tasb_pyserini.formats.records import Passage, is_id
from tasb_pyserini.quickstart.collection import stdlib_passages
from tasb_pyserini.quickstart.pairs import (
    LONGEST_PASSAGE,
    LONGEST_SUMMARY,
    NAMES,
    QUESTIONS,
    as_question,
    passage_forms,
    training_pairs,
)
from tasb_pyserini.quickstart.questions import read_answers, read_questions

REST = "Links are kept as links unless the caller asks otherwise."
PASSAGES = [
    Passage("shutil.copytree", f"Recursively copy a directory tree.\n{REST}"),
    Passage("str.split", "Cut the string at each separator and return the parts."),
    Passage("bytes.split", "Cut the bytes at each separator and return the parts."),
]
PRINT = """
import hashlib
from tasb_pyserini.quickstart.collection import stdlib_passages
from tasb_pyserini.quickstart.pairs import training_pairs
pairs = training_pairs(stdlib_passages(), {"str.split"}, seed=3, qualified_names=True)
print(hashlib.sha256(repr(pairs).encode()).hexdigest())
"""


def checksum(hash_seed: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", PRINT],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_the_whole_and_the_rest_are_the_forms_of_a_passage() -> None:
    assert passage_forms(PASSAGES[0]) == [
        Passage("shutil.copytree", f"Recursively copy a directory tree. {REST}"),
        Passage("shutil.copytree#rest", REST),
    ]
    assert passage_forms(PASSAGES[1]) == [PASSAGES[1]]


def test_only_the_beginning_of_a_long_passage_is_kept() -> None:
    (form,) = passage_forms(Passage("a", " ".join(["word"] * 99)))
    assert form.contents == " ".join(["word"] * LONGEST_PASSAGE)


def test_each_query_goes_with_all_forms_of_its_passage() -> None:
    topics, qrels, forms = training_pairs(
        PASSAGES[:1], (), seed=0, qualified_names=True
    )
    assert len(topics) == QUESTIONS + NAMES
    assert all(is_id(qid) for qid in topics)
    assert {form.docid for form in forms} == {"shutil.copytree", "shutil.copytree#rest"}
    assert qrels == {
        qid: {"shutil.copytree": 1, "shutil.copytree#rest": 1} for qid in topics
    }


def test_what_shares_the_last_name_of_a_held_out_passage_is_held_out_too() -> None:
    topics, qrels, forms = training_pairs(
        PASSAGES, {"str.split"}, seed=0, qualified_names=True
    )
    left = {"shutil.copytree", "shutil.copytree#rest"}
    assert {form.docid for form in forms} == left
    assert {docid for grades in qrels.values() for docid in grades} == left
    assert {qid.partition("?")[0] for qid in topics} == {"shutil.copytree"}


def test_a_dot_in_a_docid_that_is_no_name_joins_nothing() -> None:
    passages = [Passage(f"report{n}.txt", f"Report of year {n}.") for n in range(3)]
    _, _, forms = training_pairs(
        passages, {"report1.txt"}, seed=0, qualified_names=False
    )
    assert [form.docid for form in forms] == ["report0.txt", "report2.txt"]


def test_docids_that_are_no_names_make_no_queries() -> None:
    passages = [Passage("4983", "Cells divide.\nNobody knows when they will.")]
    topics, _, _ = training_pairs(passages, (), seed=0, qualified_names=False)
    assert len(topics) == QUESTIONS
    assert not any("4983" in query for query in topics.values())


def test_queries_depend_on_the_seed() -> None:
    one, again = (
        training_pairs(PASSAGES, (), seed=1, qualified_names=True) for _ in range(2)
    )
    assert one == again
    assert one[0] != training_pairs(PASSAGES, (), seed=2, qualified_names=True)[0]


def test_two_processes_with_other_hash_seeds_make_the_same_pairs() -> None:
    assert checksum("1") == checksum("2")


@pytest.mark.parametrize(
    ("summary", "ending"),
    [
        ("Copies a tree.", "copy a tree"),
        ("Passes it on.", "passe it on"),  # near enough for a word piece
        ("Return the size of a file.", "the size of a file"),
        ("A queue of tasks.", "a queue of tasks"),
        ("Class for timing", "class for timing"),
        ("", ""),
    ],
)
def test_a_summary_becomes_a_question(summary: str, ending: str) -> None:
    questions = {as_question(summary, random.Random(seed)) for seed in range(40)}
    assert all(question.endswith(ending) for question in questions)
    assert len(questions) > 2


def test_words_are_left_out_of_questions_but_never_all() -> None:
    words = [f"w{number}" for number in range(40)]
    lengths = set()
    for seed in range(40):
        question = as_question(" ".join(words), random.Random(seed), dropped=0.5)
        kept = [word for word in question.split() if word in words]
        assert kept == sorted(kept, key=words.index)
        lengths.add(len(kept))
    assert max(lengths) <= LONGEST_SUMMARY
    short = as_question("Wait here now", random.Random(0), dropped=1)
    assert short.endswith("wait here now")


def test_nothing_of_the_evaluation_is_trained_on() -> None:
    answers = {docid for grades in read_answers().values() for docid in grades}
    passages = list(stdlib_passages())
    topics, qrels, forms = training_pairs(
        passages, answers, seed=0, qualified_names=True
    )
    last_names = {docid.rpartition(".")[2] for docid in answers}
    trained = {form.docid.removesuffix("#rest") for form in forms}
    assert len(trained) > 3000
    assert not {docid.rpartition(".")[2] for docid in trained} & last_names
    assert {docid for grades in qrels.values() for docid in grades} == {
        form.docid for form in forms
    }
    assert not set(topics.values()) & set(read_questions().values())
