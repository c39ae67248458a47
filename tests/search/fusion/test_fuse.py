"""Fused hits are those of the formula, whatever the lists hold."""

import hashlib
import math
import os
import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.fusion.fuse import fuse_hits, fuse_runs, interpolate_runs
from tasb_pyserini.search.fusion.normalisation import NORMALISATIONS
from tasb_pyserini.search.fusion.rule import Fusion
from tests.search.fusion.slow import (
    Hits,
    completed,
    ordered,
    random_hits,
    random_runs,
    reciprocal_ranks,
    single,
)

HYBRID = Fusion(method="interpolation", alpha=0.1)
SCORES = st.dictionaries(
    st.sampled_from([f"d{n}" for n in range(12)]), st.integers(-50, 50).map(float)
)


def fused_slowly(lists: list[Hits], fusion: Fusion) -> Hits:
    docids = {docid for hits in lists for docid in hits}
    if fusion.method == "rrf":
        sides = [reciprocal_ranks(hits, docids, fusion.rrf_k) for hits in lists]
    else:
        how = fusion.normalisation, fusion.missing
        sides = [completed(hits, docids, *how) for hits in lists]
    weights: list[float] = [1.0] * len(lists)
    if fusion.method == "interpolation":
        weights = [fusion.alpha or 0, 1]
    elif fusion.method == "convex":
        weights = [fusion.alpha or 0, 1 - (fusion.alpha or 0)]
    elif fusion.method == "average":
        weights = [1 / len(lists)] * len(lists)
    elif fusion.weights:
        weights = list(fusion.weights)
    return {
        docid: sum(w * side[docid] for w, side in zip(weights, sides, strict=True))
        for docid in docids
    }


def assert_fused(lists: list[Hits], fusion: Fusion, k: int) -> None:
    fused = fuse_hits(lists, fusion, k)
    expected = fused_slowly(lists, fusion)
    assert len(fused) == min(k, len(expected))
    assert fused == pytest.approx({d: expected[d] for d in fused}, rel=1e-12, abs=1e-13)
    everything = fuse_hits(lists, fusion, len(expected) + 1)
    assert list(everything) == ordered(everything)
    assert set(everything) == set(expected)
    assert list(fused) == list(everything)[:k]


# --- the rule of the papers --------------------------------------------------------


def test_a_document_missing_from_a_list_gets_its_minimum() -> None:
    sparse = {"a": 12.0, "b": 7.0}
    dense = {"b": 90.0, "c": 88.0}
    assert fuse_hits([sparse, dense], HYBRID, 10) == {
        "b": 0.1 * 7 + 90,
        "a": 0.1 * 12 + 88,
        "c": 0.1 * 7 + 88,
    }


def test_a_thousand_random_pairs_agree_with_the_formula_to_the_bit() -> None:
    rng = random.Random(1)
    for _ in range(1000):
        sparse, dense = random_hits(rng), random_hits(rng)
        alpha, k = rng.choice([0, 0.1, 0.5, 2, -1]), rng.choice([1, 5, 100])
        docids = {*sparse, *dense}
        left, right = completed(sparse, docids), completed(dense, docids)
        expected = {d: alpha * left[d] + right[d] for d in docids}
        rule = Fusion(method="interpolation", alpha=alpha)
        best = ordered(expected)[:k]
        fused = fuse_hits([sparse, dense], rule, k)
        assert list(fused.items()) == [(d, expected[d]) for d in best]


@given(SCORES, SCORES, st.sampled_from([0.0, 0.1, 0.5, 2.0]))
def test_any_two_lists_agree_with_the_formula_document_by_document(
    sparse: Hits, dense: Hits, alpha: float
) -> None:
    fused = fuse_hits([sparse, dense], Fusion(method="interpolation", alpha=alpha), 100)
    assert set(fused) == set(sparse) | set(dense)
    for docid, score in fused.items():
        left = sparse[docid] if docid in sparse else min([*sparse.values()] or [0])
        right = dense[docid] if docid in dense else min([*dense.values()] or [0])
        assert score == alpha * left + right


def test_what_an_empty_side_counts_is_what_hybrid_searcher_takes() -> None:
    # pyserini/search/hybrid/_searcher.py: minimum 0, maximum 1 where there is no hit.
    assert fuse_hits([{}, {"a": 5.0, "b": 4.0}], HYBRID, 9) == {"a": 5.0, "b": 4.0}
    assert fuse_hits([{"a": 5.0, "b": 4.0}, {}], HYBRID, 9) == {"a": 0.5, "b": 0.4}
    centred = Fusion(method="interpolation", alpha=2, normalisation="centred")
    assert fuse_hits([{}, {"a": 5.0, "b": 4.0}], centred, 9) == {"a": -0.5, "b": -1.5}
    assert fuse_hits([{}, {}], HYBRID, 9) == {}


# --- the other rules ---------------------------------------------------------------

OF_TWO = [
    Fusion(method=method, alpha=0.3, normalisation=normalisation, missing=missing)
    for method in ("interpolation", "convex")
    for normalisation in NORMALISATIONS
    for missing in ("minimum", "zero")
]
OF_THREE = [
    Fusion(method="average", missing="zero"),
    Fusion(method="sum", normalisation="min-max", missing="zero"),
    Fusion(method="sum", normalisation="z-score", weights=(1, -0.5, 2.5)),
    Fusion(method="rrf"),
    Fusion(method="rrf", rrf_k=0, weights=(2, 1, 0.25)),
]


@pytest.mark.parametrize("fusion", OF_TWO, ids=lambda fusion: fusion.tag)
def test_rules_of_two_lists_agree_with_the_formula(fusion: Fusion) -> None:
    rng = random.Random(2)
    for _ in range(100):
        assert_fused([random_hits(rng), random_hits(rng)], fusion, k=10)


@pytest.mark.parametrize("fusion", OF_THREE, ids=lambda fusion: fusion.tag)
def test_rules_of_three_lists_agree_with_the_formula(fusion: Fusion) -> None:
    rng = random.Random(3)
    for _ in range(100):
        assert_fused([random_hits(rng) for _ in range(3)], fusion, k=10)


def test_reciprocal_rank_fusion_by_hand() -> None:
    # Of the equal scores in the second list, the later docid ranks first.
    lists = [{"a": 9.0, "b": 8.0, "c": 7.0}, {"a": 0.5, "c": 0.5}]
    fused = fuse_hits(lists, Fusion(method="rrf"), 9)
    assert list(fused.items()) == [
        ("a", 1 / 61 + 1 / 62),
        ("c", 1 / 63 + 1 / 61),
        ("b", 1 / 62),
    ]


def test_reciprocal_rank_fusion_is_that_of_trectools() -> None:
    fusion = pytest.importorskip("trectools.fusion")
    trec_run = pytest.importorskip("trectools").TrecRun
    pandas = pytest.importorskip("pandas")
    runs = random_runs(seed=4, runs=3, queries=20)
    theirs = []
    for run in runs:
        rows = [
            (qid, "Q0", docid, rank, hits[docid], "x")
            for qid, hits in run.items()
            for rank, docid in enumerate(ordered(hits), start=1)
        ]
        one = trec_run()
        names = ["query", "q0", "docid", "rank", "score", "system"]
        one.run_data = pandas.DataFrame(rows, columns=names)
        theirs.append(one)
    fused = fusion.reciprocal_rank_fusion(theirs, k=60, max_docs=1000).run_data
    expected: dict[str, Hits] = {}
    for row in fused.itertuples():
        expected.setdefault(row.query, {})[row.docid] = row.score
    ours = fuse_runs(runs, Fusion(method="rrf"), 1000)
    assert {q: hits for q, hits in ours.items() if hits} == {
        qid: pytest.approx(hits, rel=1e-12) for qid, hits in expected.items()
    }


# --- order -------------------------------------------------------------------------


def test_ties_go_to_the_docid_that_sorts_last_also_across_the_cut() -> None:
    hits = {docid: 1.0 for docid in ("b", "d", "a", "c", "é")}
    assert list(fuse_hits([hits, hits], HYBRID, 3)) == ["é", "d", "c"]


def test_scores_tie_that_single_precision_cannot_tell_apart() -> None:
    step = 2.0**-30
    fused = fuse_hits([{}, {"a": 1 + step, "b": 1.0}], HYBRID, 2)
    assert list(fused.items()) == [("b", 1.0), ("a", 1 + step)]
    assert single(1 + step) == 1


@given(SCORES, SCORES, st.integers(1, 14))
def test_the_order_of_hits_and_the_other_lists_place_change_nothing(
    first: Hits, second: Hits, k: int
) -> None:
    fusion = Fusion(method="sum", normalisation="min-max")
    backwards = [dict(reversed(hits.items())) for hits in (second, first)]
    ours = list(fuse_hits([first, second], fusion, k).items())
    assert list(fuse_hits(backwards, fusion, k).items()) == ours


SCRIPT = """
import hashlib, random, sys
from tasb_pyserini.search.fusion.fuse import fuse_runs
from tasb_pyserini.search.fusion.rule import Fusion
from tests.search.fusion.slow import random_runs
runs = random_runs(seed=5, runs=2, queries=50)
rules = Fusion(method="rrf"), Fusion(method="interpolation", alpha=0.1)
text = repr([list(h.items()) for r in rules for h in fuse_runs(runs, r, 9).values()])
print(hashlib.sha256(text.encode()).hexdigest())
assert not {"pyserini", "jnius", "torch"} & set(sys.modules)
"""


def test_the_seed_of_pythons_hashes_changes_nothing_and_no_java_starts() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.getcwd()},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "random")
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == len(hashlib.sha256().hexdigest())


# --- runs --------------------------------------------------------------------------


def test_runs_are_fused_by_query_cut_at_k_and_ordered_as_trec_eval_does() -> None:
    sparse = {"1": {"a": 1.0, "b": 1.0, "c": 0.0}, "2": {"x": 3.0}}
    dense = {"3": {"y": 2.0}, "1": {"c": 1.0}}
    fused = interpolate_runs(sparse, dense, alpha=1.0, k=2)
    assert [(qid, list(hits.items())) for qid, hits in fused.items()] == [
        ("1", [("b", 2.0), ("a", 2.0)]),
        ("2", [("x", 3.0)]),
        ("3", [("y", 2.0)]),
    ]


# --- mistakes ----------------------------------------------------------------------


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", [0, 1])
def test_a_score_that_is_no_number_is_refused(score: float, place: int) -> None:
    lists = [{"a": 1.0}, {"a": 1.0, "b": 2.0}]
    lists[place]["z"] = score
    with pytest.raises(TasbError, match=f"^score {score} of docid z: expected a fin"):
        fuse_hits(lists, HYBRID, 5)


@pytest.mark.parametrize(
    ("fusion", "lists", "message"),
    [
        (HYBRID, 3, "interpolation of 3 runs: expected exactly two"),
        (HYBRID, 1, "interpolation of 1 run: expected exactly two"),
        (Fusion(method="rrf"), 1, "rrf of 1 run: expected at least two"),
        (Fusion(method="average"), 0, "average of 0 runs: expected at least two"),
        (
            Fusion(method="sum", weights=(1.0,)),
            2,
            "1 weight for 2 runs: expected one a run",
        ),
    ],
)
def test_a_number_of_lists_that_a_rule_does_not_fuse_is_refused(
    fusion: Fusion, lists: int, message: str
) -> None:
    with pytest.raises(TasbError, match=f"^{message}$"):
        fuse_hits([{"a": 1.0}] * lists, fusion, 5)
