"""Hashes that records and names of folders hold; an earlier version computed them."""

from pathlib import Path

import pytest

from tasb_pyserini.encoders.checkpoint import hash_weights
from tasb_pyserini.formats.checksum import (
    file_sha256,
    json_sha256,
    path_sha256,
    text_sha256,
)
from tasb_pyserini.search.pipeline.hashes import Hashes
from tasb_pyserini.search.pipeline.inputs import hash_topics

ONE = "2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806"
FILES = {
    "a.txt": "one\n",
    "sub/b.txt": "two\n",
    ".hidden": "h",
    "write.lock": "",
    ".dir/c": "three",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode())
    return tmp_path / "folder"


def test_a_file_keeps_its_hash(folder: Path) -> None:
    assert file_sha256(folder / "a.txt") == ONE
    assert path_sha256(folder / "a.txt") == ONE


def test_a_folder_keeps_its_hash(folder: Path) -> None:
    known = "9e55ff8a32abc52339c229e91af2841ac57e4b576eceffa5ec671880f4e9de45"
    assert path_sha256(folder) == known


def test_a_folder_of_a_pipeline_keeps_its_hash(folder: Path, tmp_path: Path) -> None:
    known = "037fdea0eaddcd4641a1862c168f17fe9ab8ac8e323a98a78b3003b7ac715b0e"
    assert Hashes(tmp_path / "memory").of(folder) == f"sha256:{known}"


def test_a_text_keeps_its_hash() -> None:
    known = "03d280ed090273882fa71c26cbc062e82899a89878452e102bb2e8d37c7800fe"
    assert text_sha256("q1\nü") == known


def test_a_value_keeps_its_hash_in_either_order_of_keys() -> None:
    value = {"stage": "bm25", "k1": 0.9, "inputs": ["ü", None, True]}
    known = "46deba0b5c4a4c1ad8a6dfa29395968041cd17f616c448f664b978a52bf63f06"
    by_key = "9c7fea9168ee089c28d4e9f9bfb030575cdef16f48b5c66d751394f8efb3ef68"
    assert (json_sha256(value), json_sha256(value, sort_keys=True)) == (known, by_key)


def test_the_topics_of_a_pipeline_keep_their_hash() -> None:
    known = "c6ccd5d0f7d55fc0b700e8c1d498decc8f88b7fcf583d08f8f359b3c54c3a08c"
    assert hash_topics({"q1": "what is ü?", "q2": "b"}) == f"sha256:{known}"


def test_the_weights_of_several_files_keep_their_hash(tmp_path: Path) -> None:
    first, second = (f"model-0000{n}-of-00002.safetensors" for n in (1, 2))
    (tmp_path / first).write_bytes(b"one")
    (tmp_path / second).write_bytes(b"two")
    (tmp_path / "model.safetensors.index.json").write_text(
        f'{{"weight_map": {{"a": "{first}", "b": "{second}"}}}}'
    )
    known = "97a5dc8669207af76d9ee9975a97e469e3496a4f4933e8184f071a2bdf1c5bbd"
    assert hash_weights(tmp_path) == f"sha256:{known}"
