"""A collection of three passages."""

import json
from collections.abc import Mapping
from pathlib import Path

PASSAGES = {
    "copy": "copy the tree of files\nall of it, with the folders below",
    "dense": "dense retrieval of passages\nby the dot product of two vectors",
    "cafe": "the cafe around the corner\nopens early and serves the best cake",
}


def write_collection(folder: Path, passages: Mapping[str, str] = PASSAGES) -> Path:
    """Write passages, two queries and their judgments."""
    folder.mkdir()
    lines = [json.dumps({"id": d, "contents": t}) + "\n" for d, t in passages.items()]
    (folder / "corpus.jsonl").write_text("".join(lines))
    (folder / "topics.tsv").write_text("1\tdot product\n2\tcopy files\n")
    (folder / "qrels.txt").write_text("1 0 dense 1\n2 0 copy 1\n")
    return folder
