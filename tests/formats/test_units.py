"""The same bytes are the same words, whichever command prints them."""

import pytest

from tasb_pyserini.cli.arguments import memory_size
from tasb_pyserini.formats.units import size_in_words
from tasb_pyserini.indexing.kinds.auto import choose


def test_an_index_has_one_size() -> None:
    """8,841,823 · 768 · 4 bytes."""
    words = "27.2 GB"
    assert size_in_words(27_162_080_256) == words
    assert f"take {words}, of 30 GB" in choose(8_841_823, 768, 30 * 10**9).why


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("8G", 8 * 1024**3),
        ("8GB", 8 * 10**9),
        ("1.5k", 1536),
        ("1.5kB", 1500),
        ("700", 700),
        ("700B", 700),
    ],
)
def test_gb_are_powers_of_1000_and_g_of_1024(text: str, size: int) -> None:
    assert memory_size(text) == size
