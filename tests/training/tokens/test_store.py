import gzip
import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.encoders.tokenizer import tokenize, wordpiece_tokenizer
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.training.tokens import (
    TokenTable,
    open_tokens,
    tokenize_collection,
    tokenize_topics,
)
from tests.training.tokens.tables import SPEC, passages
from tests.training.wordpieces import PIECES, TOKENIZER

LINES = ["d1\tthe copy of the tree", "d2\tdense", "d3\tQuery 京東!"]


def write(folder: Path, lines: list[str] = LINES, name: str = "c.tsv") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def key(table: TokenTable) -> str:
    assert table.folder is not None
    return table.folder.name


def rows(table: TokenTable) -> list[list[int]]:
    return [table[i].tolist() for i in range(len(table))]


def test_the_second_call_tokenises_nothing(tmp_path: Path) -> None:
    path, cache = write(tmp_path), tmp_path / "cache"
    folder = cache / key(passages(path, cache))
    # Another token id on disk: who tokenises again gets rid of it.
    tokens = np.load(folder / "tokens.npy")
    tokens[1] = 77
    np.save(folder / "tokens.npy", tokens)
    assert passages(path, cache)[0][1] == 77


def test_names_and_the_tokenizers_state_do_not_matter(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = key(passages(write(tmp_path), cache))
    TOKENIZER.enable_truncation(3)
    assert first.startswith("passages-")
    assert len(first) == len("passages-") + 16
    assert key(passages(write(tmp_path / "b", name="other.tsv"), cache)) == first


def test_all_that_changes_tokens_changes_the_key(tmp_path: Path) -> None:
    path, cache = write(tmp_path), tmp_path / "cache"
    one_byte = write(tmp_path / "b", [LINES[0], LINES[1], "d3\tQuery 京東?"])
    cased = wordpiece_tokenizer(PIECES, lowercase=False)
    keys = [
        key(passages(path, cache)),
        key(passages(path, cache, replace(SPEC, passage_max_length=7))),
        key(passages(path, cache, replace(SPEC, passage_prefix="the"))),
        key(passages(one_byte, cache)),
        key(tokenize_collection(path, cased, SPEC, cache, progress=False)),
        key(tokenize_topics(path, TOKENIZER, SPEC, cache, progress=False)),
    ]
    assert len(set(keys)) == 6
    assert keys[-1].startswith("queries-")


def test_what_concerns_queries_alone_leaves_passages_alone(tmp_path: Path) -> None:
    path, cache = write(tmp_path), tmp_path / "cache"
    other = replace(SPEC, query_max_length=9, query_prefix="the", checkpoint="d")
    assert key(passages(path, cache)) == key(passages(path, cache, other))


TEXTS = st.lists(st.text("the of京.!1-é ", min_size=1), min_size=1, max_size=8)


@given(TEXTS, st.integers(3, 9), st.sampled_from(["", "the"]))
def test_every_row_is_the_tokens_of_its_text_in_every_form(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    length: int,
    prefix: str,
) -> None:
    texts = [text for text in texts if text.strip()] or ["the"]
    folder = tmp_path_factory.mktemp("forms")
    json_lines = [
        json.dumps({"id": f"d{i}", "contents": text}) for i, text in enumerate(texts)
    ]
    tsv = write(folder, [f"d{i}\t{text}" for i, text in enumerate(texts)])
    jsonl = write(folder, json_lines, "c.jsonl")
    packed = folder / "c.jsonl.gz"
    packed.write_bytes(gzip.compress(jsonl.read_bytes()))
    split = folder / "split"
    write(split, json_lines[:1], "a.jsonl")
    write(split, json_lines[1:], "b.jsonl")

    spec = replace(SPEC, passage_max_length=length, passage_prefix=prefix)
    start = f"{prefix} " if prefix else ""
    expected = [tokenize(TOKENIZER, [start + text], length)[0] for text in texts]
    for path in (tsv, jsonl, packed, split):
        table = passages(path, folder / "cache", spec)
        assert rows(table) == expected
        assert table.ids is not None
        assert list(table.ids) == [f"d{i}" for i in range(len(texts))]


def test_queries_are_cut_and_prefixed_as_queries(tmp_path: Path) -> None:
    path = write(tmp_path, ["q1\tthe copy of the tree", "q2\ttree"], "topics.tsv")
    spec = replace(SPEC, query_prefix="query")
    table = tokenize_topics(path, TOKENIZER, spec, tmp_path / "cache", progress=False)
    pieces = [["[CLS]", "query", "the", "copy", "[SEP]"]]
    pieces += [["[CLS]", "query", "tree", "[SEP]"]]
    assert rows(table) == [[PIECES[piece] for piece in row] for row in pieces]


@pytest.mark.parametrize("name", ["tokens.npy", "offsets.npy", "ids.txt"])
def test_a_folder_that_is_not_whole_is_made_again(tmp_path: Path, name: str) -> None:
    path, cache = write(tmp_path), tmp_path / "cache"
    table = passages(path, cache)
    expected = rows(table)
    file = cache / key(table) / name
    file.write_bytes(file.read_bytes()[:-3])
    assert rows(passages(path, cache)) == expected
    assert rows(open_tokens(cache / key(table))) == expected


def test_two_equal_ids_are_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    path, cache = write(tmp_path, [*LINES, "d2\tagain"]), tmp_path / "cache"
    message = r"c\.tsv:4: id d2 again, first at .*c\.tsv:2"
    with pytest.raises(InputError, match=message):
        passages(path, cache)
    assert [file.suffix for file in cache.iterdir()] == [".lock"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["d1 the"], r"c\.tsv:1: 1 column; expected two"),
        (["d1\tthe", "d2\t "], r"c\.tsv:2: empty passage d2"),
        ([], r"c\.tsv: no passages; expected at least one"),
    ],
)
def test_a_bad_collection_is_refused(
    tmp_path: Path, lines: list[str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        passages(write(tmp_path, lines), tmp_path / "cache")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TasbError, match=r"topics\.tsv: no such file"):
        tokenize_topics(tmp_path / "topics.tsv", TOKENIZER, SPEC, tmp_path)


BUILD = """
import sys
from pathlib import Path
from tasb_pyserini.training.tokens import build
from tests.training.tokens.tables import passages
build.TEXTS_AT_ONCE = 100
table = passages(Path(sys.argv[1]), Path(sys.argv[2]))
print(table.fingerprint())
"""


def start_build(path: Path, cache: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", BUILD, str(path), str(cache)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_killed_build_leaves_nothing_that_passes_for_whole(tmp_path: Path) -> None:
    lines = [f"d{i}\tthe copy of the tree {i}" for i in range(400_000)]
    path, cache = write(tmp_path, lines), tmp_path / "cache"
    process = start_build(path, cache)
    while not list(cache.glob(".passages-*/ids.txt")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not [name for name in cache.iterdir() if open_or_none(name)]

    write(tmp_path, lines[:10])  # another key: the leftovers are in nobody's way
    assert len(passages(path, cache)) == 10


def open_or_none(folder: Path) -> TokenTable | None:
    try:
        return open_tokens(folder)
    except (TasbError, NotADirectoryError):
        return None


def test_the_next_build_clears_away_what_a_killed_one_left(tmp_path: Path) -> None:
    path, cache = write(tmp_path), tmp_path / "cache"
    name = key(passages(path, tmp_path / "elsewhere"))
    (cache / f".{name}.abcd1234.unfinished").mkdir(parents=True)
    passages(path, cache)
    assert sorted(file.name for file in cache.iterdir()) == [name, f"{name}.lock"]


def test_processes_that_ask_at_once_get_the_same_table(tmp_path: Path) -> None:
    lines = [f"d{i}\tthe copy of the tree {i}" for i in range(20_000)]
    path, cache = write(tmp_path, lines), tmp_path / "cache"
    processes = [start_build(path, cache) for _ in range(2)]
    prints = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert prints[0] == prints[1] == f"{passages(path, cache).fingerprint()}\n"
    assert len(list(cache.glob("passages-*.lock"))) == 1
