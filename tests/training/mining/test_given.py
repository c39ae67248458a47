"""Triples that somebody made lose their false negatives, and nothing else."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.records import Triple
from tasb_pyserini.training.mining import given as given_triples
from tasb_pyserini.training.mining.given import clean_triples
from tasb_pyserini.training.mining.passages import PassageKeys
from tasb_pyserini.training.mining.report import MiningReport
from tests.training.mining.mined import passage_keys

SOURCE = Path("given.tsv")
LATE = [
    Triple("1", "a", "b"),
    Triple("1", "a", "c"),
    Triple("2", "c", "b"),
    Triple("1", "b", "d"),
]
"""On the last line b turns out to be a positive of query 1."""


def test_a_negative_that_is_a_positive_on_a_later_line_is_left_out() -> None:
    report = MiningReport()
    assert list(clean_triples(LATE, SOURCE, report=report)) == [
        Triple("1", "a", "c"),
        Triple("2", "c", "b"),
        Triple("1", "b", "d"),
    ]
    assert report == MiningReport(
        queries=2,
        triples=3,
        distinct_positives=3,
        distinct_negatives=3,
        judged_relevant=1,
    )


def test_a_negative_with_the_text_of_a_positive_of_the_query_is_left_out() -> None:
    report = MiningReport()
    keys = passage_keys({"a": "x y", "b": "z", "c": "v", "d": "X  y"})
    triples = [*LATE, Triple("3", "d", "a")]
    assert list(clean_triples(triples, SOURCE, keys=keys, report=report)) == [
        Triple("1", "a", "c"),
        Triple("2", "c", "b"),
    ]
    assert (report.judged_relevant, report.same_text) == (1, 2)
    assert (report.queries, report.without_negative) == (3, 1)
    assert report.first_dropped == {"without_negative": "3"}


names = st.sampled_from("abcdef")
lists = st.lists(st.builds(Triple, st.sampled_from("123"), names, names), max_size=30)


@given(triples=lists, texts=st.lists(st.integers(1, 3), min_size=6, max_size=6))
def test_what_is_left_is_what_a_comparison_of_all_pairs_leaves(
    triples: list[Triple], texts: list[int]
) -> None:
    text = dict(zip("abcdef", texts, strict=True))
    expected = [
        triple
        for triple in triples
        if not any(
            text[other.pos] == text[triple.neg]
            for other in triples
            if other.qid == triple.qid
        )
    ]
    keys = passage_keys({name: str(number) for name, number in text.items()})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(given_triples, "TRIPLES_AT_ONCE", 7)
        check_left(triples, expected, keys)


def check_left(
    triples: list[Triple], expected: list[Triple], keys: PassageKeys
) -> None:
    report = MiningReport()
    if expected:
        left = list(clean_triples(triples, SOURCE, keys=keys, report=report))
        assert left == expected
        assert report.triples + report.judged_relevant + (report.same_text or 0) == len(
            triples
        )
        kept = {triple.qid for triple in expected}
        assert report.queries - report.without_negative == len(kept)
    else:
        with pytest.raises(TasbError, match="no triples from"):
            list(clean_triples(triples, SOURCE, keys=keys))


def test_unknown_ids_are_named_with_their_line() -> None:
    triples = [Triple("1", "a", "b"), Triple("2", "a", "nowhere")]
    with pytest.raises(InputError) as caught:
        list(clean_triples(triples, SOURCE, topics={"1": "text"}))
    assert str(caught.value) == (
        "given.tsv:2: unknown qid '2'; expected one of the topics"
    )
    with pytest.raises(InputError) as caught:
        list(clean_triples(triples, SOURCE, keys=passage_keys({"a": "x", "b": "y"})))
    assert str(caught.value) == (
        "given.tsv:2: unknown docid 'nowhere'; expected one of the collection"
    )
    with pytest.raises(InputError, match=r"given\.tsv:1: unknown docid 'a'"):
        list(clean_triples(triples, SOURCE, keys=passage_keys({"b": "y"})))


def test_a_line_is_named_beyond_the_first_block(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(given_triples, "TRIPLES_AT_ONCE", 2)
    triples = [Triple("1", "a", "b")] * 6 + [Triple("1", "c", "b")]
    with pytest.raises(InputError, match=r"given\.tsv:7: unknown docid 'c'"):
        list(clean_triples(triples, SOURCE, keys=passage_keys({"a": "x", "b": "y"})))


def test_the_temporary_file_has_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    triples = clean_triples(LATE, SOURCE)
    next(triples)
    assert list(tmp_path.iterdir()) == []
