"""Kinds of indexes: size, time to build, latency, and what they find, beside flat.

On real vectors of 'tasb encode' and on as many as asked for, real ones and mixes of
them (`enlarged.py`). Every kind is searched by turns with Pyserini's ``FaissSearcher``
on its flat fp32 index: query by query, and 300 queries at once; 1,000 hits each,
medians. recall@1000 is the share of the flat index' hits; nDCG@10 counts mixes as not
relevant, for all kinds alike.
"""

import argparse
import os
import statistics
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from enlarged import Vectors, enlarge
from figures import seconds
from results_file import Promise, Value, at_least, at_most, write_results
from scratch import made_folder
from work import DATA, make_faiss

from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.evaluation.measures import Measure, evaluate
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.indexing.faiss_index import build_index
from tasb_pyserini.indexing.kinds.catalogue import KINDS
from tasb_pyserini.indexing.shards import (
    Manifest,
    open_vectors,
    read_shards,
    read_spec,
    write_shard,
)
from tasb_pyserini.search.dense import dense_run
from tasb_pyserini.search.faiss_index import FaissIndex, faiss_threads

HERE = Path(__file__).parent
HITS, BATCH, SHARD = 1000, 300, 50_000
SLOW_TO_BUILD = 100_000
"""Passages above which HNSW is left out unless asked for: it takes many minutes."""


def write_vectors(
    folder: Path, spec: EncoderSpec, docids: list[str], v: Vectors
) -> None:
    """Write vectors as 'tasb encode' does."""
    manifest = Manifest(
        passages=len(v),
        fingerprint="enlarged",
        shard_size=SHARD,
        passage_max_length=spec.passage_max_length,
        backend="torch",
    )
    open_vectors(folder, manifest, spec)
    for number in range(manifest.shards):
        here = slice(number * SHARD, (number + 1) * SHARD)
        write_shard(folder, number, docids[here], v[here])


def by_turns(theirs: Any, ours: FaissIndex, queries: Vectors, args: Any) -> list[float]:
    """Return median ms a query: theirs and ours alone, theirs and ours in a batch.

    Both end with docids and scores, not with positions.
    """
    times: list[list[float]] = [[], [], [], []]
    qids = [str(n) for n in range(BATCH)]
    many = np.resize(queries, (BATCH, queries.shape[1]))

    def turn(some: Vectors, to: list[list[float]]) -> None:
        names = qids[: len(some)]
        stock = partial(theirs.batch_search, some, names, HITS, args.threads)
        own = partial(dense_run, ours, names, some, HITS, args.threads)
        for call, taken in zip((stock, own), to, strict=True):
            taken.append(seconds(call) / len(some))

    for row in range(min(args.queries, len(queries))):
        turn(queries[row : row + 1], times[:2])
    for _ in range(args.rounds):
        turn(many, times[2:])
    return [1000 * statistics.median(values) for values in times]


def measure(
    work: Path, vectors: Vectors, docids: list[str], queries: Vectors, args: Any
) -> list[dict[str, Value]]:
    """Build and search every kind over some vectors."""
    from pyserini.search.faiss import FaissSearcher

    topics, qrels = read_topics(args.topics), read_qrels(args.qrels)
    ndcg = Measure.parse("nDCG@10")
    write_vectors(work / "E", read_spec(args.vectors), docids, vectors)
    rows: list[dict[str, Value]] = []
    best: Any = None
    theirs: Any = None
    for kind in args.kinds:
        if kind == "hnsw" and len(vectors) > SLOW_TO_BUILD and not args.hnsw:
            continue
        with faiss_threads(args.threads):
            built = seconds(partial(build_index, work / "E", work / kind, kind))
        ours = FaissIndex(work / kind)
        found = ours.search(queries, HITS)[1]
        if best is None:
            best, theirs = found, FaissSearcher(str(work / kind), None)
        run = dense_run(ours, list(topics), queries, HITS)
        [values] = evaluate(run, qrels, [ndcg]).values()
        quality = statistics.fmean(values.values())
        stock, own, stock_batch, own_batch = by_turns(theirs, ours, queries, args)
        row: dict[str, Value] = {
            "passages": len(vectors),
            "kind": kind,
            "MB": round((work / kind / "index").stat().st_size / 1e6, 1),
            "build s": round(built, 1),
            "pyserini flat ms": round(stock, 3),
            "ms": round(own, 3),
            "faster": round(stock / own, 2),
            "pyserini flat batch ms": round(stock_batch, 3),
            "batch ms": round(own_batch, 3),
            "batch faster": round(stock_batch / own_batch, 2),
            "recall@1000": round(recall(found, best), 5),
            "nDCG@10": round(quality, 5),
        }
        rows.append(row)
        print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)
        if kind != args.kinds[0]:
            (work / kind / "index").unlink()
    return rows


def recall(found: Any, best: Any) -> float:
    """Return the share of the best that was found."""
    pairs = zip(found, best, strict=True)
    return float(np.mean([len(np.intersect1d(*pair)) / len(pair[1]) for pair in pairs]))


def promises(rows: list[dict[str, Any]]) -> list[Promise]:
    """Compare the rows of the larger collection with what is promised."""
    of = {row["kind"]: row for row in rows}
    fp16, flat = of["fp16"], of["flat"]
    approximate = [
        row
        for row in rows
        if row["kind"] not in ("flat", "fp16") and row["recall@1000"] >= 0.99
    ]
    fastest = max(approximate, key=lambda row: row["faster"], default=None)
    why = "" if fastest else "no kind has recall@1000 of .99"
    change = None if fastest is None else abs(fastest["nDCG@10"] - flat["nDCG@10"])
    name = fastest["kind"] if fastest else "approximate"
    return [
        at_least("fp16 beside Pyserini's flat fp32, one query", 2.5, fp16["faster"]),
        at_least("fp16: recall@1000", 0.999, fp16["recall@1000"], ""),
        at_least(
            f"{name} beside it, recall@1000 at least .99",
            10,
            None if fastest is None else fastest["faster"],
            why=why,
        ),
        at_most(f"{name}: change of nDCG@10", 0.002, change, why=why),
    ]


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw recall@1000 against latency."""
    import matplotlib.pyplot as plt

    from tasb_pyserini.evaluation.figures.style import house_style, line_style, log_x

    with house_style():
        figure, axes = plt.subplots(figsize=(6, 4))
        for number, row in enumerate(rows):
            style = line_style(number) | {"linestyle": ""}
            axes.plot(row["ms"], row["recall@1000"], label=row["kind"], **style)
        times = [row["ms"] for row in rows]
        log_x(axes, min(times), max(times))
        axes.set_xlabel("ms a query")
        axes.set_ylabel(f"recall@1000, {rows[0]['passages']:,} passages")
        axes.legend()
        figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=Path, help="of 'tasb encode'; else SciFact's")
    parser.add_argument("--encoder", help="that made them: tasb:FOLDER")
    parser.add_argument("--topics", type=Path, default=DATA / "topics.tsv")
    parser.add_argument("--qrels", type=Path, default=DATA / "qrels.txt")
    parser.add_argument(
        "--passages", type=int, default=500_000, help="in all, with mixes"
    )
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--hnsw", action="store_true", help="also on many passages")
    parser.add_argument("--queries", type=int, default=50, help="timed one by one")
    parser.add_argument("--rounds", type=int, default=3, help="batches timed")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--scratch", type=made_folder, help="folder for vectors and indexes"
    )
    parser.add_argument("--json", type=Path, default=HERE / "results/index_kinds.json")
    args = parser.parse_args()
    args.kinds = ["flat", "fp16", *(k for k in args.kinds if k not in ("flat", "fp16"))]
    from tasb_pyserini.search.hybrid import result_class

    result_class()  # starts Java as Pyserini wants it
    made = tempfile.TemporaryDirectory(dir=args.scratch)
    if args.vectors is None:
        work = make_faiss(Path(made.name))
        args.vectors, args.encoder = work.vectors, work.encoder
    shards = list(read_shards(args.vectors))
    real = np.concatenate([np.asarray(v, np.float32) for _, v in shards])
    docids = [docid for ids, _ in shards for docid in ids]
    encoder = Encoder.load(args.encoder, device="cpu")
    queries = encoder.encode_queries(list(read_topics(args.topics).values()))
    rows: list[dict[str, Value]] = []
    for passages in dict.fromkeys([len(real), max(args.passages, len(real))]):
        names = docids + [f"mix{n}" for n in range(passages - len(real))]
        with tempfile.TemporaryDirectory(dir=args.scratch) as work:
            vectors = enlarge(real, passages)
            rows += measure(Path(work), vectors, names, queries, args)
    largest = [row for row in rows if row["passages"] == rows[-1]["passages"]]
    kept = promises(largest)
    for promise in kept:
        print(f"{promise['what']}: {promise['measured']} ({promise['promised']})")
    settings = {
        "hits": HITS,
        "batch": BATCH,
        "queries": args.queries,
        "rounds": args.rounds,
        "threads": args.threads,
    }
    libraries = ["faiss-cpu", "pyserini", "numpy"]
    write_results(
        "index_kinds",
        rows,
        kept,
        settings=settings,
        libraries=libraries,
        figures=[f"../benchmarks/results/{args.json.stem}.svg"],
        path=args.json,
    )
    draw(largest, args.json.with_suffix(".svg"))


if __name__ == "__main__":
    main()
