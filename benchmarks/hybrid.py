"""How fast hybrid search is, beside Pyserini's, with one encoder and the same indexes.

On SciFact's 300 queries, 1,000 hits a side and a run; the encoder is a spectral student
of TAS-B's size, 6 layers of 768 dimensions, for which passages are cut to 32 tokens to
have the index soon. Promised: a whole search at least 5 times as fast as Pyserini's
hybrid by its defaults, and a query that takes at most 1.15 times what its slower side
takes alone.

The commands run by turns, start of Python and Java included: ours, Pyserini's with its
own encoder by its defaults (query by query, one thread), and Pyserini's with all
queries in one batch and as many threads as ours; so do the two searchers in one
process, on one batch of all queries, and a query's sides alone and together.
"""

import argparse
import os
import statistics
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from figures import seconds
from results_file import at_least, at_most, flat_rows, print_promises, write_results
from work import DATA, DIMENSION, LAYERS, STOCK, Work, make_indexes

from tasb_pyserini.bindings.sparse import lucene_searcher
from tasb_pyserini.encoders.query import TasbQueryEncoder
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.search.hybrid import HybridSearcher, search_dense
from tasb_pyserini.search.sparse import K1, B

HITS, ALPHA = 1000, 0.1


def our_command(work: Work, output: Path, threads: int) -> list[str]:
    """Return ``tasb hybrid``."""
    return [
        *("-m", "tasb_pyserini", "hybrid", "--index", str(work.faiss)),
        *("--encoder", work.encoder, "--sparse-index", str(work.lucene)),
        *("--topics", str(work.topics), "--hits", str(HITS), "--alpha", str(ALPHA)),
        *("--threads", str(threads), "--output", str(output), "--device", "cpu"),
    ]


def their_command(work: Work, output: Path, more: list[str]) -> list[str]:
    """Return ``python -m pyserini.search.hybrid``, with more words if any."""
    return [
        *(STOCK, "pyserini.search.hybrid"),
        *("dense", "--index", str(work.faiss), "--encoder", str(work.model)),
        *("--encoder-class", "auto", "--pooling", "cls", "--device", "cpu"),
        *("sparse", "--index", str(work.lucene), "--k1", str(K1), "--b", str(B)),
        *("fusion", "--alpha", str(ALPHA), "--hits", str(HITS)),
        *("run", "--topics", str(work.topics), "--output", str(output)),
        *("--hits", str(HITS), *more),
    ]


def measure_commands(work: Work, rounds: int, threads: int) -> dict[str, Any]:
    """Time both commands by turns."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}

    def run(words: list[str]) -> float:
        words = [sys.executable, *words]
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL}
        quiet["stderr"] = subprocess.DEVNULL
        return seconds(
            lambda: subprocess.run(words, env=environment, check=True, **quiet)
        )

    batched = ["--batch-size", "300", "--threads", str(threads)]
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "run.txt"
        turns = [
            (
                run(our_command(work, output, threads)),
                run(their_command(work, output, [])),
                run(their_command(work, output, batched)),
            )
            for _ in range(rounds)
        ]
    return ratios("command", [(ours, theirs) for ours, theirs, _ in turns]) | ratios(
        "command_beside_batch", [(ours, theirs) for ours, _, theirs in turns]
    )


def measure_batches(
    ours: HybridSearcher, theirs: Any, work: Work, rounds: int, threads: int
) -> dict[str, Any]:
    """Time a batch of all queries in this process, by turns.

    Another mark at their ends each time, for no vector may come from the encoder's
    memory.
    """
    topics = read_topics(work.topics)
    marks = iter(string.punctuation)

    def search(searcher: Any) -> float:
        mark = next(marks)
        queries = [f"{query} {mark}" for query in topics.values()]
        return seconds(
            lambda: searcher.batch_search(
                queries, list(topics), HITS, HITS, threads, ALPHA
            )
        )

    search(ours)  # warms Java up for both
    return ratios("batch", [(search(ours), search(theirs)) for _ in range(rounds)])


def ratios(name: str, turns: list[tuple[float, float]]) -> dict[str, Any]:
    """Return the medians of ours and theirs, and of their ratio in a turn."""
    return {
        f"{name}_seconds": statistics.median(ours for ours, _ in turns),
        f"pyserini_{name}_seconds": statistics.median(theirs for _, theirs in turns),
        f"{name}_faster": statistics.median(theirs / ours for ours, theirs in turns),
    }


def measure_latency(searcher: HybridSearcher, work: Work) -> dict[str, Any]:
    """Time each query: a side, the other, both with fusion; medians in ms.

    Another mark at its end each time, for no vector may come from the encoder's memory.
    """
    times: dict[str, list[float]] = {"dense": [], "sparse": [], "hybrid": []}
    for query in read_topics(work.topics).values():
        with timing(times["dense"]):
            search_dense(searcher.dense_searcher, [f"{query} ;"], ["q"], HITS, 1)
        with timing(times["sparse"]):
            searcher.lucene.search([query], HITS)
        with timing(times["hybrid"]):
            searcher.search(f"{query} ,", HITS, HITS, ALPHA)
    milliseconds = {
        f"{name}_ms": 1000 * statistics.median(values) for name, values in times.items()
    }
    slower = max(milliseconds["dense_ms"], milliseconds["sparse_ms"])
    ratio = milliseconds["hybrid_ms"] / slower
    return milliseconds | {"slower_than_slower_side": ratio}


@contextmanager
def timing(times: list[float]) -> Iterator[None]:
    """Add to `times` the seconds that a block takes."""
    begin = time.perf_counter()
    yield
    times.append(time.perf_counter() - begin)


def measure(work: Work, rounds: int, threads: int) -> dict[str, Any]:
    """Return all figures; the commands first, while this process is small."""
    commands = measure_commands(work, rounds, threads)
    sparse = lucene_searcher(work.lucene)
    sparse.set_bm25(K1, B)
    from pyserini.search.faiss import FaissSearcher
    from pyserini.search.hybrid import HybridSearcher as Theirs

    dense = FaissSearcher(str(work.faiss), TasbQueryEncoder(work.encoder))
    ours = HybridSearcher(dense, sparse)
    return {
        **measure_batches(ours, Theirs(dense, sparse), work, rounds, threads),
        **measure_latency(ours, work),
        **commands,
        "load": os.getloadavg()[0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="SciFact's folder")
    parser.add_argument("--work", type=Path, help="keep model and indexes here")
    parser.add_argument(
        "--rounds",
        type=int,
        default=3,
        choices=range(1, len(string.punctuation) // 2),
        metavar="N",
        help="medians of so many",
    )
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, help="results/hybrid.json else")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = make_indexes(args.work or Path(scratch), args.data)
        figures = measure(work, args.rounds, args.threads)
    for name, value in figures.items():
        print(f"{name:<40}{value:>10,.2f}")
    slower = figures["slower_than_slower_side"]
    promises = [
        at_least(
            "a whole search, start included, beside Pyserini's defaults",
            5,
            figures["command_faster"],
        ),
        at_most("a query beside its slower side", 1.15, slower, "times"),
    ]
    print_promises(promises)
    measured = {"layers": LAYERS, "dimension": DIMENSION}
    write_results(
        "hybrid",
        flat_rows(figures),
        promises,
        settings={**measured, "rounds": args.rounds, "threads": args.threads},
        libraries=["pyserini", "torch", "transformers", "faiss-cpu"],
        path=args.json,
    )


if __name__ == "__main__":
    main()
