"""Passages have one key where they have one text, and every docid is known or not."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.training.mining import distinct
from tasb_pyserini.training.mining.passages import PassageKeys, UnknownPassage
from tests.formats.strategies import ids
from tests.training.mining.mined import passage_keys


@given(texts=st.dictionaries(ids, st.text("aA bß\n\t", max_size=6), min_size=1))
def test_keys_are_equal_where_the_collapsed_and_folded_texts_are(
    texts: dict[str, str],
) -> None:
    docids = list(texts)
    found = passage_keys(texts).find(docids).tolist()
    folded = [" ".join(texts[docid].split()).casefold() for docid in docids]
    for i in range(len(docids)):
        for j in range(len(docids)):
            assert (found[i] == found[j]) == (folded[i] == folded[j])


@given(known=st.lists(ids, min_size=1, unique=True), asked=st.lists(ids, min_size=1))
def test_the_first_unknown_docid_is_named(known: list[str], asked: list[str]) -> None:
    keys = passage_keys({docid: docid for docid in known})
    unknown = [docid for docid in asked if docid not in known]
    if not unknown:
        assert len(keys.find(asked)) == len(asked)
        return
    with pytest.raises(UnknownPassage) as caught:
        keys.find(asked)
    assert caught.value.docid == unknown[0]


def test_passages_may_be_added_after_a_look() -> None:
    keys = passage_keys({"a": "one"})
    first = keys.find(["a"])
    keys.add("b", "ONE")
    assert keys.find(["b", "a"]).tolist() == [*first, *first]
    assert keys.find([]).tolist() == []
    with pytest.raises(UnknownPassage):
        PassageKeys().find(["a"])


def test_a_docid_that_comes_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.tsv"
    path.write_text("a\tone\nb\ttwo\na\tthree\n")
    with pytest.raises(InputError) as caught:
        PassageKeys.read(path)
    assert str(caught.value).startswith(f"{path}:3: id a again, first at {path}:1")


@given(names=st.lists(st.sampled_from("abcdefghi"), max_size=30))
def test_ids_are_counted_once_over_many_merges(names: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distinct, "AT_ONCE", 4)
        counter = distinct.DistinctCounter()
        for name in names:
            counter.add(name)
        assert len(counter) == len(counter) == len(set(names))
