"""Random judgments, and the sides of a fusion that is tuned on them."""

import random

from tasb_pyserini.evaluation.measures import Measure
from tasb_pyserini.formats.records import Qrels, Run
from tasb_pyserini.search.fusion.rule import Fusion
from tasb_pyserini.search.tuning.candidates import Candidates
from tasb_pyserini.search.tuning.objective import Objective

RR10 = Measure("RR", 10)


def random_qrels(seed: int, queries: int) -> Qrels:
    """Judge some documents, of which some are in no list; some are not relevant."""
    rng = random.Random(seed)
    names = [f"d{n}" for n in range(85)]
    return {
        f"{q}": {d: rng.randint(-1, 3) for d in rng.sample(names, rng.randint(1, 25))}
        for q in range(queries)
    }


def make_candidates(
    runs: list[Run], qrels: Qrels, fusion: Fusion, objective: Objective
) -> Candidates:
    sparse, dense = runs
    return Candidates(lambda _: sparse, dense, list(qrels), qrels, fusion, objective)
