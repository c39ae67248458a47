"""The adapter's evaluator is trec_eval where trectools itself is not."""

from pathlib import Path
from typing import Any

import pytest
from trectools import TrecEval, TrecQrel, TrecRun

from tasb_pyserini.evaluation.trectools_adapter import to_trec_qrel, to_trec_run
from tasb_pyserini.evaluation.trectools_measures import ExactTrecEval
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.records import Qrels, Run
from tasb_pyserini.formats.runs import read_run
from tests.conftest import Collections
from tests.evaluation.awkward import write_dl20_run, write_random
from tests.evaluation.trec_eval import anserini_trec_eval, trec_eval

DEPTHS = (5, 10, 15, 20, 30, 100, 200, 500, 1000)
SAME = ["map", "gm_map", "bpref", "Rprec", "recip_rank"]
COUNTS = ["num_ret", "num_rel", "num_rel_ret", "num_q"]
CUT = {"P": "P", "R": "recall", "NDCG": "ndcg_cut"}

# Grades 2, 1 and 0 for the first query, which has a tie; the second has no judgment of
# "not relevant", the third nothing relevant, the fourth no results; 9 is not judged.
QRELS = {"q1": {"a": 2, "b": 1, "c": 0}, "2": {"b": 2}, "3": {"a": 0}, "4": {"a": 1}}
RUN = {
    "q1": {"c": 2.0, "a": 1.0, "b": 1.0, "u": 0.5},
    "2": {"b": 1.0},
    "3": {"a": 1.0},
    "9": {"a": 1.0},
}


def exact(run: Run, qrels: Qrels, level: int = 1) -> ExactTrecEval:
    of = to_trec_run(run, "tag"), to_trec_qrel(qrels)
    return ExactTrecEval(*of, relevance_level=level)


def results(evaluator: TrecEval) -> dict[tuple[str, str], str]:
    """Return everything that trectools evaluates, as trec_eval would name and print it.

    Counts are whole numbers; the name of the run is left out.
    """
    names = {name: name for name in SAME}
    for ours, theirs in CUT.items():
        names |= {f"{ours}_{depth}": f"{theirs}_{depth}" for depth in DEPTHS}
    found = {}
    for row in evaluator.evaluate_all(per_query=True).data.itertuples():
        if row.metric in names:
            found[names[row.metric], row.query] = f"{row.value:.4f}"
        elif row.metric in COUNTS:
            found[row.metric, row.query] = str(int(row.value))
    return found


@pytest.fixture(scope="module")
def caller() -> Any:
    pytest.importorskip("pyserini")
    return anserini_trec_eval()


def assert_equal(caller: Any, qrels: Path, run: Path, level: int) -> None:
    """Compare all that trectools' evaluate_all gives, per query and in the mean."""
    cutoffs = ",".join(map(str, DEPTHS))
    names = [*SAME, *COUNTS, *(f"{name}.{cutoffs}" for name in CUT.values())]
    asked = [word for name in names for word in ("-m", name)]
    theirs = trec_eval(caller, qrels, run, "-q", "-c", "-l", str(level), *asked)
    found = results(exact(read_run(run), read_qrels(qrels), level))
    # trec_eval prints no line of a query without results, and -c counts it as 0; it
    # counts nothing for it either, where trectools counts its relevant documents.
    shared = {qid for _, qid in theirs}
    absent = {key: value for key, value in found.items() if key[1] not in shared}
    assert {v for (name, _), v in absent.items() if name not in COUNTS} <= {"0.0000"}
    kept = {key: value for key, value in found.items() if key not in absent}
    for name in COUNTS:
        for of in (kept, theirs):
            for qid in shared - {"all"}:
                of.pop((name, qid), None)
    if level > 1:
        # With -c trec_eval counts the relevant ones of level 1, whatever -l is.
        del kept["num_rel", "all"], theirs["num_rel", "all"]
    assert kept == theirs


# pandas deprecates what trectools does.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")


@pytest.mark.pyserini
@pytest.mark.parametrize("level", [1, 2])
def test_200_topics_of_which_54_are_judged_have_the_values_of_trec_eval(
    caller: Any, tmp_path: Path, collections: Collections, level: int
) -> None:
    folder = collections("msmarco-topics-qrels")
    run = write_dl20_run(tmp_path, folder)
    assert_equal(caller, folder / "qrels.dl20-passage.txt", run, level)


@pytest.mark.pyserini
@pytest.mark.parametrize("level", [1, 2])
def test_random_runs_have_the_values_of_trec_eval(
    caller: Any, tmp_path: Path, level: int
) -> None:
    for seed in range(1, 10):
        assert_equal(caller, *write_random(tmp_path, seed), level)


@pytest.mark.pyserini
def test_trectools_alone_is_far_off_on_the_same_run(
    caller: Any, tmp_path: Path, collections: Collections
) -> None:
    """The reason for the adapter; if it fails, trectools was mended."""
    qrels = collections("msmarco-topics-qrels") / "qrels.dl20-passage.txt"
    run = write_dl20_run(tmp_path, qrels.parent)
    theirs = trec_eval(caller, qrels, run, "-c", "-m", "ndcg_cut.10")
    right = float(theirs["ndcg_cut_10", "all"])
    alone = TrecEval(TrecRun(str(run)), TrecQrel(str(qrels))).get_ndcg(10)
    # A mean over 198 topics where 54 are judged, and ties the other way round.
    assert alone < right / 3
    through = exact(read_run(run), read_qrels(qrels)).get_ndcg(10)
    assert f"{through:.4f}" == f"{right:.4f}"


def test_values_by_hand() -> None:
    # Of q1 the order is c b a u: b before a, whose docid sorts first.
    evaluator = exact(RUN, QRELS)
    assert evaluator.get_reciprocal_rank() == (1 / 2 + 1 + 0 + 0) / 4
    assert evaluator.get_reciprocal_rank(depth=1) == 1 / 4
    assert evaluator.get_map() == pytest.approx(((1 / 2 + 2 / 3) / 2 + 1) / 4)
    assert evaluator.get_precision(2) == pytest.approx((1 / 2 + 1 / 2) / 4)
    assert evaluator.get_recall(2) == pytest.approx((1 / 2 + 1) / 4)
    assert evaluator.get_rprec() == pytest.approx((1 / 2 + 1) / 4)
    # c, not relevant, comes before both of q1; of 2 nothing was judged not relevant.
    assert evaluator.get_bpref() == 1 / 4
    assert evaluator.get_bpref(per_query=True)["Bpref@1000"].to_dict() == {
        "2": 1.0,
        "3": 0.0,
        "4": 0.0,
        "q1": 0.0,
    }


def test_a_relevance_level_moves_all_but_ndcg() -> None:
    one, two = exact(RUN, QRELS), exact(RUN, QRELS, level=2)
    assert two.get_ndcg(10) == one.get_ndcg(10)
    assert two.get_reciprocal_rank() == pytest.approx((1 / 3 + 1) / 4)
    assert two.get_recall(10) == 2 / 4


def test_unjudged_documents_can_be_left_out_as_with_j() -> None:
    run = {"1": {"u": 3.0, "a": 2.0}}
    evaluator = exact(run, {"1": {"a": 1}})
    assert evaluator.get_precision(1) == 0
    assert evaluator.get_precision(1, removeUnjudged=True) == 1
    assert evaluator.get_ndcg(1, removeUnjudged=True) == 1
    assert evaluator.get_reciprocal_rank(removeUnjudged=True) == 1
    assert evaluator.get_rprec(removeUnjudged=True) == 1


def test_measures_of_trectools_alone_are_over_the_judged_topics() -> None:
    evaluator = exact(RUN, QRELS)
    # RBP with p .8: ranks 2 and 3 tie in q1 and share .16 + .128; rank 1 gives .2.
    value, _ = evaluator.get_rbp(p=0.8)
    assert value == pytest.approx((0.16 + 0.128 + 0.2) / 4)
    gain = evaluator.get_ndcg(10, trec_eval=False)
    assert gain != evaluator.get_ndcg(10)


def test_a_table_per_query_has_every_judged_topic() -> None:
    table = exact(RUN, QRELS).get_recall(10, per_query=True)
    assert table.index.name == "query"
    assert table["R@10"].to_dict() == {"2": 1.0, "3": 0.0, "4": 0.0, "q1": 1.0}


def test_grades_below_zero_are_not_judgments_of_bpref() -> None:
    run = {"1": {"spam": 2.0, "a": 1.0}, "2": {"spam": 1.0}}
    evaluator = exact(run, {"1": {"spam": -1, "a": 1}, "2": {"spam": -1}})
    assert evaluator.get_bpref(per_query=True)["Bpref@1000"].to_dict() == {
        "1": 1.0,
        "2": 0.0,
    }
    assert evaluator.get_map() == 0.25


def test_a_run_of_other_topics_is_refused() -> None:
    with pytest.raises(TasbError, match="no query is judged in the qrels"):
        exact({"x": {"a": 1.0}}, QRELS)
