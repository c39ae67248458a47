"""How long a query takes beside stock Pyserini: its vector, and its 1,000 passages.

The paper's Table 1, for one query, ten and two thousand at a time. Pyserini encodes
queries one by one (``AutoQueryEncoder``); our backends take turns with it, each in a
process of its own. Promised for a 6-layer encoder of 768 dimensions on two CPU cores:
one query exact (cosine ≥ .99999) at least 3 times as fast, in int8 8 times; 300 queries
at once 4.5 and 12 times. Passages for the search are made up: their number alone
counts; what fp16 finds is measured by `index_kinds.py`.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from results_file import Promise, at_least, print_promises, write_results

DATA = Path(__file__).parents[2] / "shared" / "data" / "msmarco-mini"
BATCHES = (1, 10, 300, 2_000)
OURS = ("torch", "onnx", "openvino", "bf16", "int8")
STOCK = "Pyserini"
INT8_WEIGHTS = (
    "its weights are read for each query, from the processor's cache where others on "
    "the machine leave them there, else from memory"
)
HITS = 1_000

Vectors = NDArray[np.float32]


def load(system: str, model: str) -> Callable[[list[str]], Vectors]:
    """Return what encodes a batch of queries."""
    if system == STOCK:
        from tasb_pyserini.bindings.startup import install_finder

        install_finder()  # for the JVM, which Pyserini starts even here
        from pyserini.encode import AutoQueryEncoder

        os.environ.pop("MKL_CBWR", None)  # ours; MKL reads it when first used
        stock = AutoQueryEncoder(model, pooling="cls")
        return lambda queries: np.stack([stock.encode(query) for query in queries])
    from tasb_pyserini.encoders.encoder import Encoder
    from tasb_pyserini.encoders.tokenizer import tokenize

    encoder = Encoder.load(f"tasb:{system}:{model}")
    limit = encoder.spec.query_max_length
    # Not `encode_queries`, which remembers the last queries.
    return lambda queries: encoder.encode_ids(
        tokenize(encoder.tokenizer, queries, limit)
    )


def serve(system: str, model: str, pipe: Connection) -> None:
    """Time batches as they come, in a process of its own."""
    encode = load(system, model)
    while (work := pipe.recv()) is not None:
        batches, keep = work
        seconds, vectors = [], []
        for batch in batches:
            begin = time.perf_counter()
            found = encode(batch)
            seconds.append(time.perf_counter() - begin)
            vectors.append(found)
        pipe.send((seconds, np.concatenate(vectors) if keep else None))


@contextmanager
def processes(systems: Sequence[str], model: str) -> Iterator[dict[str, Connection]]:
    """Yield a pipe to each system's process."""
    context, pipes = get_context("spawn"), {}
    for system in systems:
        mine, other = context.Pipe()
        context.Process(target=serve, args=(system, model, other), daemon=True).start()
        pipes[system] = mine
    try:
        yield pipes
    finally:
        for pipe in pipes.values():
            pipe.send(None)


def time_encoding(
    model: str, queries: list[str], rounds: int
) -> tuple[dict[tuple[str, int], list[float]], dict[str, Vectors]]:
    """Return the seconds of each call by system and batch, and vectors by system."""
    seconds: dict[tuple[str, int], list[float]] = {}
    vectors = {}
    with processes((STOCK, *OURS), model) as pipes:
        for system, pipe in pipes.items():  # and all lengths seen once
            pipe.send(([[query] for query in queries[:300]], True))
            vectors[system] = pipe.recv()[1]
        for _ in range(rounds):
            for batch in BATCHES:
                calls = {1: 100, 10: 20}.get(batch, 1)
                for system, pipe in pipes.items():
                    if system == STOCK and batch > 300:
                        continue  # one by one, whatever the batch
                    drawn = [
                        take(queries, call * batch, batch) for call in range(calls)
                    ]
                    pipe.send((drawn, False))
                    seconds.setdefault((system, batch), []).extend(pipe.recv()[0])
    return seconds, vectors


def take(queries: list[str], start: int, count: int) -> list[str]:
    """Return queries from a place on, round and round."""
    return [queries[(start + n) % len(queries)] for n in range(count)]


def time_search(
    count: int, dimension: int, rounds: int
) -> dict[tuple[str, int], list[float]]:
    """Return the seconds of a search by kind of index and batch."""
    from made_up import made_up_index, write_index

    from tasb_pyserini.search.faiss_index import FaissIndex

    rng = np.random.default_rng(2)
    with tempfile.TemporaryDirectory() as folder:
        write_index(made_up_index(count, dimension, "fp16"), Path(folder))
        kinds: dict[str, Any] = {
            "flat fp32, as Pyserini's": made_up_index(count, dimension, "fp32"),
            "fp16, as tasb search has it": FaissIndex(Path(folder)),
        }
        seconds: dict[tuple[str, int], list[float]] = {}
        for batch, calls in ((1, 10), (10, 3), (300, 1), (2_000, 1)):
            for _ in range(rounds):
                for _call in range(calls):
                    queries = rng.standard_normal((batch, dimension), dtype=np.float32)
                    for kind, index in kinds.items():
                        begin = time.perf_counter()
                        index.search(queries, HITS)
                        taken = time.perf_counter() - begin
                        seconds.setdefault((kind, batch), []).append(taken)
    return seconds


def percentile(seconds: list[float], share: float) -> float:
    """Return milliseconds that a share of the calls did not exceed."""
    return round(1000 * float(np.percentile(seconds, share)), 2)


def encoding_rows(seconds: dict[tuple[str, int], list[float]]) -> list[dict[str, Any]]:
    """Return the table of encoding."""
    rows = []
    for (system, batch), calls in seconds.items():
        median = statistics.median(calls)
        rows.append(
            {
                "encoder": system,
                "queries at a time": batch,
                "p50 [ms]": percentile(calls, 50),
                "p99 [ms]": percentile(calls, 99) if len(calls) >= 100 else None,
                "queries/s": round(batch / median, 1),
                "times Pyserini": round(
                    statistics.median(seconds[STOCK, min(batch, 300)])
                    / min(batch, 300)
                    / (median / batch),
                    2,
                ),
            }
        )
    return rows


def search_rows(
    seconds: dict[tuple[str, int], list[float]], count: int
) -> list[dict[str, Any]]:
    """Return the table of search."""
    return [
        {
            "index": kind,
            "passages": count,
            "queries at a time": batch,
            "p50 [ms]": percentile(calls, 50),
            "p99 [ms]": percentile(calls, 99) if len(calls) >= 50 else None,
            "queries/s": round(batch / statistics.median(calls), 1),
        }
        for (kind, batch), calls in seconds.items()
    ]


def cosine_rows(vectors: dict[str, Vectors]) -> list[dict[str, Any]]:
    """Return how near each backend's vectors are to Pyserini's."""
    exact = vectors["torch"]
    rows = []
    for system, found in vectors.items():
        lengths = np.linalg.norm(exact, axis=1) * np.linalg.norm(found, axis=1)
        cosines = (exact * found).sum(axis=1) / lengths
        rows.append(
            {
                "encoder": system,
                "lowest cosine": round(float(cosines.min()), 7),
                "mean cosine": round(float(cosines.mean()), 7),
            }
        )
    return rows


def promises(
    encoding: list[dict[str, Any]], cosines: list[dict[str, Any]]
) -> list[Promise]:
    """Return what was promised of encoding, beside what was measured."""
    near = {row["encoder"]: row["lowest cosine"] for row in cosines}
    fastest = {
        batch: {
            row["encoder"]: row["times Pyserini"]
            for row in encoding
            if row["queries at a time"] == batch
        }
        for batch in (1, 300)
    }

    def best(batch: int) -> float:
        exact = [name for name in OURS if near[name] >= 0.99999]
        return max(float(fastest[batch][name]) for name in exact)

    weights = (
        "all 170 MB of weights are read for each query: at 25 GB/s, what two cores "
        "read here, no less than 6.8 ms"
    )
    return [
        at_least("one query, exact", 3, best(1), why=weights),
        at_least("one query, int8", 8, fastest[1]["int8"], why=INT8_WEIGHTS),
        at_least("300 queries, exact", 4.5, best(300)),
        at_least("300 queries, int8", 12, fastest[300]["int8"]),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="folder of a checkpoint; else one is made")
    parser.add_argument("--topics", type=Path, default=DATA / "heldout.topics.tsv")
    parser.add_argument("--passages", type=int, nargs="*", default=[100_000, 500_000])
    parser.add_argument("--dimension", type=int, default=768)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="where to write the results")
    args = parser.parse_args()
    from work import make_model

    from tasb_pyserini.formats.topics import read_topics

    queries = list(read_topics(args.topics).values())
    with tempfile.TemporaryDirectory() as scratch:
        model = args.model or str(make_model(Path(scratch, "model")))
        seconds, vectors = time_encoding(model, queries, args.rounds)
    encoding, cosines = encoding_rows(seconds), cosine_rows(vectors)
    search: list[dict[str, Any]] = []
    for count in args.passages:
        found = time_search(count, args.dimension, args.rounds)
        search += search_rows(found, count)
    for rows in (encoding, cosines, search):
        for row in rows:
            print("  ".join(f"{name} {value}" for name, value in row.items()))
    made = promises(encoding, cosines)
    print_promises(made)
    libraries = ("torch", "transformers", "onnxruntime", "openvino", "faiss-cpu")
    write_results(
        "latency",
        [*encoding, *cosines, *search],
        made,
        settings={"queries": args.topics.parent.name, "rounds": args.rounds},
        libraries=(*libraries, "pyserini"),
        path=args.json,
    )


if __name__ == "__main__":
    main()
