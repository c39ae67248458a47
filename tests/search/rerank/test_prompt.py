from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.rerank.prompt import DUO, MONO, Prompt
from tests.search.rerank.models import make_t5

WORDS = ((1, 2), (3, 4), (5, 6), (7, 0))
LENGTHS = st.integers(1, 60)


@given(st.integers(20, 100), LENGTHS, LENGTHS, LENGTHS)
def test_inputs_keep_their_words_and_fill_their_length(
    max_length: int, query: int, first: int, second: int
) -> None:
    prompt = Prompt(WORDS, max_length)
    texts = [np.full(n, 10 + i) for i, n in enumerate((query, first, second))]
    ids = prompt.join(*texts).tolist()
    total = 8 + query + first + second
    # Of an odd room each passage gets the smaller half.
    lengths = [total] if total <= max_length else [max_length - 1, max_length]
    assert len(ids) in lengths
    kept = [ids.count(10 + i) for i in range(3)]
    assert [i for i in ids if i < 10] == [1, 2, 3, 4, 5, 6, 7, 0]
    middles = [[10 + i] * n for i, n in enumerate(kept)]
    words = [[1, 2], [3, 4], [5, 6], [7, 0]]
    assert ids == [*words[0], *middles[0], *words[1], *middles[1], *words[2],
                   *middles[2], *words[3]]  # fmt: skip
    assert kept[0] >= min(query, (max_length - 8) // 2)
    room = max_length - 8 - kept[0]
    for mine, other, has in ((1, 2, first), (2, 1, second)):
        fair = min(has, room // 2)
        assert kept[mine] >= fair
        if kept[mine] < has:
            assert kept[mine] >= kept[other] - 1


def test_swapped_passages_are_cut_alike() -> None:
    prompt = Prompt(WORDS, 30)
    query, first, second = np.full(5, 10), np.arange(20, 40), np.arange(40, 49)
    one = set(prompt.join(query, first, second).tolist())
    assert one == set(prompt.join(query, second, first).tolist())


def test_long_queries_leave_each_passage_64_tokens_of_512() -> None:
    query, passage = np.full(600, 10), np.full(600, 11)
    mono = Prompt(((1,), (2,), (3,)), 512).join(query, passage)
    duo = Prompt(((1,), (2,), (3,), (4,)), 512).join(query, passage, passage)
    assert (mono == 11).sum() == 64
    assert (duo == 11).sum() == 128
    assert len(mono) == len(duo) == 512


def test_the_words_are_those_of_the_papers(tmp_path: Path) -> None:
    folder = make_t5(tmp_path / "t5")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    for words, text in (
        (MONO, "Query: a Document: b Relevant:"),
        (DUO, "Query: a Document0: b Document1: c Relevant:"),
    ):
        prompt = Prompt.of(tokenizer, words, 1, 40)
        texts = [
            np.array(tokenizer.encode(text, add_special_tokens=False).ids)
            for text in "abc"[: len(words) - 1]
        ]
        # The tokenizer itself puts the end of sequence, 1, behind the whole.
        assert prompt.join(*texts).tolist() == tokenizer.encode(text).ids


def test_tokenizers_that_cut_across_words_are_refused() -> None:
    vocabulary = {"[UNK]": 0, "Query:": 1, "y": 2, ":": 3, " ": 4}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "isolated")
    with pytest.raises(TasbError, match="cuts words in other places"):
        Prompt.of(tokenizer, MONO, 0, 40)


def test_too_little_room_is_refused(tmp_path: Path) -> None:
    folder = make_t5(tmp_path / "t5")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    with pytest.raises(TasbError, match="at most 8 tokens leave 1 beside 'Query: D"):
        Prompt.of(tokenizer, MONO, 1, 8)
