"""Letting go of mapped pages changes nothing but memory."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.training.tokens import TokenTable, open_tokens


def big_table(folder: Path) -> TokenTable:
    """Open 1,000 texts of 1,000 tokens, 2 MB, from disk."""
    folder.mkdir()
    np.save(folder / "tokens.npy", np.arange(1_000_000).astype(np.uint16))
    np.save(folder / "offsets.npy", np.arange(0, 1_000_001, 1_000))
    (folder / "ids.txt").write_text("".join(f"{i}\n" for i in range(1_000)))
    counts = {"n_texts": 1_000, "n_tokens": 1_000_000}
    (folder / "tokens.json").write_text(json.dumps(counts))
    return open_tokens(folder)


def resident_kilobytes(file: Path) -> int:
    """Return how much of a mapped file is resident in this process."""
    maps = Path("/proc/self/smaps").read_text()
    entry = maps[maps.index(str(file.resolve())) :]
    found = re.search(r"^Rss:\s+(\d+) kB", entry, re.MULTILINE)
    assert found is not None
    return int(found[1])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_released_tokens_are_no_longer_resident_and_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "tokens"
    table = big_table(folder)
    before = table.tokens[::1000].copy()
    assert resident_kilobytes(folder / "tokens.npy") > 1_000
    table.release()
    assert resident_kilobytes(folder / "tokens.npy") < 100
    np.testing.assert_array_equal(table.tokens[::1000], before)


def test_a_table_in_memory_has_nothing_to_release() -> None:
    table = TokenTable(np.arange(3, dtype=np.uint16), np.array([0, 3]))
    table.release()
    assert table[0].tolist() == [0, 1, 2]
