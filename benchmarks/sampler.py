"""Sampling at the size of MS MARCO, and beside Python lists of tuples.

Makes fakes of the published training data: 400,000 queries in 2,000 clusters, 40
million scored pairs with normal margins, 8.8 million tokenised passages. Each figure is
taken in a process of its own. Then, on a tenth of the queries, the same in the way of
the authors' code (a dict of lists of tuples, ``tas_balanced_training_loader.py``,
rewritten), by turns with ours.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from authors_way import sample_authors
from fakes import PAIRS_A_QUERY, PASSAGES, QUERIES, make_data, write_tokens
from figures import peak_mb, per_second
from results_file import at_least, at_most, flat_rows, print_promises, write_results
from scratch import made_folder

HERE = Path(__file__).parent
PASSAGE_TOKENS, QUERY_TOKENS = (20, 130), (5, 15)
BATCH_SIZE = 32
AT_FULL_SIZE = {
    "load_seconds": (at_most, 30, "s"),
    "resident_mb": (at_most, 2_000, "MB"),
    "index_batches_per_second": (at_least, 2_000, "a second"),
    "tensor_batches_per_second": (at_least, 300, "a second"),
    "conversion_mb": (at_most, 2_000, "MB"),
}
AT_A_TENTH = {
    "tenth: loading_what_was_converted_once_faster": (at_least, 20, "times"),
    "tenth: smaller": (at_least, 10, "times"),
}


def convert(folder: Path) -> dict[str, float]:
    """Import the scores."""
    from tasb_pyserini.training.pairs.convert import import_scores

    begin = time.perf_counter()
    import_scores([folder / "scores.tsv"], folder / "pairs")
    seconds = time.perf_counter() - begin
    return {"conversion_seconds": seconds, "conversion_mb": peak_mb()}


def sample_ours(folder: Path, rounds: int) -> dict[str, float]:
    """Load, and draw batches of numbers."""
    import pyarrow  # noqa: F401  # what opening imports, before memory is measured

    from tasb_pyserini.training.pairs.store import open_pairs
    from tasb_pyserini.training.sampling.numbers import read_numbered_clusters
    from tasb_pyserini.training.sampling.sampler import Sampler, Sampling

    before, begin = peak_mb(), time.perf_counter()
    pairs = open_pairs(folder / "pairs")
    clusters = read_numbered_clusters(folder / "clusters.tsv", pairs.qids)
    sampler = Sampler(pairs, Sampling(batch_size=BATCH_SIZE), clusters)
    loaded = time.perf_counter() - begin
    batches = map(sampler.batch, count())
    speed = per_second(lambda: next(batches), rounds)
    return {
        "load_seconds": loaded,
        "index_batches_per_second": speed,
        "data_mb": max(1.0, peak_mb() - before),
        "resident_mb": peak_mb(),
    }


def compose_ours(folder: Path, rounds: int) -> dict[str, float]:
    """Load pairs and tokens, and compose padded tensors, here and in a worker."""
    from tasb_pyserini.encoders.spec import EncoderSpec
    from tasb_pyserini.training.batches.loader import load_batches
    from tasb_pyserini.training.data import TrainingData
    from tasb_pyserini.training.pairs.store import open_pairs
    from tasb_pyserini.training.sampling.numbers import read_numbered_clusters
    from tasb_pyserini.training.sampling.sampler import Sampler, Sampling
    from tasb_pyserini.training.tokens import open_tokens

    begin = time.perf_counter()
    pairs = open_pairs(folder / "pairs")
    clusters = read_numbered_clusters(folder / "clusters.tsv", pairs.qids)
    sampler = Sampler(pairs, Sampling(batch_size=BATCH_SIZE), clusters)
    queries, passages = (
        open_tokens(folder / "queries"),
        open_tokens(folder / "passages"),
    )
    assert queries.ids is not None
    assert passages.ids is not None
    data = TrainingData(
        pairs,
        queries,
        passages,
        queries.ids.find(pairs.qids),
        passages.ids.find(pairs.docids),
        EncoderSpec(checkpoint="fake"),
    )
    loaded = time.perf_counter() - begin
    figures = {"load_seconds": loaded}
    for name, workers in (("tensor_batches_per_second", 0), ("with_one_worker", 1)):
        batches = load_batches(data, sampler, 0, sys.maxsize >> 1, workers=workers)
        next(batches)
        figures[name] = per_second(batches.__next__, rounds)
        batches.close()
    return {**figures, "resident_mb": peak_mb()}


STAGES: dict[str, Callable[[Path, int], dict[str, float]]] = {
    "convert": lambda folder, rounds: convert(folder),
    "sample": sample_ours,
    "authors": lambda folder, rounds: sample_authors(folder, rounds, BATCH_SIZE),
    "compose": compose_ours,
}


def in_process(stage: str, folder: Path, rounds: int) -> dict[str, float]:
    """Return the figures of a stage that runs in a process of its own."""
    words = [sys.executable, __file__, "--stage", stage, "--folder", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    run = subprocess.run(
        [*words, "--rounds", str(rounds)],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    figures: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return figures


def measure(scratch: Path, scale: float, rounds: int) -> dict[str, Any]:
    """Return all figures."""
    whole, tenth = scratch / "whole", scratch / "tenth"
    say("making data")
    make_data(whole, scale)
    write_tokens(whole / "queries", int(QUERIES * scale), QUERY_TOKENS)
    write_tokens(whole / "passages", int(PASSAGES * scale), PASSAGE_TOKENS)
    say("converting")
    conversion = in_process("convert", whole, rounds)
    say("sampling")
    sampled = in_process("sample", whole, rounds)
    say("composing")
    composed = in_process("compose", whole, rounds)
    say("a tenth, by turns")
    make_data(tenth, scale / 10)
    tenth_conversion = in_process("convert", tenth, rounds)
    turns = [
        (in_process("authors", tenth, 1), in_process("sample", tenth, 1))
        for _ in range(3)
    ]

    def ratio(name: str, *, of: str) -> float:
        both = [(theirs[name], ours[name]) for theirs, ours in turns]
        return statistics.median(
            theirs / ours if of == "theirs" else ours / theirs for theirs, ours in both
        )

    return {
        "queries": int(QUERIES * scale),
        "pairs": int(QUERIES * scale) * PAIRS_A_QUERY,
        "load_seconds": max(sampled["load_seconds"], composed["load_seconds"]),
        "resident_mb": max(sampled["resident_mb"], composed["resident_mb"]),
        "index_batches_per_second": sampled["index_batches_per_second"],
        "tensor_batches_per_second": composed["tensor_batches_per_second"],
        "tensor_batches_per_second_with_one_worker": composed["with_one_worker"],
        "resident_mb_indices_only": sampled["resident_mb"],
        **conversion,
        "tenth": {
            "loading_what_was_converted_once_faster": ratio(
                "load_seconds", of="theirs"
            ),
            "loading_faster_with_the_conversion": turns[-1][0]["load_seconds"]
            / (turns[-1][1]["load_seconds"] + tenth_conversion["conversion_seconds"]),
            "smaller": ratio("data_mb", of="theirs"),
            "smaller_with_libraries": ratio("resident_mb", of="theirs"),
            "drawing_faster": ratio("index_batches_per_second", of="ours"),
            "conversion_seconds": tenth_conversion["conversion_seconds"],
            "authors": turns[-1][0],
            "ours": turns[-1][1],
        },
    }


def say(what: str) -> None:
    """Tell how far the benchmark is."""
    print(f"sampler: {what}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="1: MS MARCO's size")
    parser.add_argument("--rounds", type=int, default=5, help="medians of so many")
    parser.add_argument(
        "--scratch", type=made_folder, help="where 6 GB of fakes may be put"
    )
    parser.add_argument("--json", type=Path, help="results/sampler.json else")
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.stage:
        print(json.dumps(STAGES[args.stage](args.folder, args.rounds)))
        return
    with tempfile.TemporaryDirectory(dir=args.scratch) as scratch:
        figures = measure(Path(scratch), args.scale, args.rounds)
    rows = flat_rows(figures)
    values: dict[Any, Any] = {row["figure"]: row["value"] for row in rows}
    for name, value in values.items():
        print(f"{name:<52}{value:>14,.2f}")
    smaller = f"measured on {args.scale:g} of MS MARCO's size"
    promises = [
        bound(name.replace("_", " "), number, values[name], unit)
        if args.scale == 1 or name in AT_A_TENTH
        else bound(name.replace("_", " "), number, None, unit, smaller)
        for name, (bound, number, unit) in {**AT_FULL_SIZE, **AT_A_TENTH}.items()
    ]
    print_promises(promises)
    write_results(
        "sampler",
        rows,
        promises,
        settings={"scale": args.scale, "rounds": args.rounds},
        libraries=["numpy", "torch", "pyarrow"],
        path=args.json,
    )


if __name__ == "__main__":
    main()
