"""A collection, an encoder, and what one plain run makes of them."""

import json
from pathlib import Path

import numpy as np

from tasb_pyserini.indexing.encode import encode_collection
from tasb_pyserini.indexing.engines.worker import EncoderSource

WORDS = ["the", "of", "copy", "tree", "dense", "retrieval", "query", "word", "cafe"]


def write_collection(path: Path, passages: int) -> Path:
    """Write passages of 1 to 11 words, all different."""
    rng = np.random.default_rng(7)
    with path.open("w") as file:
        for number in range(passages):
            words = rng.choice(WORDS, size=rng.integers(1, 12))
            text = f"{' '.join(words)} {number}"
            file.write(json.dumps({"id": f"d{number}", "contents": text}) + "\n")
    return path


def encode_plainly(
    collection: Path, output: Path, source: EncoderSource, shard_size: int
) -> dict[str, bytes]:
    """Encode in this process; return what `shard_bytes` does."""
    encode_collection(
        collection, output, source.load(), shard_size=shard_size, progress=False
    )
    return shard_bytes(output)


def shard_bytes(folder: Path) -> dict[str, bytes]:
    """Return all of a folder but its lock."""
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.name[0] != "."
    }
