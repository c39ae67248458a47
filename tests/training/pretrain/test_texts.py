import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.pretrain.sentences import split_lines
from tasb_pyserini.training.pretrain.texts import open_parts, write_parts
from tests.training.pretrain.corpora import tokenizer_of, write_corpora


@given(st.text(alphabet="ab. ?!\nC9é\t", max_size=60))
def test_sentences_leave_out_nothing_but_white_space(text: str) -> None:
    lines = split_lines(text)

    joined = "".join(part for line in lines for part in line)
    assert "".join(joined.split()) == "".join(text.split())
    assert all(part.strip() == part != "" for line in lines for part in line)


def test_what_windows_1252_leaves_behind_ends_no_line() -> None:
    assert split_lines("a title\r\nand so on\x85 or\u2028\x0cnot") == [
        ["a title"],
        ["and so on\x85 or\u2028\x0cnot"],
    ]


def test_parts_hold_all_tokens_of_a_passage_in_order_and_within_the_limit(
    tmp_path: Path,
) -> None:
    paths = write_corpora(tmp_path)
    tokenizer = tokenizer_of(paths)

    write_parts(tmp_path / "texts", paths, tokenizer, 20)
    texts = open_parts(tmp_path / "texts", 20)

    assert texts.lengths().max() <= 18
    found = [n for i in range(len(texts)) for n in texts[i].tolist()]
    tokenizer.no_truncation()
    expected = [
        n
        for path in paths
        for p in read_collection(path)
        for n in tokenizer.encode(p.contents, add_special_tokens=False).ids
    ]
    assert found == expected
    assert len(texts) > 40, "long passages are read in parts"


def test_titles_are_known_and_the_last_passage_of_each_collection_is_held_out(
    tmp_path: Path,
) -> None:
    paths = write_corpora(tmp_path)
    tokenizer = tokenizer_of(paths)

    write_parts(tmp_path / "texts", paths, tokenizer, 512)
    texts = open_parts(tmp_path / "texts", 512)

    assert texts.parts["title"].tolist() == [1] * 20 + [0] * 20
    held_out = [i for i, part in enumerate(texts.parts) if part["held_out"]]
    assert held_out == [19, 39]


def test_one_passage_in_a_hundred_is_held_out(tmp_path: Path) -> None:
    paths = write_corpora(tmp_path, n=300)[1:]

    write_parts(tmp_path / "texts", paths, tokenizer_of(paths), 512)

    parts = open_parts(tmp_path / "texts", 512).parts
    assert parts["held_out"].nonzero()[0].tolist() == [297, 298, 299]


def test_characters_that_the_vocabulary_lacks_are_read_all_the_same(
    tmp_path: Path,
) -> None:
    """The vocabulary of one collection, and another with bytes that it never saw."""
    tokenizer = tokenizer_of(write_corpora(tmp_path))
    rare = tmp_path / "rare.jsonl"
    contents = "Ice \u0001\u0002 \U0001f9ca 冰川. \u200b\u00ad\nThe glacier"
    lines = [{"id": "a", "contents": contents}, {"id": "b", "contents": "\u200b\u0007"}]
    rare.write_text("".join(json.dumps(line) + "\n" for line in lines))

    write_parts(tmp_path / "texts", [rare], tokenizer, 24)

    texts = open_parts(tmp_path / "texts", 24)
    assert len(texts) == 1, "nothing is left of the second"
    unknown = tokenizer.token_to_id("[UNK]")
    assert texts[0].tolist().count(unknown) == 3  # the ice cube, 冰 and 川


def test_an_empty_collection_is_named(tmp_path: Path) -> None:
    paths = write_corpora(tmp_path)
    empty = tmp_path / "empty.jsonl"
    empty.touch()

    with pytest.raises(TasbError, match=r"empty\.jsonl: no passages"):
        write_parts(tmp_path / "texts", [*paths, empty], tokenizer_of(paths), 24)
    assert not (tmp_path / "texts").exists()
