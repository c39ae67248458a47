"""A collection of five passages, and specs that work on it."""

import hashlib
from pathlib import Path

from tasb_pyserini.regressions.schema import read_spec
from tasb_pyserini.regressions.spec import Spec

PASSAGES = {
    "d1": "the quick brown fox jumps over the lazy dog",
    "d2": "passage retrieval with dense vectors",
    "d3": "the capital of france is paris",
    "d4": "a dog is a kind of animal",
    "d5": "vectors of a query and a passage are compared",
}
QUERIES = {"1": "dog", "2": "capital of france", "3": "dense retrieval"}

# Query 1 finds d4 (shorter) before d1; each other query finds one passage first.
# d4 is not relevant to query 1, so RR is 1/2, 1, 1, and query 4 has no results: 0.
QRELS = "1 0 d1 2\n1 0 d4 0\n2 0 d3 1\n3 0 d2 1\n4 0 d5 1\n"
RUN = (
    "1 Q0 d4 1 2.0 t\n1 Q0 d1 2 1.0 t\n2 Q0 d3 1 1.0 t\n3 Q0 d2 1 2.0 t\n"
    "3 Q0 d5 2 1.0 t\n"
)
TOOL = (
    "import pathlib, sys\n"
    "source, target = map(pathlib.Path, sys.argv[1:])\n"
    "target.write_text(source.read_text())\n"
    "with open('calls', 'a') as calls:\n"
    "    calls.write(f'{target} ')\n"
)


def write_data(folder: Path) -> Path:
    """Write the collection, a run and a program that copies a file and says so."""
    tiny = folder / "tiny"
    tiny.mkdir(parents=True)
    lines = [
        f'{{"id": "{docid}", "contents": "{text}"}}\n'
        for docid, text in PASSAGES.items()
    ]
    (tiny / "corpus.jsonl").write_text("".join(lines))
    queries = "".join(f"{qid}\t{text}\n" for qid, text in QUERIES.items())
    (tiny / "topics.tsv").write_text(queries)
    (tiny / "qrels.txt").write_text(QRELS)
    (tiny / "given.txt").write_text(RUN)
    (tiny / "tool.py").write_text(TOOL)
    return folder


def inputs(data: Path, **places: str) -> str:
    """Return the YAML of inputs: file in the folder, with ``_`` for ``/``, → name."""
    return "inputs:\n" + "".join(
        f"  - file: {place}\n    from: tiny/{name}\n    sha256: "
        f"{hashlib.sha256((data / 'tiny' / name).read_bytes()).hexdigest()}\n"
        for name, place in places.items()
    )


COPYING = """\
stages:
  - name: second
    reads: [first.txt, tool.py]
    writes: run.txt
    command: python tool.py first.txt run.txt
  - name: first
    reads: [given.txt, tool.py]
    writes: first.txt
    command: python tool.py given.txt first.txt
    fast: python tool.py qrels.txt first.txt
"""

TARGETS = """\
targets:
  - name: all
    run: run.txt
    qrels: qrels.txt
    scores:
      RR@10: 0.6250
      R(rel=2)@100: 0.2500
    source: by hand
    tolerance: 0
    reason: four queries
"""


def copying_spec(data: Path, name: str = "copying", more: str = "") -> str:
    """Return a spec whose two stages, written in the wrong order, copy a run.

    RR is (1/2 + 1 + 1 + 0) / 4. At level 2 only query 1 has a relevant passage, which
    is found; the other three count 0.
    """
    files = {n: n for n in ("given.txt", "qrels.txt", "tool.py")}
    given = inputs(data, **files)
    return f"name: {name}\ntitle: Copies\n{more}{given}{COPYING}{TARGETS}"


BM25 = """\
tags: [offline]
stages:
  - name: index
    reads: [corpus]
    writes: lucene
    command: >-
      python -m pyserini.index.lucene --collection JsonCollection --input corpus
      --index lucene --generator DefaultLuceneDocumentGenerator --threads 1
  - name: search
    reads: [lucene, topics.tsv]
    writes: run.txt
    command: >-
      python -m pyserini.search.lucene --index lucene --topics topics.tsv
      --output run.txt --bm25 --k1 0.9 --b 0.4 --threads 1
"""


def bm25_spec(data: Path) -> str:
    """Return a spec that indexes and searches with stock Pyserini."""
    files = {"qrels.txt": "qrels.txt", "topics.tsv": "topics.tsv"}
    given = inputs(data, **files, **{"corpus.jsonl": "corpus/corpus.jsonl"})
    return f"name: tiny.bm25\ntitle: BM25 on five passages\n{given}{BM25}{TARGETS}"


AFTER = (
    "name: after\ntitle: After\nuses: [copying]\ntargets:\n  - name: all\n"
    "    run: ../copying/run.txt\n    qrels: ../copying/qrels.txt\n"
    "    scores:\n      P@1: 0.5\n    source: x\n    tolerance: 0\n    reason: y\n"
)
"""A spec that measures the run of `copying_spec` by P@1: 0, 1, 1 and 0."""


def write_spec(specs: Path, text: str, name: str = "copying") -> Spec:
    """Write a spec into a folder, and read it."""
    path = specs / f"{name}.yaml"
    path.write_text(text)
    return read_spec(path)


def flip(path: Path) -> None:
    """Change one bit of one byte in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
