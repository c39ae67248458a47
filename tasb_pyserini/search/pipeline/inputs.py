"""All that a stage's run depends on, as JSON has it."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tasb_pyserini.encoders.names import parse_name
from tasb_pyserini.formats.checksum import json_sha256
from tasb_pyserini.formats.records import Topics
from tasb_pyserini.search.pipeline.hashes import Hashes
from tasb_pyserini.search.pipeline.stages import (
    Bm25,
    Dense,
    Fuse,
    Rerank,
    Stage,
    sources,
)


def inputs_of(
    stage: Stage,
    topics: Topics,
    runs: Mapping[str, Path],
    hashes: Hashes,
    device: str,
) -> dict[str, Any]:
    """Return settings of a stage, and hashes of all that it reads.

    Parameters
    ----------
    stage
        A stage.
    topics
        The queries.
    runs
        Name of a stage above → its run.
    hashes
        Computes them.
    device
        Kind of device; another one computes scores with other last digits.
    """
    inputs: dict[str, Any] = {
        "stage": type(stage).__name__.lower(),
        "name": stage.name,
        "topics": hash_topics(topics),
        "runs": [hashes.of(runs[name]) for name in sources(stage)],
    }
    match stage:
        case Bm25():
            inputs |= {"k1": stage.k1, "b": stage.b, "hits": stage.hits}
            inputs["index"] = _hash_index(stage.index, hashes)
        case Dense():
            inputs |= {"hits": stage.hits, "device": device}
            inputs["index"] = hashes.of(stage.index)
            inputs["encoder"] = hashes.of(stage.checkpoint)
            inputs["backend"] = parse_name(stage.encoder).backend
        case Fuse():
            inputs |= {"fusion": asdict(stage.fusion), "k": stage.k}
        case Rerank():
            inputs |= {"model": stage.model, "depth": stage.depth, "device": device}
            inputs["checkpoint"] = hashes.of(stage.checkpoint)
            inputs["texts"] = _hash_index(stage.source.place, hashes)
    as_read_again: dict[str, Any] = json.loads(json.dumps(inputs))
    return as_read_again


def hash_topics(topics: Topics) -> str:
    """Return ``sha256:…`` of all qids and queries in order."""
    return f"sha256:{json_sha256(list(topics.items()))}"


def _hash_index(index: Path | str, hashes: Hashes) -> str:
    """Return the hash of a folder or file; a prebuilt index is known by its name."""
    return hashes.of(index) if isinstance(index, Path) else index
