"""The exact search finds what fusing and measuring at every alpha would find."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasb_pyserini.evaluation.measures import Measure, evaluate, mean
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Qrels, Run
from tasb_pyserini.search.fusion.fuse import fuse_hits, fuse_runs
from tasb_pyserini.search.fusion.normalisation import NORMALISATIONS
from tasb_pyserini.search.fusion.rule import Fusion
from tasb_pyserini.search.tuning.candidates import Setting
from tasb_pyserini.search.tuning.choose import alpha_of
from tasb_pyserini.search.tuning.crossings import find_steps
from tasb_pyserini.search.tuning.curve import Curve, Interval
from tasb_pyserini.search.tuning.objective import Objective
from tasb_pyserini.search.tuning.tune import tune, tune_runs
from tests.search.fusion.slow import random_runs
from tests.search.tuning.judged import RR10, make_candidates, random_qrels

MEASURES = ["RR@10", "RR", "nDCG@5", "nDCG", "R@10", "P@7", "MAP", "AP@20"]
FUSIONS = [
    Fusion(method=method, alpha=1, normalisation=normalisation)
    for method in ("interpolation", "convex")
    for normalisation in NORMALISATIONS
]


def by_brute_force(
    runs: list[Run], qrels: Qrels, fusion: Fusion, objective: Objective
) -> float:
    fused = fuse_runs(runs, fusion, objective.k)
    measure = objective.measure
    found = evaluate(fused, qrels, [measure], relevance_level=objective.relevance_level)
    return mean(found[measure].values())


@pytest.mark.parametrize(
    ("name", "fusion"),
    [(name, fusion) for name in MEASURES for fusion in (FUSIONS[0], FUSIONS[-1])]
    + [("nDCG@5", fusion) for fusion in FUSIONS[1:-1]],
    ids=lambda part: getattr(part, "tag", part),
)
def test_every_interval_has_the_value_that_fusing_in_its_middle_gives(
    name: str, fusion: Fusion
) -> None:
    queries = 25
    runs, qrels = random_runs(3, 2, queries), random_qrels(4, queries)
    objective = Objective(measure=Measure.parse(name), k=20)
    pools = make_candidates(runs, qrels, fusion, objective).pools(Setting())
    curve = Curve.mean([find_steps(pool, objective) for pool in pools.values()])
    assert len(curve.values) >= 8
    compared = 0
    edges = curve.edges.tolist()
    for each in zip(edges[:-1], edges[1:], curve.values.tolist(), strict=True):
        interval = Interval(*each)
        if interval.high < interval.low * (1 + 1e-4):
            continue  # within single precision
        alpha = alpha_of(fusion.method, interval.middle)
        there = replace(fusion, alpha=alpha)
        expected = by_brute_force(runs, qrels, there, objective)
        assert interval.value == pytest.approx(expected, abs=1e-10)
        compared += 1
    assert compared > 0.8 * len(curve.values)
    best = tune(make_candidates(runs, qrels, fusion, objective))
    assert best.value == pytest.approx(curve.values.max(), abs=1e-10)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    name=st.sampled_from(MEASURES),
    fusion=st.sampled_from(FUSIONS),
    alpha=st.sampled_from([0.0, 0.25, 0.5, 1.0, 0.37, 7.3]),
    k=st.sampled_from([3, 10, 1000]),
    level=st.integers(1, 2),
)
def test_values_at_an_alpha_and_of_each_side_are_those_of_trec_eval(
    seed: int, name: str, fusion: Fusion, alpha: float, k: int, level: int
) -> None:
    """Ties included: many of these lists have few scores."""
    runs, qrels = random_runs(seed, 2, 4), random_qrels(seed, 4)
    measure = Measure.parse(name)
    objective = Objective(measure=measure, k=k, relevance_level=level)
    there = replace(fusion, alpha=alpha)
    if not (any(runs[0].values()) and any(runs[1].values())):
        return
    pools = make_candidates(runs, qrels, fusion, objective).pools(Setting())
    found = mean([pool.value(there, objective) for pool in pools.values()])
    assert found == pytest.approx(by_brute_force(runs, qrels, there, objective))
    for side, run in enumerate(runs):
        cut = {qid: fuse_hits([hits, {}], SUM, k) for qid, hits in run.items()}
        values = evaluate(cut, qrels, [measure], relevance_level=level)[measure]
        alone = mean([pool.alone[side] for pool in pools.values()])
        assert alone == pytest.approx(mean(values.values()))


SUM = Fusion(method="sum", missing="zero")


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), name=st.sampled_from(MEASURES))
def test_no_alpha_is_better_than_the_best(seed: int, name: str) -> None:
    runs, qrels = random_runs(seed, 2, 5), random_qrels(seed, 5)
    if not (any(runs[0].values()) and any(runs[1].values())):
        return
    objective = Objective(measure=Measure.parse(name))
    fusion = Fusion(method="interpolation", alpha=1)
    best = tune(make_candidates(runs, qrels, fusion, objective)).choice.interval.value
    for alpha in np.logspace(-4, 4, 40).tolist():
        there = replace(fusion, alpha=alpha)
        assert by_brute_force(runs, qrels, there, objective) <= best + 1e-9


# --- by hand ---------------------------------------------------------------------


def test_the_middle_of_the_best_interval_by_hand() -> None:
    """Right beats other from 2 / 4 on, and is beaten by third from 8 / 1 on."""
    sparse = {"q": {"right": 4.0, "other": 0.0, "third": 5.0}}
    dense = {"q": {"right": 10.0, "other": 12.0, "third": 2.0}}
    found = tune_runs(sparse, dense, {"q": {"right": 1}}, RR10)
    interval = found.choice.interval
    assert (interval.low, interval.high, interval.value) == (0.5, 8.0, 1.0)
    assert found.choice.fusion.alpha == pytest.approx(2.0)  # sqrt(0.5 · 8)
    assert (found.value, found.sparse, found.dense) == (1.0, 0.5, 0.5)


def test_of_equally_good_intervals_the_widest_is_taken() -> None:
    # Query a is right below 1 and above 64, b between 0.01 and 64: both are right
    # between 0.01 and 1.
    sparse = {"a": {"yes": 1.0, "no": 2.0}, "b": {"yes": 100.0, "no": 0.0}}
    dense = {"a": {"yes": 2.0, "no": 1.0}, "b": {"yes": 1.0, "no": 2.0}}
    qrels = {"a": {"yes": 1}, "b": {"yes": 1}}
    found = tune_runs(sparse, dense, qrels, RR10).choice
    assert (found.interval.low, found.interval.high) == (0.01, 1.0)
    assert found.fusion.alpha == pytest.approx(0.1)


def test_a_best_interval_without_end_counts_as_widest() -> None:
    sparse = {"q": {"right": 3.0, "wrong": 1.0}}
    dense = {"q": {"right": 1.0, "wrong": 9.0}}
    found = tune_runs(sparse, dense, {"q": {"right": 1}}, RR10).choice
    assert (found.interval.low, found.interval.high) == (4.0, math.inf)
    assert found.fusion.alpha == 8.0


def test_nothing_relevant_found_anywhere_is_no_error() -> None:
    run = {"q": {"a": 1.0}}
    found = tune_runs(run, run, {"q": {"b": 1}}, RR10)
    assert (found.value, found.choice.fusion.alpha) == (0.0, 1.0)


def test_points_on_one_line_cross_at_once() -> None:
    """Thirds: crossings that coincide are not told apart by rounding."""
    scores = {f"d{n}": n * 0.1 for n in range(30)}
    sparse, dense = {"q": scores}, {"q": {d: -s / 3 for d, s in scores.items()}}
    found = tune_runs(sparse, dense, {"q": {"d29": 1, "d13": 1}}, Measure("AP"))
    assert found.choice.interval.low == pytest.approx(1 / 3)
    assert found.choice.interval.high == math.inf
    assert found.value == pytest.approx((1 / 1 + 2 / 17) / 2)


@pytest.mark.parametrize("empty", [0, 1])
def test_a_side_without_hits_is_named(empty: int) -> None:
    runs: list[Run] = [{"q": {"a": 1.0}}, {"q": {"a": 1.0}}]
    runs[empty] = {"other": {"a": 1.0}}
    name = ("sparse", "dense")[empty]
    with pytest.raises(TasbError, match=f"{name} side: no hits for any of the 1 quer"):
        tune_runs(runs[0], runs[1], {"q": {"a": 1}}, RR10)


def test_a_score_that_is_no_number_is_refused() -> None:
    sparse, dense = {"q": {"a": 1.0}}, {"q": {"a": math.nan}}
    with pytest.raises(TasbError, match="not finite; look for NaN"):
        tune_runs(sparse, dense, {"q": {"a": 1}}, RR10)
