"""Runs and qrels as measures like them least."""

import random
from pathlib import Path

from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.topics import read_topics

SCORES = ["0", "1", "1.0", "1.00000001", "-3.5", "2.5e0", "1e30", "0.1", "0.3"]
"""Many are equal, some in single precision alone."""


def write_random(folder: Path, seed: int) -> tuple[Path, Path]:
    """Write qrels and a run: lines in any order, ranks that say nothing, ids in UTF-8.

    About a third of the queries have no judgments, and a third no results; one has both
    but in vain, and one shares something for sure.
    """
    rng = random.Random(seed)
    letters = ["", "q", "é"]
    qids = [f"{rng.choice(letters)}{n}" for n in range(rng.choice([1, 4, 16, 40]))]
    deep = seed % 10 == 0
    number = rng.choice([1500, 30]) if deep else rng.choice([3, 30, 60])
    docids = [f"{rng.choice(['d', 'D', 'é', '😀', '0'])}{n}" for n in range(number)]
    judgments, hits = [], []
    for at, qid in enumerate(qids):
        if at == 0 or rng.random() < 0.7:
            judged = rng.sample(docids, rng.randint(1, min(number, 20)))
            grades = [0, *rng.choices([-1, 0, 1, 2, 3], k=len(judged) - 1)]
            judgments += [
                f"{qid} 0 {docid} {grade}\n"
                for docid, grade in zip(judged, grades, strict=True)
            ]
        if at == 0 or rng.random() < 0.7:
            hits += [
                f"{qid} Q0 {docid} {rng.randint(0, 9)} {random_score(rng)} tag\n"
                for docid in rng.sample(docids, rng.randint(1, number))
            ]
    rng.shuffle(judgments)
    rng.shuffle(hits)
    qrels, run = folder / f"qrels.{seed}.txt", folder / f"run.{seed}.txt"
    qrels.write_text("".join(judgments), encoding="utf-8")
    run.write_text("".join(hits), encoding="utf-8")
    return qrels, run


def write_dl20_run(folder: Path, data: Path) -> Path:
    """Write a run of all 200 topics of DL20; two judged ones have no results."""
    rng = random.Random(20)
    qrels = read_qrels(data / "qrels.dl20-passage.txt")
    missing = list(qrels)[:2]
    path = folder / "run.dl20.txt"
    with path.open("w", encoding="utf-8") as file:
        for qid in read_topics(data / "topics.dl20.txt"):
            if qid in missing:
                continue
            grades = qrels.get(qid, {})
            others = [f"u{n}" for n in range(300)]
            docids = [*rng.sample(list(grades), len(grades) // 2), *others]
            for docid in docids:
                # Whole numbers, so that many hits tie.
                score = int(rng.gauss(grades.get(docid, 0), 1) * 4)
                file.write(f"{qid} Q0 {docid} 1 {score} dl20\n")
    return path


def random_score(rng: random.Random) -> str:
    return rng.choice(SCORES) if rng.random() < 0.5 else f"{rng.random() * 3}"
