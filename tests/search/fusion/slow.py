"""Fusion once more, document by document, for tests to compare with."""

import math
import random
import struct

from tasb_pyserini.formats.records import Run

Hits = dict[str, float]


def single(score: float) -> float:
    number: float = struct.unpack("f", struct.pack("f", score))[0]
    return number


def ordered(hits: Hits) -> list[str]:
    """Sort twice: by docid, then, keeping that order in ties, by score."""
    by_docid = sorted(hits, key=lambda docid: docid.encode(), reverse=True)
    return sorted(by_docid, key=lambda docid: -single(hits[docid]))


def normalised(hits: Hits, name: str) -> Hits:
    scores = list(hits.values())
    low, high = min(scores), max(scores)
    if name == "min-max":
        return {
            d: (s - low) / (high - low) if high > low else 1.0 for d, s in hits.items()
        }
    if name == "centred":
        return {
            d: (s - (low + high) / 2) / (high - low) if high > low else 0.0
            for d, s in hits.items()
        }
    if name == "max":
        largest = max(map(abs, scores))
        return {d: s / largest if largest else s for d, s in hits.items()}
    if name == "z-score":
        mean = math.fsum(scores) / len(scores)
        deviation = math.sqrt(math.fsum((s - mean) ** 2 for s in scores) / len(scores))
        return {
            d: (s - mean) / deviation if high > low else 0.0 for d, s in hits.items()
        }
    return hits


def completed(
    hits: Hits, docids: set[str], normalisation: str = "none", missing: str = "minimum"
) -> Hits:
    if not hits:
        centre = normalisation == "centred" and missing == "minimum"
        return dict.fromkeys(docids, -0.5 if centre else 0.0)
    given = normalised(hits, normalisation)
    rest = min(given.values()) if missing == "minimum" else 0.0
    return {docid: given.get(docid, rest) for docid in docids}


def reciprocal_ranks(hits: Hits, docids: set[str], k: int) -> Hits:
    ranks = {docid: rank for rank, docid in enumerate(ordered(hits), start=1)}
    return {d: 1 / (k + ranks[d]) if d in ranks else 0.0 for d in docids}


def random_hits(rng: random.Random) -> Hits:
    """Draw hits: none, one, all with one score, few scores, below zero, or ordinary."""
    kind = rng.choice(["empty", "one", "equal", "few", "negative", *["ordinary"] * 5])
    start = rng.choice([0, 0, 0, 40])
    docids = [f"d{n}" for n in range(start, start + 40)]
    size = {"empty": 0, "one": 1}.get(kind, rng.randint(2, 25))

    def draw() -> float:
        if kind == "equal":
            return 3.25
        if kind == "few":
            return float(rng.randint(0, 3))
        if kind == "negative":
            return rng.uniform(-20, -1)
        return round(rng.uniform(-5, 120), 4)

    return {docid: draw() for docid in rng.sample(docids, size)}


def random_runs(seed: int, runs: int, queries: int) -> list[Run]:
    rng = random.Random(seed)
    return [{f"{q}": random_hits(rng) for q in range(queries)} for _ in range(runs)]
