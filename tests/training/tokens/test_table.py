import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.encoders.tokenizer import tokenize, wordpiece_tokenizer
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.training.tokens import (
    TokenTable,
    open_tokens,
    tokenize_collection,
    tokenize_table,
)
from tests.training.wordpieces import PIECES, TOKENIZER

SPEC = EncoderSpec(checkpoint="c", passage_max_length=6)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    collection = tmp_path / "c.tsv"
    collection.write_text("d1\tthe copy of the tree\nd2\tdense retriever\nd3\t1-9\n")
    table = tokenize_collection(
        collection, TOKENIZER, SPEC, tmp_path / "cache", progress=False
    )
    assert table.folder is not None
    return table.folder


def wordpiece_ids(pieces: str) -> list[int]:
    return [PIECES[piece] for piece in pieces.split()]


def test_the_ids_are_those_worked_out_by_hand(folder: Path) -> None:
    table = open_tokens(folder)
    assert [row.tolist() for row in map(table.__getitem__, range(len(table)))] == [
        wordpiece_ids("[CLS] the copy of the [SEP]"),
        wordpiece_ids("[CLS] dense retriev ##er [SEP]"),
        wordpiece_ids("[CLS] 1 - 9 [SEP]"),
    ]
    assert table.ids is not None
    assert list(table.ids) == ["d1", "d2", "d3"]


def test_a_small_vocabulary_takes_two_bytes_a_token_and_a_large_one_four() -> None:
    large = PIECES | {f"word{i}": i for i in range(len(PIECES), 70_000)}
    small_table = tokenize_table(TOKENIZER, ["the tree"], "", 9)
    large_table = tokenize_table(wordpiece_tokenizer(large), ["the word69999"], "", 9)
    assert small_table.tokens.dtype == np.uint16
    assert large_table.tokens.dtype == np.int32
    assert large_table[0].tolist() == [2, PIECES["the"], 69_999, 3]


def test_a_table_on_disk_pickles_as_its_folder_and_opens_mapped(folder: Path) -> None:
    table = open_tokens(folder)
    pickled = pickle.dumps(table)
    again: TokenTable = pickle.loads(pickled)
    assert len(pickled) < 300
    assert isinstance(again.tokens.base, np.memmap)
    assert again.tokens.tolist() == table.tokens.tolist()
    assert again.ids is not None
    assert list(again.ids) == ["d1", "d2", "d3"]


def test_a_table_in_memory_pickles_whole() -> None:
    table = tokenize_table(TOKENIZER, ["the tree", "copy"], "", 9)
    again: TokenTable = pickle.loads(pickle.dumps(table))
    assert again.fingerprint() == table.fingerprint()
    assert again[1].tolist() == table[1].tolist()


def test_the_fingerprint_is_of_the_token_ids_alone(folder: Path) -> None:
    texts = ["the copy of the tree", "dense retriever", "1-9"]
    held = tokenize_table(TOKENIZER, texts, "", 6)
    wide = TokenTable(held.tokens.astype(np.int32), held.offsets)
    other = tokenize_table(TOKENIZER, [*texts[:2], "1-1"], "", 6)
    assert held.fingerprint() == open_tokens(folder).fingerprint()
    assert held.fingerprint() == wide.fingerprint() != other.fingerprint()


@given(st.lists(st.text(max_size=30), max_size=20), st.integers(3, 12))
def test_every_row_is_what_the_tokenizer_gives_for_its_text(
    texts: list[str], max_length: int
) -> None:
    table = tokenize_table(TOKENIZER, iter(texts), "the", max_length)
    rows = [table[i].tolist() for i in range(len(table))]
    alone = [tokenize(TOKENIZER, [f"the {text}"], max_length)[0] for text in texts]
    assert rows == alone


@pytest.mark.parametrize("name", ["tokens.npy", "offsets.npy", "ids.txt"])
def test_a_file_cut_short_is_refused(folder: Path, name: str) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(InputError, match="cut short; expected"):
        open_tokens(folder)


def test_ids_cut_at_a_line_end_are_refused(folder: Path) -> None:
    (folder / "ids.txt").write_text("d1\nd2\n")
    message = "2 ids, 3 texts, 16 tokens; expected 3 ids and texts, 16 tokens; delete"
    with pytest.raises(InputError, match=message):
        open_tokens(folder)


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_bad_description_is_refused(folder: Path, content: str) -> None:
    (folder / "tokens.json").write_text(content)
    with pytest.raises(
        InputError, match=r"tokens\.json:.* not .*; expected a description"
    ):
        open_tokens(folder)


def test_an_array_of_objects_is_not_unpickled(folder: Path) -> None:
    np.save(folder / "tokens.npy", np.array([{}], dtype=object))
    with pytest.raises(InputError, match=r"tokens\.npy"):
        open_tokens(folder)


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TasbError, match="no such file; expected a description of t"):
        open_tokens(tmp_path)


def test_the_description_counts_texts_and_tokens(folder: Path) -> None:
    known = json.loads((folder / "tokens.json").read_text())
    assert (known["n_texts"], known["n_tokens"], known["max_length"]) == (3, 16, 6)
