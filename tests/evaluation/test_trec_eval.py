"""Our measures are those of the real trec_eval to the last printed digit."""

from pathlib import Path
from typing import Any

import pytest

from tasb_pyserini.evaluation.measures import (
    Measure,
    describe_coverage,
    evaluate,
    mean,
    query_mean,
)
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.runs import read_run
from tests.conftest import Collections
from tests.evaluation.awkward import write_dl20_run, write_random
from tests.evaluation.trec_eval import Printed, anserini_trec_eval, trec_eval

pytestmark = pytest.mark.pyserini

CUTOFFS = (1, 3, 10, 100, 1000)
PLAIN = [Measure("nDCG"), Measure("AP"), Measure("RR")]
CUT = [Measure(name, k) for name in ("nDCG", "AP", "R", "P") for k in CUTOFFS]
CUT_RR = (1, 2, 10)


@pytest.fixture(scope="module")
def caller() -> Any:
    pytest.importorskip("pyserini")
    return anserini_trec_eval()


def printed(caller: Any, qrels: Path, run: Path, level: int, rr_cutoff: int) -> Printed:
    """Return trec_eval's values; RR cut at k by -M is called ``RR@k``."""
    options = ("-q", "-c", "-l", str(level))
    asked = [word for name in ("ndcg", "map", "recip_rank") for word in ("-m", name)]
    for name in ("ndcg_cut", "map_cut", "recall", "P"):
        asked += ["-m", f"{name}.{','.join(map(str, CUTOFFS))}"]
    values = trec_eval(caller, qrels, run, *options, *asked)
    cut = ("-M", str(rr_cutoff), "-m", "recip_rank")
    of_rr = trec_eval(caller, qrels, run, *options, *cut)
    return values | {
        (f"RR@{rr_cutoff}", qid): value for (_, qid), value in of_rr.items()
    }


def assert_equal(
    caller: Any, qrels: Path, run: Path, *, level: int, rr_cutoff: int = 10
) -> None:
    """Compare four decimals of every query and of all, of every measure."""
    theirs = printed(caller, qrels, run, level, rr_cutoff)
    measures = [*PLAIN, *CUT, Measure("RR", rr_cutoff)]
    ours = evaluate(read_run(run), read_qrels(qrels), measures, relevance_level=level)
    expected: Printed = {}
    found: Printed = {}
    for measure, values in ours.items():
        cut_rr = measure == Measure("RR", rr_cutoff)
        name = str(measure) if cut_rr else measure.trec_eval_name
        found |= {(name, qid): f"{value:.4f}" for qid, value in values.items()}
        # Of a query without results trec_eval prints no line; -c counts it as 0.
        expected |= {(name, qid): "0.0000" for qid in values}
        found[name, "all"] = f"{query_mean(values):.4f}"
    assert found == expected | theirs


@pytest.mark.parametrize("level", [1, 2])
def test_200_random_runs_have_the_values_of_trec_eval(
    caller: Any, tmp_path: Path, level: int
) -> None:
    for seed in range(200):
        qrels, run = write_random(tmp_path, seed)
        assert_equal(caller, qrels, run, level=level, rr_cutoff=CUT_RR[seed % 3])


def test_the_mean_of_queries_is_rounded_as_by_trec_eval(
    caller: Any, tmp_path: Path
) -> None:
    """Half way between two fourth decimals, the order of adding up decides."""
    found = {"10": 4, "2": 20, "9": 6, "A": 12, "a": 10, "z": 3, "é": 6, "😀": 6}
    assert sorted(found, key=str.encode) == list(found)
    qrels, run = tmp_path / "qrels.txt", tmp_path / "run.txt"
    last_first = list(found)[::-1]
    qrels.write_text(
        "".join(f"{qid} 0 d{n} 1\n" for qid in last_first for n in range(20))
    )
    run.write_text(
        "".join(
            f"{qid} Q0 d{n} 1 1 x\n" for qid in last_first for n in range(found[qid])
        )
    )
    recall = Measure("R", 100)
    values = evaluate(read_run(run), read_qrels(qrels), [recall])[recall]
    assert list(values) == last_first
    printed_mean = trec_eval(caller, qrels, run, "-c", "-m", "recall.100")
    assert printed_mean == {("recall_100", "all"): f"{query_mean(values):.4f}"}
    # Rounded once, 67 / 160 would print otherwise.
    assert f"{query_mean(values):.4f}" != f"{mean(values.values()):.4f}"


@pytest.mark.parametrize("level", [1, 2])
def test_200_topics_of_which_54_are_judged_with_ties_in_every_list(
    caller: Any, tmp_path: Path, collections: Collections, level: int
) -> None:
    """DL20 as people get it: facts that make a mean over all topics wrong."""
    folder = collections("msmarco-topics-qrels")
    run = write_dl20_run(tmp_path, folder)
    assert_equal(caller, folder / "qrels.dl20-passage.txt", run, level=level)


def test_without_c_trec_eval_leaves_out_what_we_count_as_zero(
    caller: Any, tmp_path: Path
) -> None:
    qrels, run = tmp_path / "qrels.txt", tmp_path / "run.txt"
    qrels.write_text("1 0 a 1\n2 0 a 1\n3 0 a 1\n4 0 a 1\n")
    run.write_text("1 Q0 a 1 1 x\n9 Q0 a 1 1 x\n")
    options = ("-m", "recip_rank")
    assert trec_eval(caller, qrels, run, *options) == {("recip_rank", "all"): "1.0000"}
    complete = trec_eval(caller, qrels, run, "-c", *options)
    values = evaluate(read_run(run), read_qrels(qrels), [Measure("RR")])[Measure("RR")]
    assert complete == {("recip_rank", "all"): f"{query_mean(values):.4f}"}
    assert query_mean(values) == 0.25


@pytest.mark.parametrize(
    ("judgments", "hits", "message"),
    [
        ("1 0 a 1\n1 0 a 1\n", "1 Q0 a 1 1 x\n", "docid a judged again"),
        ("1 0 a 1\n1 0 a 0\n", "1 Q0 a 1 1 x\n", "docid a judged again"),
        ("1 0 a 1\n", "1 Q0 a 1 2 x\n1 Q0 a 2 1 x\n", "docid a again for query 1"),
        ("1 0 a 1\n", "2 Q0 a 1 2 x\n", "no query is judged"),
    ],
    ids=["judged-twice", "judged-otherwise", "found-twice", "nothing-shared"],
)
def test_what_trec_eval_refuses_is_refused(
    caller: Any, tmp_path: Path, judgments: str, hits: str, message: str
) -> None:
    from jnius import JavaException

    qrels, run = tmp_path / "qrels.txt", tmp_path / "run.txt"
    qrels.write_text(judgments)
    run.write_text(hits)
    with pytest.raises(JavaException, match="non-zero exit code"):
        trec_eval(caller, qrels, run, "-c", "-m", "map")
    with pytest.raises(TasbError, match=message):
        describe_coverage(read_run(run), read_qrels(qrels))
