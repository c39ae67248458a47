"""The setting of BM25 is chosen too; folds are measured with the others' choice."""

import pytest

from tasb_pyserini.evaluation.measures import Measure, evaluate
from tasb_pyserini.formats.records import Run
from tasb_pyserini.search.fusion.fuse import fuse_runs
from tasb_pyserini.search.fusion.rule import Fusion
from tasb_pyserini.search.tuning.candidates import Candidates, Setting
from tasb_pyserini.search.tuning.choose import Choice, choose
from tasb_pyserini.search.tuning.objective import Objective
from tasb_pyserini.search.tuning.sample import cut_folds
from tasb_pyserini.search.tuning.tune import held_out_hits, tune, tune_runs
from tests.search.fusion.slow import random_runs
from tests.search.tuning.judged import RR10, make_candidates, random_qrels


def setting_runs() -> dict[Setting, Run]:
    """Return sparse sides of three settings, the last two alike."""
    one, two = (random_runs(seed, 1, 12)[0] for seed in (1, 2))
    return {Setting(0.9, 0.4): one, Setting(0.9, 0.7): two, Setting(1.2, 0.7): two}


def test_the_best_setting_is_chosen_and_of_equals_the_first() -> None:
    qrels, dense = random_qrels(5, 12), random_runs(9, 1, 12)[0]
    objective = Objective(measure=Measure("nDCG", 10))
    fusion = Fusion(method="interpolation", alpha=1)
    sides = setting_runs()
    alone = {
        setting: tune(make_candidates([side, dense], qrels, fusion, objective))
        for setting, side in sides.items()
    }
    best = max(alone, key=lambda setting: alone[setting].choice.interval.value)
    made = Candidates(sides.__getitem__, dense, list(qrels), qrels, fusion, objective)
    found = tune(made, list(sides))
    assert found.choice.setting == best
    assert found.value == alone[best].value
    assert found.sparse == alone[best].sparse


def test_each_fold_is_measured_with_the_choice_of_the_others() -> None:
    qrels, dense = random_qrels(5, 12), random_runs(9, 1, 12)[0]
    objective = Objective(measure=Measure("nDCG", 10))
    fusion = Fusion(method="interpolation", alpha=1)
    sides = setting_runs()
    folds = cut_folds(list(qrels), 3, seed=1)
    assert sorted(qid for fold in folds for qid in fold) == sorted(qrels)
    made = Candidates(sides.__getitem__, dense, list(qrels), qrels, fusion, objective)
    found = tune(made, list(sides), folds)
    hits = dict(held_out_hits(made, found.folds, 7))
    assert set(hits) == set(qrels)
    for held, fold in zip(folds, found.folds, strict=True):
        rest = {qid: grades for qid, grades in qrels.items() if qid not in held}
        again = Candidates(
            sides.__getitem__, dense, list(rest), rest, fusion, objective
        )
        choice = tune(again, list(sides)).choice
        assert (fold.choice.setting, fold.choice.fusion) == (
            choice.setting,
            choice.fusion,
        )
        part = {qid: qrels[qid] for qid in held}
        lists = [sides[choice.setting], dense]
        fused = fuse_runs(lists, choice.fusion, 1000)
        values = evaluate(fused, part, [objective.measure])[objective.measure]
        assert fold.held_out == pytest.approx(values)
        for qid in held:
            assert list(hits[qid].items()) == list(fused[qid].items())[:7]


def test_the_order_of_queries_and_hits_changes_nothing() -> None:
    sparse, dense = random_runs(11, 2, 20)
    qrels = random_qrels(11, 20)
    turned = [
        {qid: dict(reversed(hits.items())) for qid, hits in reversed(run.items())}
        for run in (sparse, dense)
    ]
    one = tune_runs(sparse, dense, qrels, RR10)
    other = tune_runs(turned[0], turned[1], dict(reversed(qrels.items())), RR10)
    assert one.choice.fusion == other.choice.fusion
    assert (one.value, one.sparse, one.dense) == (
        other.value,
        other.sparse,
        other.dense,
    )


def test_the_setting_is_chosen_by_the_interval_that_is_kept() -> None:
    """B's curve is higher where two lines cross, on no alpha that could be written."""
    a, b = Setting(0.9, 0.4), Setting(1.2, 0.4)
    first = {"d0": 0.8, "d1": 0.1, "d2": 0.7, "d3": 0.5, "d4": 0.9, "d5": 0.1}
    sparse = {
        a: {"q": first | {"d2": 0.75}, "r": {"e0": 0.5, "e1": 0.9, "e2": 0.1}},
        b: {"q": first, "r": {"e0": 0.1, "e1": 0.9, "e2": 0.5}},
    }
    dense = {
        "q": {"d0": 0.6, "d1": 0.4, "d2": 0.8, "d3": 0.8, "d4": 0.4, "d5": 0.3},
        "r": {"e0": 0.4, "e1": 0.5, "e2": 0.4},
    }
    qrels = {"q": {"d0": 1}, "r": {"e0": 1}}
    fusion = Fusion(method="interpolation", alpha=1)

    def chosen(*settings: Setting) -> Choice:
        candidates = Candidates(
            sparse.__getitem__,
            dense,
            ["q", "r"],
            qrels,
            fusion,
            Objective(measure=RR10),
        )
        [choice] = choose(candidates, settings, [["q", "r"]])
        return choice

    assert chosen(a).interval.value > chosen(b).interval.value
    assert chosen(a, b).setting == chosen(b, a).setting == a
