"""From pre-training to the report with real stages, on two dozen passages."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

WORDS = ["red", "blue", "old", "new", "dog", "fox", "tree", "house", "river", "stone"]

STUDY = """\
name: tiny
title: Tiny
about: Two cells, two seeds.
limits: Three steps teach nothing.
measures: [nDCG@10, RR@10, R@100]
tests:
  - {name: test, title: Tiny, collection: tiny, topics: topics.tsv, qrels: qrels.txt}
values:
  run: "{folder}/run.{collection}.txt"
  more: ""
  small: --batch-size 4 --lr 1e-3 --passage-max-length 16 --device cpu
profiles:
  - name: small
    about: Three steps.
    trains: [tiny]
    pretrains: [tiny]
    tests: [test]
    seeds: [1, 2]
shared:
  - writes: start
    resumes: true
    command: >-
      tasb pretrain --corpus {pretrain_corpora} --output {out} --layers 1 --dimension 16
      --heads 2 --vocabulary 120 --steps 2 --contrastive ict --contrastive-steps 2
      --batch-size 4 --warmup-steps 1 --max-length 96 --seed 1 --device cpu
  - writes: triples.tsv
    command: >-
      tasb mine --run data/tiny/bm25.txt --topics train/topics.tsv
      --qrels train/qrels.txt --negatives 3 --output {out}
chains:
  train:
    - writes: "{folder}/model"
      resumes: true
      command: >-
        tasb train --recipe standalone --triples triples.tsv
        --collection train/corpus.jsonl --topics train/topics.tsv --init start
        --steps 3 {small} {more} --seed {seed} --output {out}
    - writes: "{folder}/vectors.{collection}"
      each: true
      temporary: true
      command: >-
        tasb encode --corpus data/{collection}/corpus.jsonl --embeddings {out}
        --encoder tasb:{folder}/model --device cpu
    - writes: "{folder}/index.{collection}"
      each: true
      temporary: true
      command: tasb index --input {folder}/vectors.{collection} --output {out}
    - writes: "{folder}/run.{collection}.txt"
      each: true
      temporary: true
      command: >-
        tasb search --index {folder}/index.{collection} --encoder tasb:{folder}/model
        --topics topics/{collection}.tsv --output {out} --json --device cpu
experiments:
  - name: table
    title: Pooling
    source: nobody
    columns: [Pooling]
    chains: [train]
    tests: [test]
    cells:
      - {name: cls, labels: [CLS]}
      - {name: mean, labels: [Mean], values: {more: --pooling mean}}
claims:
  - {text: Mean is better, source: nobody, compare: [table/mean > table/cls], test: test, measure: RR@10}
"""  # noqa: E501


def write_tiny(root: Path) -> None:
    """Write 24 passages of random words; a query is three words of one of them."""
    draw, tiny = random.Random(7), root / "tiny"
    tiny.mkdir(parents=True)
    passages = {
        f"d{n}": " ".join(
            f"{' '.join(draw.choices(WORDS, k=8)).capitalize()}." for _ in range(3)
        )
        for n in range(24)
    }
    lines = [json.dumps({"id": d, "contents": t}) + "\n" for d, t in passages.items()]
    (tiny / "corpus.jsonl").write_text("".join(lines))
    run = []
    for front, docids in (("train.", range(12)), ("", range(12, 18))):
        with (
            (tiny / f"{front}topics.tsv").open("w") as topics,
            (tiny / f"{front}qrels.txt").open("w") as qrels,
        ):
            for n in docids:
                topics.write(f"{n}\t{' '.join(passages[f'd{n}'].split()[1:4])}\n")
                qrels.write(f"{n} 0 d{n} 1\n")
                run += [f"{n} Q0 d{(n + k) % 24} {k} {9 - k} x\n" for k in range(1, 6)]
    (tiny / "bm25.txt").write_text("".join(run))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_pretraining_training_search_and_report(tmp_path: Path) -> None:
    write_tiny(tmp_path / "data")
    studies = tmp_path / "docs/studies"
    studies.mkdir(parents=True)
    (studies / "tiny.yaml").write_text(STUDY)
    tasb = [sys.executable, "-m", "tasb_pyserini", "study"]
    environment = {**os.environ, "TASB_DATA": str(tmp_path / "data")}

    def study(*words: str) -> str:
        done = subprocess.run(
            [*tasb, *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    assert "4 of 4 records" in study("run", "tiny", "--jobs", "2")
    path = studies / "results/small/table/mean/1.json"
    before = json.loads(path.read_bytes())
    # By chance one of the twelve has the words of a test query, and is left out.
    assert (before["training_queries"], before["dropped"]) == (11, 1)
    assert before["tests"]["test"]["queries"] == 6
    assert len(before["latency"]) == 1
    path.unlink()
    # From nothing, in another folder, one cell with one command.
    only = ("--only", "table/mean", "--seeds", "1", "--work", "elsewhere")
    study("run", "tiny", *only)
    assert json.loads(path.read_bytes())["tests"] == before["tests"]
    assert "4 records" in study("report", "tiny")
    assert "| Mean |" in (tmp_path / "docs/study.md").read_text()
