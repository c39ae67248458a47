"""What is drawn for a query, and how often."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Triple
from tasb_pyserini.training.mining.config import MiningConfig
from tasb_pyserini.training.mining.mine import mine_triples
from tests.training.mining.mined import HITS, mine

CHECKOUT = Path(__file__).parents[3]


def test_draws_with_replacement_are_uniform_over_the_top_200_as_for_tct_colbert() -> (
    None
):
    hits = {f"d{rank}": -float(rank) for rank in range(1, 301)}
    config = MiningConfig(negatives=20_000, depth=200, with_replacement=True)
    drawn = Counter(
        triple.neg for triple in mine_triples([("q", hits)], {"q": {"d1": 1}}, config)
    )
    # Of 199 candidates each is drawn 100 times, with a standard deviation of 10.
    assert set(drawn) == {f"d{rank}" for rank in range(2, 201)}
    assert drawn.total() == 20_000
    chi_squared = sum((count - 20_000 / 199) ** 2 for count in drawn.values())
    assert abs(chi_squared / (20_000 / 199) - 198) < 4 * (2 * 198) ** 0.5


def test_one_candidate_is_drawn_as_often_as_asked_with_replacement() -> None:
    run = {"q": {"p": 2.0, "n": 1.0}}
    triples = mine(run, {"q": {"p": 1}}, negatives=3, with_replacement=True)
    assert triples == [Triple("q", "p", "n")] * 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"negatives": 0}, "negatives 0: expected at least 1"),
        ({"depth": 0}, "skip 0, depth 0: expected 0 ≤ skip < depth"),
        ({"skip": 100}, "skip 100, depth 100: expected 0 ≤ skip < depth"),
        ({"skip": -1}, "skip -1, depth 100: expected 0 ≤ skip < depth"),
        ({"seed": -1}, "seed -1: expected at least 0"),
        ({"relevance_level": 0}, "relevance level 0: expected at least 1"),
    ],
)
def test_arguments_out_of_range_are_refused(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(TasbError, match=message):
        mine({"q": HITS}, {"q": {"d1": 1}}, **options)


def test_a_query_draws_the_same_whatever_the_other_queries() -> None:
    run = {qid: HITS for qid in ("1", "2", "3")}
    qrels = {qid: {"d1": 1} for qid in run}
    together = mine(run, qrels)
    for qid in run:
        alone = mine({qid: HITS}, {qid: {"d1": 1}})
        assert alone == [triple for triple in together if triple.qid == qid]
    backwards = mine(run, dict(reversed(qrels.items())))
    assert set(backwards) == set(together)
    assert len({tuple(t.neg for t in together if t.qid == qid) for qid in run}) > 1


def test_the_seed_decides_what_is_drawn() -> None:
    qrels = {"q": {"d1": 1}}
    assert mine({"q": HITS}, qrels, seed=1) == mine({"q": HITS}, qrels, seed=1)
    assert len({tuple(mine({"q": HITS}, qrels, seed=seed)) for seed in range(9)}) > 3


def test_every_candidate_is_drawn_about_equally_often() -> None:
    qrels = {"q": {"d1": 1}}
    drawn = Counter(
        triple.neg
        for seed in range(2000)
        for triple in mine({"q": HITS}, qrels, negatives=3, seed=seed)
    )
    # 2000 draws of 3 from 19: 316 each, with a standard deviation below 17.
    assert set(drawn) == {f"d{rank}" for rank in range(2, 21)}
    assert all(abs(count - 2000 * 3 / 19) < 5 * 17 for count in drawn.values())


def test_the_draw_does_not_depend_on_the_hash_seed_of_python() -> None:
    code = """
from tasb_pyserini.training.mining.config import MiningConfig
from tasb_pyserini.training.mining.mine import mine_triples
hits = {f"d{rank}": -float(rank) for rank in range(100)}
qrels = {"ä": {"d1": 1}, "2": {"d1": 1}}
run = {"ä": hits, "2": hits}
print([t.neg for t in mine_triples(run.items(), qrels, MiningConfig())])
"""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("0", "1")
    }
    assert len(outputs) == 1
