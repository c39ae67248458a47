"""TAS-Balanced sampling in the way of the authors' code: a dict of lists of tuples."""

import random
import time
from collections import defaultdict
from pathlib import Path

from figures import peak_mb, per_second

Pair = tuple[str, str, float]


def sample_authors(folder: Path, rounds: int, batch_size: int) -> dict[str, float]:
    """Load, and draw batches of numbers, as the authors' code does."""
    before, begin = peak_mb(), time.perf_counter()
    pairs: dict[str, list[Pair]] = defaultdict(list)
    with (folder / "scores.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            pos_score, neg_score, qid, pos, neg = line.rstrip("\n").split("\t")
            pairs[qid].append((pos, neg, float(pos_score) - float(neg_score)))
    bins: dict[str, list[list[Pair]]] = {}
    for qid, own in pairs.items():
        margins = [margin for _, _, margin in own]
        low, width = min(margins), (max(margins) - min(margins)) / 10
        parts: list[list[Pair]] = [[] for _ in range(10)]
        for pair in own:
            parts[min(int((pair[2] - low) / width), 9)].append(pair)
        bins[qid] = parts
    with (folder / "clusters.tsv").open(encoding="utf-8") as lines:
        clusters = [line.split() for line in lines]
    loaded = time.perf_counter() - begin
    rng = random.Random(0)

    def draw() -> list[Pair]:
        batch: list[Pair] = []
        while len(batch) < batch_size:
            cluster = rng.choice(clusters)
            if len(cluster) > batch_size:
                cluster = rng.sample(cluster, batch_size)
            for qid in cluster[: batch_size - len(batch)]:
                chosen: list[Pair] = []
                while not chosen:
                    chosen = rng.choice(bins[qid])
                batch.append(rng.choice(chosen))
        return batch

    speed = per_second(draw, rounds)
    return {
        "load_seconds": loaded,
        "index_batches_per_second": speed,
        "data_mb": peak_mb() - before,
        "resident_mb": peak_mb(),
    }
