from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.quickstart.identifiers import name_words, word_counts

COUNTS = Counter({"copy": 9, "tree": 9, "get": 9, "host": 9, "by": 9, "name": 9})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("copytree", ["copy", "tree"]),
        ("gethostbyname", ["get", "host", "by", "name"]),
        ("get_name", ["get", "name"]),
        ("CopyTree", ["copy", "tree"]),
        ("HTTPName", ["http", "name"]),
        ("copy2", ["copy", "2"]),
        ("copyzq", ["copyzq"]),
        ("_", []),
    ],
)
def test_names_are_taken_apart(name: str, words: list[str]) -> None:
    assert name_words(name, COUNTS) == words


def test_likelier_words_win() -> None:
    counts = Counter({"error": 50, "err": 5, "or": 5})
    assert name_words("error", counts) == ["error"]


@given(st.from_regex(r"[A-Za-z_0-9]{0,20}", fullmatch=True))
def test_no_letter_is_lost(name: str) -> None:
    assert "".join(name_words(name, COUNTS)) == name.replace("_", "").lower()


def test_rare_and_very_short_words_are_not_known() -> None:
    texts = ["The tree is of xy copytree"] * 5 + ["rare"] * 4
    assert set(word_counts(texts)) == {"the", "tree", "is", "of", "copytree"}
