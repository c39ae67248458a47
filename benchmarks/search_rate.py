"""What share of the memory's bandwidth an exhaustive search reaches.

A search reads every vector once a batch: n passages of 768 dimensions take no less time
than reading them, 3,072 bytes each in fp32 and 1,536 in fp16. On a GPU in fp32 as Faiss
has it and in fp16 as ``tasb search --search-device cuda`` has it; on a CPU both as
``tasb search``. 1, 10 and 2,000 queries at a time, of which the last take arithmetic
more than memory; 1,000 hits each; passages are made up. The bandwidth is that of
summing up memory on the same device, by PyTorch.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import torch
from made_up import made_up_index, write_index
from numpy.typing import NDArray
from results_file import write_results

from tasb_pyserini.search.faiss_index import FaissIndex
from tasb_pyserini.search.gpu import in_parts

DIMENSION, HITS = 768, 1_000
CALLS = {1: 20, 10: 10, 2_000: 1}
READ = 1 << 30
"""Bytes read to know the bandwidth."""

Search = Callable[[NDArray[np.float32]], Any]


def open_index(folder: Path, kind: str, device: str) -> Search:
    """Return what searches an index directory on a device."""
    if device == "cuda" and kind == "fp32":
        stored, resources = FaissIndex(folder).index, faiss.StandardGpuResources()
        plain = in_parts(
            stored, lambda: faiss.GpuIndexFlatIP(resources, DIMENSION), folder
        )
        return lambda queries: plain.search(queries, HITS)
    index = FaissIndex(folder, device)
    return lambda queries: index.search(queries, HITS)


def bandwidth(device: str) -> float:
    """Return the bytes a second that a device reads, the best of ten."""
    memory = torch.ones(READ // 4, device=device)
    times = []
    for _ in range(10):
        begin = time.perf_counter()
        memory.sum().item()
        times.append(time.perf_counter() - begin)
    return READ / min(times)


def measure(args: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    """Return a row of each kind and number of queries."""
    most, rng = bandwidth(args.device), np.random.default_rng(2)
    rows = []
    for kind, size in (("fp32", 4), ("fp16", 2)):
        (folder / kind).mkdir()
        write_index(made_up_index(args.passages, DIMENSION, kind), folder / kind)
        search = open_index(folder / kind, kind, args.device)
        for batch, calls in CALLS.items():
            seconds = []
            for _ in range(1 + args.rounds * calls):
                queries = rng.standard_normal((batch, DIMENSION), dtype=np.float32)
                begin = time.perf_counter()
                search(queries)
                seconds.append(time.perf_counter() - begin)
            timed = seconds[1:]  # the first one warms up
            median = statistics.median(timed)
            rate = args.passages * DIMENSION * size / median
            rows.append(
                {
                    "device": args.device,
                    "kind": kind,
                    "passages": args.passages,
                    "queries at a time": batch,
                    "p50 [ms]": round(1000 * median, 2),
                    "p99 [ms]": round(1000 * float(np.percentile(timed, 99)), 2)
                    if len(timed) >= 50
                    else None,
                    "queries/s": round(batch / median, 1),
                    "read [GB/s]": round(rate / 1e9, 2),
                    "share of the bandwidth": round(rate / most, 3),
                }
            )
            print("  ".join(f"{name} {value}" for name, value in rows[-1].items()))
        del search
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--passages", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scratch", type=Path, help="where the indexes may be put")
    parser.add_argument("--json", type=Path, help="where to write the results")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.scratch) as folder:
        rows = measure(args, Path(folder))
    write_results(
        "search_rate",
        rows,
        [],
        settings={"dimension": DIMENSION, "hits": HITS, "rounds": args.rounds},
        libraries=("faiss-cpu", "faiss-gpu", "torch"),
        path=args.json,
    )


if __name__ == "__main__":
    main()
