"""Passages cover their document, and carry its id, number and title."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.search.passages.sentences import split_sentences
from tasb_pyserini.search.passages.split import (
    Splitting,
    split_collection,
    split_document,
)
from tasb_pyserini.search.passages.windows import windows


def create_segments(sentences: list[str], max_length: int, stride: int) -> list[str]:
    """Cut as Anserini's segmented MS MARCO documents were."""
    segments = []
    place = 0
    while place < len(sentences):
        segments.append(" ".join(sentences[place : place + max_length]))
        if place + max_length >= len(sentences):
            return segments
        place += stride
    return segments


@given(
    st.lists(st.sampled_from("abcdef"), max_size=30),
    st.integers(1, 10),
    st.integers(1, 10),
)
def test_windows_are_those_of_anserinis_segments(
    items: list[str], size: int, stride: int
) -> None:
    assert list(windows(items, size, stride)) == create_segments(items, size, stride)


@given(st.text(st.sampled_from(["a", "B", " ", ".", "!", "?", '"', ")", "\n", "。"])))
def test_sentences_lose_nothing_but_white_space(text: str) -> None:
    sentences = split_sentences(text)
    assert "".join("".join(sentences).split()) == "".join(text.split())
    assert all(sentence and sentence == sentence.strip() for sentence in sentences)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Pi is 3.14 or so. Yes", ["Pi is 3.14 or so.", "Yes"]),
        (
            "J. R. R. Tolkien met Mr. Lewis. So",
            ["J. R. R. Tolkien met Mr. Lewis.", "So"],
        ),
        (
            'He said "Go." Then (why?) he went.',
            ['He said "Go."', "Then (why?)", "he went."],
        ),
        ("京都。東京。終", ["京都。", "東京。", "終"]),
        ("no end", ["no end"]),
        (" \n ", []),
    ],
)
def test_sentences_end_where_readers_see_them_end(
    text: str, expected: list[str]
) -> None:
    assert split_sentences(text) == expected


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text", ["A" * 300_000 + " x. y", "." * 300_000, "U.S. " * 60_000, "a. " * 100_000]
)
def test_long_runs_of_letters_and_stops_take_no_longer_than_their_length(
    text: str,
) -> None:
    assert "".join(split_sentences(text)).replace(" ", "") == text.replace(" ", "")


def test_sentences_by_10_and_5_behind_url_and_title() -> None:
    body = " ".join(f"Sentence {n}." for n in range(17))
    passages = list(split_document(f"URL\nTitle\n{body}", Splitting(title_lines=2)))
    assert [passage.split("\n")[:2] for passage in passages] == [["URL", "Title"]] * 3
    begins = [passage.split("\n")[2].split(".")[0] for passage in passages]
    assert begins == ["Sentence 0", "Sentence 5", "Sentence 10"]
    assert passages[2].endswith("Sentence 16.")


def test_words_and_the_first_passage_alone() -> None:
    text = "a b\nc d e"
    assert list(split_document(text, Splitting(unit="words", window=3, stride=3))) == [
        "a b c",
        "d e",
    ]
    first = Splitting(unit="words", window=3, stride=3, first_only=True)
    assert list(split_document(text, first)) == ["a b c"]


def test_a_document_of_a_title_alone_is_one_passage() -> None:
    assert list(split_document("Title", Splitting(title_lines=1))) == ["Title"]
    assert list(split_document("Title", Splitting(title_lines=2))) == ["Title"]


def test_a_collection_of_passages_is_written(tmp_path: Path) -> None:
    source, output = tmp_path / "docs.tsv", tmp_path / "passages.jsonl"
    source.write_text("D1\tOne. Two. Three.\nD2\tFour.\n")
    how = Splitting(window=2, stride=1)
    assert split_collection(source, output, how, progress=False) == (2, 3)
    assert [json.loads(line) for line in output.open()] == [
        {"id": "D1#0", "contents": "One. Two."},
        {"id": "D1#1", "contents": "Two. Three."},
        {"id": "D2#0", "contents": "Four."},
    ]


def test_a_delimiter_in_an_id_is_refused(tmp_path: Path) -> None:
    source, output = tmp_path / "docs.tsv", tmp_path / "passages.jsonl"
    source.write_text("D1\tOne.\nD#2\tTwo.\n")
    with pytest.raises(
        InputError, match=r"docs\.tsv:2: id D#2 has '#' in it; expected"
    ):
        split_collection(source, output, Splitting(), progress=False)
    assert not output.exists()
    counts = split_collection(
        source, output, Splitting(), delimiter="@", progress=False
    )
    assert counts == (2, 2)
