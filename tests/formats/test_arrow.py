"""Strings and numbers go to Arrow and back; keys order strings as their bytes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.arrow import (
    from_letters,
    from_numbers,
    from_strings,
    sort_keys,
    to_numbers,
)

WORDS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=12)


@given(words=WORDS, begin=st.integers(0, 12))
def test_keys_order_a_slice_of_strings_as_their_bytes(
    words: list[str], begin: int
) -> None:
    strings = from_strings(words)
    assert strings.to_pylist() == words
    some = words[begin:]
    order = np.lexsort(sort_keys(strings[begin:])).tolist()
    assert [some[place] for place in order] == sorted(some, key=str.encode)


def test_numbers_and_letters_come_back() -> None:
    numbers = from_numbers(np.array([1.5, 2.5, -3.5]))
    assert to_numbers(numbers[1:]).tolist() == [2.5, -3.5]
    assert to_numbers(numbers[:0]).tolist() == []
    letters = np.frombuffer(b"abcdef", np.uint8).reshape(3, 2)
    assert from_letters(letters[:, 1:]).to_pylist() == ["b", "d", "f"]


def test_fusing_files_imports_nothing_heavy(tmp_path: Path) -> None:
    run = tmp_path / "run.txt"
    run.write_text("1 Q0 b 1 2 x\n2 Q0 a 1 2 x\n1 Q0 a 2 2 x\n")
    words = ["fuse", "--runs", str(run), str(run), "--output", str(tmp_path / "out")]
    code = (
        "import sys; from tasb_pyserini.cli.main import main; "
        f"assert main({words!r}) == 0; "
        "heavy = {'pandas', 'torch', 'transformers', 'pyserini', 'faiss'}; "
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
