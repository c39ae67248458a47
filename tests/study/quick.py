"""A study of eight passages whose stages only fuse runs, which takes seconds."""

from pathlib import Path

from tasb_pyserini.study.record import Measured, Record
from tasb_pyserini.study.schema import read_study
from tasb_pyserini.study.spec import Study

DOCIDS = [f"d{n}" for n in range(8)]
TRAIN = {"1": "red fox", "2": "blue whale", "3": "old dog"}
TEST = {"8": "grey wolf", "9": "white shark"}
QRELS = {"8": "d0", "9": "d1"}

# Run "good" has the relevant passage first for both queries, "poor" second.
GOOD = {"8": ["d0", "d2", "d3"], "9": ["d1", "d2", "d3"]}
POOR = {"8": ["d2", "d0", "d3"], "9": ["d2", "d1", "d3"]}

STUDY = """\
name: quick
title: Runs fused
about: Two cells.
limits: Nothing is learned.
measures: [nDCG@10, RR@10]
tests:
  - {name: test, title: Tiny, collection: tiny, topics: topics.tsv, qrels: qrels.txt}
values:
  run: "{folder}/run.{collection}.txt"
profiles:
  - name: small
    about: All of it.
    trains: [tiny]
    pretrains: [tiny]
    tests: [test]
    seeds: [1, 2]
    not_run: {table/cut: too large here}
  - name: full
    about: More seeds.
    trains: [tiny]
    pretrains: [tiny]
    tests: [test]
    seeds: [1, 2, 3]
shared:
  - writes: shared.txt
    command: tasb fuse --runs data/tiny/poor.txt data/tiny/poor.txt --output {out}
chains:
  fuse:
    - writes: "{folder}/first.txt"
      temporary: true
      command: tasb fuse --runs shared.txt {source} --weights {seed} {weight} --method sum --output {out}
    - writes: "{folder}/run.{collection}.txt"
      each: true
      command: tasb fuse --runs {folder}/first.txt {folder}/first.txt --output {out} --json
experiments:
  - name: table
    title: A table
    source: A paper, Table 1
    columns: [Model]
    chains: [fuse]
    tests: [test]
    paper_tests: [test]
    paper_measures: [nDCG@10, RR@10]
    cells:
      - name: poor
        labels: [Poor]
        values: {source: data/tiny/poor.txt, weight: "1"}
        paper: [[.602, null]]
      - name: good
        labels: [Good]
        values: {source: data/tiny/good.txt, weight: "90"}
      - name: again
        labels: [Good again]
        same_as: table/good
      - name: cut
        labels: [Cut]
        values: {source: data/tiny/good.txt, weight: "9"}
      - name: never
        labels: [Never]
        not_run: nobody can
        paper: [[.5, .25]]
claims:
  - {text: Good is better, source: Table 1, compare: [table/good > table/poor], test: test, measure: RR@10}
  - {text: Never is better, source: Table 1, compare: [table/never > table/poor], test: test, measure: RR@10}
  - {text: Seeds vary little, source: Table 2, compare: [table/good steady], test: test, measure: RR@10, within: .01}
  - {text: No difference, source: Table 3, compare: [table/again = table/good], test: test, measure: RR@10, within: .01}
"""  # noqa: E501


def write_data(root: Path) -> Path:
    """Write the collection ``tiny``; return the folder of collections."""
    tiny = root / "tiny"
    tiny.mkdir(parents=True)
    lines = (f'{{"id": "{docid}", "contents": "text {docid}"}}\n' for docid in DOCIDS)
    (tiny / "corpus.jsonl").write_text("".join(lines))
    for name, topics in (("train.topics.tsv", TRAIN), ("topics.tsv", TEST)):
        rows = (f"{qid}\t{text}\n" for qid, text in topics.items())
        (tiny / name).write_text("".join(rows))
    (tiny / "train.qrels.txt").write_text("1 0 d4 1\n2 0 d5 1\n3 0 d6 1\n")
    (tiny / "qrels.txt").write_text("".join(f"{q} 0 {d} 1\n" for q, d in QRELS.items()))
    for name, run in (("good", GOOD), ("poor", POOR)):
        hits = (
            f"{qid} Q0 {docid} {rank} {9 - rank} x\n"
            for qid, docids in run.items()
            for rank, docid in enumerate(docids, start=1)
        )
        (tiny / f"{name}.txt").write_text("".join(hits))
    return root


def write_study(folder: Path, text: str = STUDY) -> Study:
    """Write the study into a folder and read it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "quick.yaml"
    path.write_text(text)
    return read_study(path)


def made_up_record(
    cell: str, seed: int, sha256: str, values: list[float], measure: str = "RR@10"
) -> Record:
    """Return a record whose measures have these values, a query each."""
    both = {name: values for name in ("nDCG@10", measure)}
    return Record(
        study="quick",
        profile="small",
        cell=cell,
        seed=seed,
        sha256=sha256,
        date="2026-01-01T00:00:00+00:00",
        seconds=2.0,
        stages={f"{cell}/{seed}": 2.0},
        inputs={},
        versions={"python": "3.11"},
        hardware={"cores": 2},
        training_queries=3,
        dropped=0,
        tests={
            "test": Measured(
                queries=len(values),
                qids_sha256="0",
                means={name: sum(of) / len(of) for name, of in both.items()},
                per_query=both,
                recall={},
            )
        },
        latency={},
        distractors={},
    )
