"""What is written shard by shard is, byte for byte, what Faiss itself writes."""

import io
from pathlib import Path
from typing import Any

import pytest

from tasb_pyserini.indexing.kinds.catalogue import KINDS
from tasb_pyserini.indexing.kinds.codes_file import write_codes, write_refined
from tasb_pyserini.indexing.kinds.parameters import Parameters
from tests.indexing.vectors import uneven_vectors

faiss = pytest.importorskip("faiss")

VECTORS = uneven_vectors(70, 12)
SHARDS = [VECTORS[:32], VECTORS[32:33], VECTORS[33:]]


def trained(kind: str) -> Any:
    """Return an empty index of a kind."""
    index = KINDS[kind].make(12, 70, Parameters())
    index.train(VECTORS)
    return index


@pytest.mark.parametrize("kind", ["flat", "fp16", "int8"])
def test_codes_are_written_as_faiss_writes_them(kind: str, tmp_path: Path) -> None:
    index, file = trained(kind), io.BytesIO()
    write_codes(file, index, 70, SHARDS)
    index.add(VECTORS)
    faiss.write_index(index, str(tmp_path / "index"))
    assert file.getvalue() == (tmp_path / "index").read_bytes()


@pytest.mark.parametrize("behind", ["fp16", "flat"])
def test_refined_indexes_are_written_as_faiss_writes_them(
    behind: str, tmp_path: Path
) -> None:
    base, codes, file = trained("int8"), trained(behind), io.BytesIO()
    base.add(VECTORS)
    write_refined(file, base, codes, 3.0, 70, SHARDS)
    codes.add(VECTORS)
    whole = faiss.IndexRefine(base, codes)
    whole.k_factor = 3
    faiss.write_index(whole, str(tmp_path / "index"))
    assert file.getvalue() == (tmp_path / "index").read_bytes()
