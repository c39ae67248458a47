"""Text triples become triples by id: of known texts, or of new ones."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.records import Passage, Triple
from tasb_pyserini.formats.text_triples import TextTriple
from tasb_pyserini.training.mining.lookup import look_up_ids
from tasb_pyserini.training.mining.new_collection import number_texts
from tasb_pyserini.training.mining.passages import PassageKeys

SOURCE = Path("triples.tsv")
TOPICS = {"7": "what is a dog", "8": "cats", "9": "cats"}
PASSAGES = [
    Passage("d1", "A title\nan animal that barks"),
    Passage("d2", "four wheels"),
    Passage("d3", "four  wheels"),
]


def test_texts_get_the_first_id_that_has_them_with_white_space_collapsed() -> None:
    triples = [
        TextTriple("what is  a dog", "A title an animal that barks", "four wheels"),
        TextTriple("cats", " four wheels", "A title an animal that barks"),
    ]
    assert list(look_up_ids(triples, SOURCE, TOPICS, PASSAGES)) == [
        Triple("7", "d1", "d2"),
        Triple("8", "d2", "d1"),
    ]


@pytest.mark.parametrize(
    ("triple", "message"),
    [
        (("dogs", "four wheels", "x"), "unknown query 'dogs'; expected a query of --t"),
        (("cats", "Four wheels", "x"), "unknown positive 'Four wheels'; expected a p"),
        (("cats", "four wheels", "x" * 70), f"unknown negative '{'x' * 60}…'; expec"),
    ],
)
def test_an_unknown_text_is_named_with_its_line(
    triple: tuple[str, str, str], message: str
) -> None:
    triples = [TextTriple("cats", "four wheels", "four wheels"), TextTriple(*triple)]
    found = look_up_ids(triples, SOURCE, TOPICS, PASSAGES)
    next(found)
    with pytest.raises(InputError) as caught:
        next(found)
    assert str(caught.value).startswith(f"triples.tsv:2: {message}")


def test_new_ids_are_numbers_by_first_appearance_and_each_text_stands_once() -> None:
    corpus, topics = io.StringIO(), io.StringIO()
    triples = [
        TextTriple("a q", "a p", "an n"),
        TextTriple("a q", "an n", "a\tthird ß"),
        TextTriple("b q", " a  p", "a third ß"),
    ]
    assert list(number_texts(triples, corpus, topics, PassageKeys())) == [
        Triple("q1", "p1", "p2"),
        Triple("q1", "p2", "p3"),
        Triple("q2", "p1", "p3"),
    ]
    assert topics.getvalue() == "q1\ta q\nq2\tb q\n"
    assert [json.loads(line) for line in corpus.getvalue().splitlines()] == [
        {"id": "p1", "contents": "a p"},
        {"id": "p2", "contents": "an n"},
        {"id": "p3", "contents": "a third ß"},
    ]


words = st.lists(st.sampled_from(["a", "b", "é"]), min_size=1, max_size=3)
texts = words.map(" ".join)


@given(triples=st.lists(st.builds(TextTriple, texts, texts, texts)))
def test_new_ids_lead_back_to_the_texts(triples: list[TextTriple]) -> None:
    corpus, topics, keys = io.StringIO(), io.StringIO(), PassageKeys()
    numbered = list(number_texts(triples, corpus, topics, keys))
    queries = dict(line.split("\t") for line in topics.getvalue().splitlines())
    records = [json.loads(line) for line in corpus.getvalue().splitlines()]
    passages = {record["id"]: record["contents"] for record in records}
    assert [
        TextTriple(queries[t.qid], passages[t.pos], passages[t.neg]) for t in numbered
    ] == triples
    assert len(set(passages.values())) == len(passages) == len(records)
    assert len(keys.find(list(passages))) == len(passages)
