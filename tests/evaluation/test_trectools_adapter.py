"""Runs, qrels, pools and fusion go to trectools and back without harm."""

import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trectools import TrecQrel, TrecRun
from trectools import fusion as trectools_fusion

from tasb_pyserini.evaluation.trectools_adapter import (
    SCORE_FUSION,
    from_trec_qrel,
    from_trec_run,
    fuse,
    pool,
    to_trec_qrel,
    to_trec_run,
)
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.records import Qrels, Run
from tasb_pyserini.formats.runs import ranked, read_run, write_run

# pandas deprecates what trectools does.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")

ids = st.sampled_from(["007", "7", "NA", "null", "é", "😀", "d", "D"])
single = st.floats(-(2.0**99), 2.0**99, width=32)
runs = st.dictionaries(ids, st.dictionaries(ids, single, min_size=1), min_size=1)
judgments = st.dictionaries(
    ids, st.dictionaries(ids, st.integers(-2, 3), min_size=1), min_size=1
)

FIRST: Run = {"q1": {"a": 3.0, "b": 2.0, "c": 1.0}, "q2": {"x": 1.0}}
SECOND: Run = {"q1": {"b": 9.0, "d": 8.0}, "q3": {"y": 1.0}}
THIRD: Run = {"q1": {"b": 1.0, "a": 0.5}}


def trec_runs(*of: Run) -> list[TrecRun]:
    return [to_trec_run(run) for run in of]


# --- there and back ----------------------------------------------------------------


@given(run=runs)
def test_a_run_comes_back_as_it_was(run: Run) -> None:
    back = from_trec_run(to_trec_run(run))
    assert back == run
    assert all(list(hits.items()) == ranked(hits) for hits in back.values())


@given(qrels=judgments)
def test_qrels_come_back_as_they_were(qrels: Qrels) -> None:
    assert from_trec_qrel(to_trec_qrel(qrels)) == qrels


def test_a_run_for_trectools_is_in_the_order_of_trec_eval() -> None:
    frame = to_trec_run(
        {"007": {"a": 1.0, "b": 1.0, "c": 2.0}, "2": {}}, "tag"
    ).run_data
    assert frame.values.tolist() == [
        ["007", "Q0", "c", 1, 2.0, "tag"],
        ["007", "Q0", "b", 2, 1.0, "tag"],
        ["007", "Q0", "a", 3, 1.0, "tag"],
    ]


def test_scores_that_trec_eval_ties_are_tied_for_trectools() -> None:
    apart = {"q": {"a": 1 + 2.0**-30, "b": 1.0, "c": 0.1}}
    frame = to_trec_run(apart).run_data
    assert frame["docid"].tolist() == ["b", "a", "c"]
    tenth = struct.unpack("f", struct.pack("f", 0.1))[0]
    assert frame["score"].tolist() == [1.0, 1.0, tenth]


def test_what_trectools_read_from_files_can_be_taken_over(tmp_path: Path) -> None:
    write_run(tmp_path / "run.txt", FIRST, "tag")
    (tmp_path / "qrels.txt").write_text("q1 0 a 1\nq1 0 b -1\nq2 0 x 2\n")
    theirs = from_trec_run(TrecRun(str(tmp_path / "run.txt")))
    assert theirs == read_run(tmp_path / "run.txt") == FIRST
    qrels = from_trec_qrel(TrecQrel(str(tmp_path / "qrels.txt")))
    assert read_qrels(tmp_path / "qrels.txt")["q1"].pop("b") == -1
    # Its reader drops grades below zero.
    assert qrels == {"q1": {"a": 1}, "q2": {"x": 2}}


def frame_of(rows: list[list[Any]], *columns: str) -> Any:
    return pd.DataFrame(rows, columns=list(columns))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [["1", "a", 2.0], ["1", "a", 1.0]],
            "docid a again for query 1; expected once",
        ),
        (
            [["1", "a", math.nan]],
            "query 1, docid a: score nan; expected a finite number",
        ),
    ],
)
def test_a_run_that_trec_eval_would_refuse_is_refused(
    rows: list[list[Any]], message: str
) -> None:
    run = TrecRun()
    run.run_data = frame_of(rows, "query", "docid", "score")
    with pytest.raises(TasbError, match=message):
        from_trec_run(run)


def test_a_pair_judged_twice_is_refused() -> None:
    qrels = TrecQrel()
    qrels.qrels_data = frame_of([["1", "a", 1], ["1", "a", 1]], "query", "docid", "rel")
    with pytest.raises(TasbError, match="qid 1, docid a judged again; expected each"):
        from_trec_qrel(qrels)


@pytest.mark.parametrize("convert", [from_trec_run, from_trec_qrel])
def test_objects_that_hold_nothing_are_refused(convert: Callable[[Any], Any]) -> None:
    empty = TrecRun() if convert is from_trec_run else TrecQrel()
    with pytest.raises(TasbError, match="nothing was read into it"):
        convert(empty)


# --- pools -------------------------------------------------------------------------


def test_a_pool_has_the_first_documents_of_each_run() -> None:
    found = pool(trec_runs(FIRST, SECOND), depth=2)
    assert found.pool == {"q1": {"a", "b", "d"}, "q2": {"x"}, "q3": {"y"}}
    assert found.get_total_pool_size() == 5


def test_a_pool_breaks_ties_as_trec_eval() -> None:
    run = to_trec_run({"1": {"a": 1.0, "b": 1.0}})
    run.run_data = run.run_data.sort_values("docid")
    assert pool([run], depth=1).pool == {"1": {"b"}}


@pytest.mark.parametrize(
    ("strategy", "depth", "expected"),
    [
        # 1/61 + 1/62 for b twice first of three, 1/61 + 1/62 for a.
        ("rrf", 1, {"q1": {"b"}, "q2": {"x"}, "q3": {"y"}}),
        ("rbp", 2, {"q1": {"a", "b"}, "q2": {"x"}, "q3": {"y"}}),
    ],
)
def test_pools_by_rank_take_any_qid(
    strategy: str, depth: int, expected: dict[str, set[str]]
) -> None:
    assert pool(trec_runs(FIRST, SECOND, THIRD), depth, strategy).pool == expected


def test_an_unknown_pool_strategy_is_refused() -> None:
    with pytest.raises(TasbError, match="'mtf': expected topX, rbp or rrf"):
        pool(trec_runs(FIRST), strategy="mtf")


# --- fusion ------------------------------------------------------------------------


@pytest.mark.parametrize("method", SCORE_FUSION)
@settings(max_examples=15)
@given(first=runs, second=runs)
def test_two_runs_are_fused_as_by_trectools(
    method: str, first: Run, second: Run
) -> None:
    pair = trec_runs(first, second)
    theirs = from_trec_run(trectools_fusion.combos(pair, method))
    ours = from_trec_run(fuse(pair, method))
    assert ours.keys() == theirs.keys()
    for qid, hits in ours.items():
        assert hits == pytest.approx(theirs[qid], rel=1e-6)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("sum", {"b": 12.0, "d": 8.0, "a": 3.5, "c": 1.0}),
        ("max", {"b": 9.0, "d": 8.0, "a": 3.0, "c": 1.0}),
        ("min", {"d": 8.0, "c": 1.0, "b": 1.0, "a": 0.5}),
        ("anz", {"d": 8.0, "b": 4.0, "a": 1.75, "c": 1.0}),
        ("mnz", {"b": 36.0, "d": 8.0, "a": 7.0, "c": 1.0}),
        ("med", {"d": 8.0, "b": 2.0, "a": 1.75, "c": 1.0}),
    ],
)
def test_three_runs_are_fused_by_hand(method: str, expected: dict[str, float]) -> None:
    fused = from_trec_run(fuse(trec_runs(FIRST, SECOND, THIRD), method))
    assert list(fused["q1"].items()) == list(expected.items())
    assert fused["q2"] == {"x": 1.0}
    assert fused["q3"] == {"y": 1.0}


def test_fusion_of_ranks_by_hand() -> None:
    of = trec_runs(FIRST, SECOND, THIRD)
    reciprocal = from_trec_run(fuse(of, "rrf", k=2))["q1"]
    assert reciprocal == pytest.approx({"b": 1 / 62 + 2 / 61, "a": 1 / 61 + 1 / 62})
    biased = from_trec_run(fuse(of, "rbp"))["q1"]
    assert biased == pytest.approx(
        {"b": 0.16 + 0.4, "a": 0.2 + 0.16, "d": 0.16, "c": 0.128}
    )


def test_the_cut_of_a_fused_run_keeps_the_ties_that_trec_eval_puts_first() -> None:
    tied = trec_runs({"1": {"a": 1.0}}, {"1": {"b": 1.0}})
    for method in ("rrf", "rbp", "sum"):
        fused = fuse(tied, method, k=1)
        assert fused.run_data["docid"].tolist() == ["b"]
        assert fused.get_runid() == f"trectools-{method}"


def test_an_unknown_fusion_is_refused() -> None:
    with pytest.raises(
        TasbError, match="fusion 'borda': expected one of rrf, rbp, sum"
    ):
        fuse(trec_runs(FIRST), "borda")
