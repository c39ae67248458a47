"""A small collection, expanded."""

import json
from pathlib import Path

import numpy as np

from tasb_pyserini.encoders.cross.encoder import CrossEncoder
from tasb_pyserini.indexing.expansion.draw import Sampling
from tasb_pyserini.indexing.expansion.expand import ExpandReport, expand_collection
from tasb_pyserini.indexing.expansion.generator import QueryGenerator
from tests.indexing.expansion.generators import WORDS

SAMPLING = Sampling(queries=3, max_length=6)


def write_collection(path: Path, passages: int) -> Path:
    rng = np.random.default_rng(2)
    with path.open("w") as file:
        for number in range(passages):
            text = " ".join(rng.choice(WORDS, rng.integers(1, 9)))
            file.write(json.dumps({"id": f"d{number}", "contents": text}) + "\n")
    return path


def expand(
    collection: Path,
    output: Path,
    generator: QueryGenerator,
    sampling: Sampling = SAMPLING,
    *,
    teacher: CrossEncoder | None = None,
    keep: float = 0.3,
) -> ExpandReport:
    return expand_collection(
        collection,
        output,
        generator,
        sampling,
        teacher=teacher,
        keep=keep,
        shard_size=10,
        progress=False,
    )
