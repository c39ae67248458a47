"""tasb compare: paired tests over the judged queries, and clear words on misuse."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tasb_pyserini.cli.main import main
from tasb_pyserini.evaluation.measures import Measure, evaluate
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.runs import read_run, write_run
from tasb_pyserini.search.sparse import bm25_run, open_lucene
from tests.cli.ranks import QRELS, RANKS, trec_run
from tests.conftest import Collections
from tests.search.scifact import make_part


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("qrels.txt").write_text(QRELS)
    for name, ranks in RANKS.items():
        Path(name).write_text(trec_run(ranks))
    return tmp_path


def tasb_compare(*words: str, measures: tuple[str, ...] = ("RR",)) -> int:
    return main(["compare", *words, "--qrels", "qrels.txt", "--measures", *measures])


def report_of(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert tasb_compare(*words, "--json") == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_json_of_the_t_test(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = report_of(capsys, "base", "good", "best")
    assert report["queries"] == 4
    assert report["test"] == "Student's paired t-test, two-sided"
    assert report["correction"] == "holm"
    assert report["family"] == "the comparisons on one measure"
    measured = report["measures"]["RR"]
    assert measured["means"] == {"base": 0.5, "good": 0.75, "best": 1.0}
    good, best = measured["comparisons"]
    # Apart by 0 ½ 0 ½ and 0 ½ ½ 1.
    first = stats.ttest_rel([1, 1, 0.5, 0.5], [1, 0.5, 0.5, 0])
    second = stats.ttest_rel([1, 1, 1, 1], [1, 0.5, 0.5, 0])
    assert good["p"] == pytest.approx(first.pvalue)
    assert best["p"] == pytest.approx(second.pvalue)
    assert best["corrected_p"] == pytest.approx(2 * second.pvalue)
    assert good["corrected_p"] == pytest.approx(max(first.pvalue, 2 * second.pvalue))
    assert [good[key] for key in ("baseline", "run", "difference")] == [
        *("base", "good"),
        0.25,
    ]
    assert [good[key] for key in ("wins", "ties", "losses")] == [2, 2, 0]
    assert not good["significant"]
    assert good["interval"][0] < 0.25 < good["interval"][1]


def test_json_of_the_randomisation_test(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--test", "randomisation", "--correction", "none", "--alpha", "0.25")
    report = report_of(capsys, "base", "good", "best", *words)
    assert report["test"].startswith("Fisher's paired randomisation test")
    found = report["measures"]["RR"]["comparisons"]
    assert [of["p"] for of in found] == [2 / 4, 2 / 8]
    assert [of["corrected_p"] for of in found] == [2 / 4, 2 / 8]
    assert [of["significant"] for of in found] == [False, True]


def test_all_pairs_are_one_family(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--all-pairs", "--correction", "bonferroni", "--test", "randomisation")
    report = report_of(capsys, "base", "good", "best", *words)
    found = report["measures"]["RR"]["comparisons"]
    pairs = [("base", "good"), ("base", "best"), ("good", "best")]
    assert [(of["baseline"], of["run"]) for of in found] == pairs
    assert [of["corrected_p"] for of in found] == [1.0, 3 * 2 / 8, 1.0]


def test_missing_queries_count_0_with_a_word_and_unjudged_ones_not_at_all(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb_compare("base", "best", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["measures"]["RR"]["means"]["base"] == 0.5
    assert err == (
        "tasb compare: base: 1 of 4 judged queries have no results and count 0\n"
    )


def test_the_table_has_a_row_a_run_below_its_baseline(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--test", "randomisation", "--all-pairs")
    assert tasb_compare("base", "good", "best", *words) == 0
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines()]
    rows = [row for row in rows if row and row[0] in RANKS]
    assert [row[:2] for row in rows] == [
        *(["base", "0.5000"], ["good", "0.7500"], ["best", "1.0000"]),
        *(["good", "0.7500"], ["best", "1.0000"]),
    ]
    assert [row[2] for row in rows if len(row) > 2] == ["+0.2500", "+0.5000", "+0.2500"]
    assert rows[2][5:] == ["0.7500", "+1.22", "3/1/0"]
    for words_of_it in (
        "95% interval",
        "p holm",
        "d_z",
        "4 judged queries",
        "3 compar",
    ):
        assert words_of_it in out


def test_tables_name_the_relevance_level_of_binary_measures(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("qrels.txt").write_text(QRELS.replace(" 1\n", " 2\n"))
    assert tasb_compare("base", "good", "-l", "2") == 0
    assert "RR(rel=2)" in capsys.readouterr().out.split()


def test_per_query_values_are_written_unrounded(folder: Path) -> None:
    words = ("--per-query", "out/queries.tsv")
    assert tasb_compare("base", "best", *words, measures=("RR", "nDCG@10")) == 0
    with open("out/queries.tsv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, "excel-tab"))
    assert rows[:5] == [
        ["measure", "qid", "base", "best"],
        ["RR", "1", "1.0", "1.0"],
        ["RR", "2", "0.5", "1.0"],
        ["RR", "3", "0.5", "1.0"],
        ["RR", "4", "0.0", "1.0"],
    ]
    assert rows[6] == ["nDCG@10", "2", "0.6309297535714575", "1.0"]
    assert len(rows) == 9


def test_identical_runs_have_p_1(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("copy").write_text(Path("good").read_text())
    for test in ("t", "randomisation"):
        report = report_of(capsys, "good", "copy", "--test", test)
        (found,) = report["measures"]["RR"]["comparisons"]
        assert (found["difference"], found["p"], found["corrected_p"]) == (0, 1, 1)
        assert (found["interval"], found["cohens_d_z"]) == ([0, 0], 0)
        assert [found[key] for key in ("wins", "ties", "losses")] == [0, 4, 0]


def test_differences_without_spread_are_pointed_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("low").write_text(trec_run([2, 2, 2, 2]))
    assert tasb_compare("low", "best", "--json") == 0
    out, err = capsys.readouterr()
    (found,) = json.loads(out)["measures"]["RR"]["comparisons"]
    assert (found["p"], found["statistic"], found["cohens_d_z"]) == (0.0, None, None)
    assert err == (
        "tasb compare: best: RR of every query differs from low by +0.5000; without "
        "spread the t-test gives p = 0; --test randomisation needs none\n"
    )
    assert tasb_compare("low", "best") == 0
    assert "+inf" in capsys.readouterr().out


def test_an_interval_that_has_no_ends_is_null_in_json(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = report_of(capsys, "base", "good", "--alpha", "1e-300")
    (comparison,) = report["measures"]["RR"]["comparisons"]
    assert comparison["interval"] == [None, None]
    assert comparison["difference"] == 0.25


def test_a_seed_and_the_same_runs_give_the_same_report(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("base", "best", "--test", "randomisation", "--permutations", "5")
    first = report_of(capsys, *words, "--seed", "3")
    assert report_of(capsys, *words, "--seed", "3") == first


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["base", "base"], "base: given twice; expected each run once"),
        (["base", "good", "./good"], "good: given twice; expected each run once"),
        (["base", "none"], "none: no query is judged in qrels.txt (the first are '9'"),
        (["base", "absent"], "absent: no such file"),
        (["base", "good", "--alpha", "5"], "alpha 5.0: expected a number between 0"),
        (["base", "good", "--seed", "-1"], "seed -1: expected at least 0"),
        (["base", "good", "-l", "0"], "relevance level 0: expected at least 1"),
        (["base", "good", "--measures", "NDGC@10"], "did you mean nDCG@10?"),
        (["base", "good", "--qrels", "one.txt"], "one.txt: 1 judged query; expected 2"),
        (
            ["base", "good", "--per-query", "."],
            "is a folder; expected the name of a fi",
        ),
    ],
)
def test_bad_input_gives_one_line_and_status_one(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    Path("none").write_text("9 Q0 a 1 1 x\n")
    Path("one.txt").write_text("1 0 a 1\n")
    # Query 4 of the baseline is filled, so that nothing else is said.
    Path("base").write_text(trec_run([1, 2, 2, 2]))
    assert main(["compare", "--qrels", "qrels.txt", *words]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tasb compare: ")
    assert err.count("\n") == 1
    assert message in err


@pytest.mark.parametrize(
    "words", [["base"], ["base", "good", "--permutations", "0"], ["--test", "welch"]]
)
def test_wrong_usage_has_status_two(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        tasb_compare(*words)
    assert ended.value.code == 2


@pytest.mark.pyserini
def test_bm25_runs_of_scifact_are_compared_as_scipy_does(
    collections: Collections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On 300 judged queries, of which 250 were searched for."""
    pytest.importorskip("pyserini")
    data = collections("scifact")
    part = make_part(data, tmp_path, passages=2500, queries=250)
    lucene = open_lucene(part.lucene)
    for name, k1, b in (("plain", 0.9, 0.4), ("other", 2.0, 0.9)):
        run = bm25_run(lucene, part.topics, 100, k1=k1, b=b)
        write_run(tmp_path / name, run, name)
    paths = [tmp_path / "plain", tmp_path / "other"]
    words = ["compare", *map(str, paths), "--qrels", str(data / "qrels.txt")]
    assert main([*words, "--measures", "nDCG@10", "R@5", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err.count("of 300 judged queries have no results and count 0") == 2
    report = json.loads(out)
    qrels = read_qrels(data / "qrels.txt")
    for name, of in report["measures"].items():
        measure = Measure.parse(name)
        one, two = (evaluate(read_run(r), qrels, [measure])[measure] for r in paths)
        (found,) = of["comparisons"]
        expected = stats.ttest_rel([two[qid] for qid in qrels], list(one.values()))
        assert found["p"] == pytest.approx(expected.pvalue)
        assert found["statistic"] == pytest.approx(expected.statistic)
        means = of["means"].values()
        assert found["difference"] == pytest.approx(-float(np.subtract(*means)))
        assert found["wins"] + found["ties"] + found["losses"] == 300
    assert list(report["measures"]) == ["nDCG@10", "R@5"]


def test_names_with_brackets_are_printed_as_they_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("[red]").write_text(Path("good").read_text())
    assert tasb_compare("[red]", "best") == 0
    assert "[red]" in capsys.readouterr().out
