"""Fusion beside Pyserini's: hits in memory, and two run files into one.

Makes random runs of MS MARCO's size: 6,980 queries with 1,000 sparse and 1,000 dense
hits out of 8.8 million passages, about half of them the same. In memory,
``fuse_hits`` and ``HybridSearcher._hybrid_results`` by turns on the same queries, each
with hits in the form it takes; from files, ``tasb fuse`` and ``python -m
pyserini.fusion`` by turns, start-up included. Medians of ratios; before a time counts,
the results are compared.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from results_file import at_least, flat_rows, write_results
from scratch import made_folder

from tasb_pyserini.formats.records import Run
from tasb_pyserini.formats.runs import read_run, write_run
from tasb_pyserini.search.fusion.fuse import fuse_hits
from tasb_pyserini.search.fusion.rule import Fusion

HERE = Path(__file__).parent
PASSAGES, HITS, SHARED = 8_841_823, 1000, 500
ALPHA = 0.1
METHODS = ("interpolation", "rrf", "normalize")
PROMISED = 5


def make_runs(queries: int, seed: int) -> tuple[Run, Run]:
    """Return a sparse and a dense run with scores to 6 decimals."""
    rng = np.random.default_rng(seed)
    sparse: Run = {}
    dense: Run = {}
    for qid in map(str, range(1_000_000, 1_000_000 + queries)):
        docids = rng.choice(PASSAGES, 2 * HITS - SHARED, replace=False).tolist()
        sides = (docids[:HITS], 5, 25), (docids[-HITS:], 90, 110)
        for run, (some, low, high) in zip((sparse, dense), sides, strict=True):
            scores = np.sort(rng.uniform(low, high, HITS).round(6))[::-1].tolist()
            names = [f"{docid}" for docid in rng.permutation(some)]
            run[qid] = dict(zip(names, scores, strict=True))
    return sparse, dense


def in_memory(sparse: Run, dense: Run, rounds: int) -> dict[str, float]:
    """Fuse all queries by turns; return medians."""
    from pyserini.search.faiss import DenseSearchResult
    from pyserini.search.hybrid import HybridSearcher

    fusion = Fusion(method="interpolation", alpha=ALPHA)
    pairs = [(sparse[qid], dense[qid]) for qid in sparse]
    theirs_of = [
        [[DenseSearchResult(*hit) for hit in hits.items()] for hits in pair]
        for pair in pairs
    ]
    ratios, seconds = [], []
    for _ in range(rounds):
        begin = time.perf_counter()
        theirs = [
            HybridSearcher._hybrid_results(right, left, ALPHA, HITS)
            for left, right in theirs_of
        ]
        between = time.perf_counter()
        ours = [fuse_hits(pair, fusion, HITS) for pair in pairs]
        end = time.perf_counter()
        for hits, results in zip(ours, theirs, strict=True):
            scores = [result.score for result in results]
            assert np.allclose(list(hits.values()), scores, rtol=1e-6)
        ratios.append((between - begin) / (end - between))
        seconds.append((between - begin, end - between))
    theirs_s, ours_s = (statistics.median(side) for side in zip(*seconds, strict=True))
    return {
        "faster": statistics.median(ratios),
        "ms_a_query": 1000 * ours_s / len(pairs),
        "pyserini_ms_a_query": 1000 * theirs_s / len(pairs),
    }


def from_files(folder: Path, method: str, rounds: int) -> dict[str, float]:
    """Fuse two files by turns; return medians."""
    ratios, seconds = [], []
    for _ in range(rounds):
        theirs = timed_command("pyserini.fusion", [], folder, method)
        ours = timed_command("tasb_pyserini", ["fuse"], folder, method)
        ratios.append(theirs / ours)
        seconds.append((theirs, ours))
    compare(read_run(folder / "tasb_pyserini"), read_run(folder / "pyserini.fusion"))
    theirs_s, ours_s = (statistics.median(side) for side in zip(*seconds, strict=True))
    return {
        "faster": statistics.median(ratios),
        "seconds": ours_s,
        "pyserini_seconds": theirs_s,
    }


def timed_command(module: str, words: list[str], folder: Path, method: str) -> float:
    """Return the seconds that fusing takes, start-up included."""
    runs = ["--runs", f"{folder / 'sparse.txt'}", f"{folder / 'dense.txt'}"]
    output = ["--method", method, "--output", f"{folder / module}"]
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", module, *words, *runs, *output],
        env={**os.environ, "PYTHONPATH": str(HERE.parent)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - begin


def compare(ours: Run, theirs: Run) -> None:
    """Stop where scores or documents differ; of equals, either may be cut off."""
    assert list(ours) == list(theirs)
    for qid, hits in ours.items():
        left, right = (np.array(list(run[qid].values())) for run in (ours, theirs))
        assert np.allclose(left, right, rtol=1e-6, atol=1e-6)
        above = {docid for docid, score in hits.items() if score > left[-1] + 2e-5}
        assert above <= set(theirs[qid])


def measure(
    queries: int, rounds: int, scratch: Path | None
) -> dict[str, dict[str, float]]:
    """Return all figures."""
    sparse, dense = make_runs(queries, seed=1)
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        write_run(folder / "sparse.txt", sparse, "sparse")
        write_run(folder / "dense.txt", dense, "dense")
        files = {method: from_files(folder, method, rounds) for method in METHODS}
    return {"memory": in_memory(sparse, dense, rounds), **files}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=500, help="6980: MS MARCO's dev")
    parser.add_argument("--rounds", type=int, default=5, help="medians of so many")
    parser.add_argument(
        "--scratch", type=made_folder, help="where 2 GB of runs may be put"
    )
    parser.add_argument("--json", type=Path, help="results/fusion.json else")
    args = parser.parse_args()
    figures = measure(args.queries, args.rounds, args.scratch)
    for name, row in figures.items():
        shown = "  ".join(f"{key} {value:.2f}" for key, value in row.items())
        print(f"{name:<16}{shown}  (promised: at least {PROMISED} times)")
    write_results(
        "fusion",
        flat_rows(figures),
        [at_least(name, PROMISED, row["faster"]) for name, row in figures.items()],
        settings={"queries": args.queries, "hits": HITS, "rounds": args.rounds},
        libraries=["pyserini", "numpy", "pandas"],
        path=args.json,
    )


if __name__ == "__main__":
    main()
