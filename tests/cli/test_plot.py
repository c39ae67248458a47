"""tasb plot: pictures and their numbers from run files, and one line on misuse."""

import csv
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tests.cli.ranks import QRELS, RANKS, trec_run

# Sparse finds a of query 1, dense b of query 2; hybrid both between 0.5 and 2, where
# 0.5 * 4 + 1 = 3 passes 1 * 1 + 2 of query 1, and 2 of query 2.
SPARSE = "1 Q0 a 1 4 s\n1 Q0 x 2 1 s\n2 Q0 y 1 4 s\n2 Q0 b 2 3 s\n"
DENSE = "1 Q0 x 1 3 d\n1 Q0 a 2 1.5 d\n2 Q0 b 1 6 d\n2 Q0 y 2 4 d\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("qrels.txt").write_text(QRELS)
    for name, ranks in RANKS.items():
        Path(name).write_text(trec_run(ranks))
    Path("points.csv").write_text(
        "system,ms_per_query,RR@10\nbm25,50,.2\nslow,90,.1\ntasb,60,.3\n"
    )


def plot(*words: str) -> int:
    return main(["plot", *words])


def table(path: str = "out.csv") -> list[list[str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def texts(path: str = "out.svg") -> list[str]:
    root = ElementTree.parse(path).getroot()
    found = root.iter("{http://www.w3.org/2000/svg}text")
    return ["".join(text.itertext()) for text in found]


FIGURES = {
    "recall": ["base", "best", "--qrels", "qrels.txt"],
    "queries": ["base", "good", "--qrels", "qrels.txt", "--measure", "RR"],
    "latency": ["points.csv", "--measure", "RR@10"],
    "alpha": ["base", "good", "--qrels", "qrels.txt", "--measure", "RR"],
}


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_is_png_svg_and_csv_and_the_same_again(figure: str) -> None:
    names = ["out.png", "out.svg"]
    assert plot(figure, *FIGURES[figure], "--output", *names) == 0
    assert Path("out.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert texts()
    first = [Path(name).read_bytes() for name in (*names, "out.csv")]
    # In another process' order, one by one.
    for name in reversed(names):
        assert plot(figure, *FIGURES[figure], "--output", name) == 0
    assert [Path(name).read_bytes() for name in (*names, "out.csv")] == first


def test_recall_of_runs_under_names_of_their_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("--cutoffs", "2", "1", "--names", "BM25, tuned", "TAS-B $")
    assert plot("recall", *FIGURES["recall"], *words, "--output", "out.svg") == 0
    assert table() == [
        ["cutoff", "BM25, tuned", "TAS-B $"],
        ["1", "0.25", "1.0"],
        ["2", "0.75", "1.0"],
    ]
    shown = texts()
    for label in ("BM25, tuned", "TAS-B $", "recall, mean of 4 queries", "1", "2"):
        assert label in shown
    assert capsys.readouterr().err == (
        "tasb plot: base: 1 of 4 judged queries have no results and count 0\n"
    )


def test_runs_that_end_before_the_last_cutoff_are_pointed_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert plot("recall", "best", "--qrels", "qrels.txt", "--output", "out.svg") == 0
    assert capsys.readouterr().err == (
        "tasb plot: best: no query has more than 2 hits, so its recall is the same at "
        "all cutoffs from there\n"
    )
    assert [row[0] for row in table()[1:]] == [
        "1",
        "2",
        "5",
        "10",
        "20",
        "50",
        "100",
        "200",
        "500",
        "1000",
    ]
    assert "1,000" in texts()


def test_runs_of_one_file_name_are_called_by_their_paths() -> None:
    for name in ("one", "two"):
        Path(name).mkdir()
        Path(name, "run").write_text(trec_run(RANKS["best"]))
    words = ("one/run", "two/run", "--qrels", "qrels.txt", "--output", "out.svg")
    assert plot("recall", *words) == 0
    assert table()[0] == ["cutoff", "one/run", "two/run"]


def test_queries_are_named_where_runs_differ_most() -> None:
    # RR of queries 1 to 4: base 1 ½ ½ 0, good 1 1 ½ ½; the other way about they lose.
    assert plot("queries", *FIGURES["queries"], "--output", "out.svg") == 0
    assert table() == [
        ["qid", "base", "good", "difference"],
        ["2", "0.5", "1.0", "0.5"],
        ["4", "0.0", "0.5", "0.5"],
        ["1", "1.0", "1.0", "0.0"],
        ["3", "0.5", "0.5", "0.0"],
    ]
    shown = texts()
    for label in ("RR: good less base", "better: 2", "worse: 0", "mean: +0.2500"):
        assert label in shown
    assert "4 judged queries, 2 equal" in shown
    assert {"2", "4"} <= set(shown)
    assert not {"1", "3"} & set(shown)


def test_a_relevance_level_stands_beside_the_measure() -> None:
    Path("two.txt").write_text("1 0 a 2\n2 0 a 1\n")
    level = ("--qrels", "two.txt", "-l", "2", "--output", "out.svg")
    assert plot("queries", "base", "good", *level, "--measure", "RR") == 0
    assert "RR(rel=2): good less base" in texts()
    assert table()[1:] == [["1", "1.0", "1.0", "0.0"], ["2", "0.0", "0.0", "0.0"]]
    assert plot("alpha", "base", "good", *level, "--measure", "RR") == 0
    assert "RR(rel=2), mean of 2 queries" in texts()
    assert plot("recall", "base", *level) == 0
    assert "recall, mean of 2 queries, grades from 2" in texts()


def test_runs_that_are_equal_everywhere_are_drawn() -> None:
    Path("copy").write_text(Path("good").read_text())
    words = ("good", "copy", "--qrels", "qrels.txt", "--output", "out.svg")
    assert plot("queries", *words) == 0
    assert "4 judged queries, 4 equal" in texts()


def test_latency_marks_the_front_and_names_every_system() -> None:
    assert plot("latency", *FIGURES["latency"], "--output", "out.svg") == 0
    assert table() == [
        ["system", "ms_per_query", "RR@10", "pareto"],
        ["bm25", "50.0", "0.2", "yes"],
        ["slow", "90.0", "0.1", "no"],
        ["tasb", "60.0", "0.3", "yes"],
    ]
    shown = texts()
    for label in ("bm25", "slow", "tasb", "Pareto front", "beaten by another", "RR@10"):
        assert label in shown


def test_latency_of_a_pipeline_and_a_table_together(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stage = {"reranking": [], "depths": [], "measures": {"RR@10": 0.25}}
    stages = [
        stage | {"retrieval": "dense", "ms_per_query_in_all": 70.0},
        stage | {"retrieval": "killed", "ms_per_query_in_all": None},
    ]
    Path("stages.json").write_text(json.dumps({"stages": stages}))
    words = ("stages.json", "points.csv", "--measure", "MRR@10", "--output", "out.svg")
    assert plot("latency", *words) == 0
    assert [row[0] for row in table()[1:]] == ["dense", "bm25", "slow", "tasb"]
    assert [row[3] for row in table()[1:]] == ["no", "yes", "no", "yes"]
    assert capsys.readouterr().err == (
        "tasb plot: stages.json: left out, since time or MRR@10 is not known: killed\n"
    )


def test_alpha_is_best_where_both_sides_are_right() -> None:
    Path("s").write_text(SPARSE)
    Path("d").write_text(DENSE)
    Path("two.txt").write_text("1 0 a 1\n2 0 b 1\n")
    words = ("s", "d", "--qrels", "two.txt", "--measure", "RR", "--output", "out.svg")
    assert plot("alpha", *words) == 0
    rows = table()
    assert rows[0] == ["run", "alpha", "RR"]
    curve = [
        (float(alpha), float(value)) for run, alpha, value in rows if run == "hybrid"
    ]
    assert len(curve) == 601
    for alpha, value in curve:
        assert value == (1.0 if 0.5 < alpha < 2 else 0.75)
    assert rows[-3][0] == "best"
    assert [float(cell) for cell in rows[-3][1:]] == pytest.approx([1.0, 1.0])
    assert rows[-2:] == [["dense alone", "", "0.75"], ["sparse alone", "", "0.75"]]
    for label in ("dense alone", "sparse alone", "best: 1", "RR, mean of 2 queries"):
        assert label in texts()


def test_tune_draws_the_same_curve() -> None:
    Path("s").write_text(SPARSE)
    Path("d").write_text(DENSE)
    Path("two.txt").write_text("1 0 a 1\n2 0 b 1\n")
    same = ("--qrels", "two.txt", "--measure", "RR")
    assert plot("alpha", "s", "d", *same, "--output", "out.svg") == 0
    assert main(["tune", "--runs", "s", "d", *same, "--figure", "tuned.svg"]) == 0
    for ending in ("svg", "csv"):
        one, two = Path(f"out.{ending}"), Path(f"tuned.{ending}")
        assert one.read_bytes() == two.read_bytes()


Q = ("--qrels", "qrels.txt")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["recall", "base", *Q, "--output", "a.jpg"], "a.jpg: expected a name that en"),
        (["recall", "base", "base", *Q], "base: given twice; expected each run once"),
        (["recall", "none", *Q], "none: no query is judged in qrels.txt (the first a"),
        (["recall", "absent", *Q], "absent: no such file"),
        (["recall", "base", *Q, "-l", "0"], "relevance level 0: expected at least 1"),
        (["recall", "base", *Q, "--names", "a", "b"], "--names a b: expected 1 that d"),
        (
            ["queries", "base", "best", *Q, "--names", "a", "a"],
            "--names a a: expected 2 that differ, one a run",
        ),
        (["queries", "base", "none", *Q], "none: no query is judged in qrels.txt (th"),
        (["queries", "best", "best", *Q], "best: given twice; expected each run once"),
        (
            ["queries", "best", "good", *Q, "--measure", "NDGC@10"],
            "unknown measure 'NDGC@10': expected nDCG, RR",
        ),
        (["alpha", "best", "none", *Q], "none: no query is judged in qrels.txt (the "),
        (["alpha", "best", "good", *Q, "--measure", "R"], "measure R: expected a cuto"),
        (["latency", "points.csv"], "points.csv:2: unknown measure 'nDCG@10'; known: "),
        (["latency", "none"], "none: unknown kind; expected a .csv file, or .json of"),
        (["latency", "empty.csv"], "empty.csv: no systems; expected at least one to "),
        (
            ["latency", "points.csv", "--output", "points.svg"],
            "points.csv: is read, and points.svg would write over it; expected another",
        ),
        (["recall", "best", *Q, "--output", "."], ".: expected a name that ends in .p"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(
    capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    Path("none").write_text("9 Q0 a 1 1 x\n")
    Path("empty.csv").write_text("system,ms_per_query,nDCG@10\n")
    # Query 4 of the baseline is filled, so that nothing else is said.
    Path("base").write_text(trec_run([1, 2, 2, 2]))
    before = set(Path().iterdir())
    output = [] if "--output" in words else ["--output", "a.png"]
    assert plot(*words, *output) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tasb plot: ")
    assert message in err
    assert err.count("\n") == 1
    assert set(Path().iterdir()) == before


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["pie", "base"],
        ["recall", "base", *Q],
        ["recall", "base", *Q, "--cutoffs", "0", "--output", "a.png"],
        ["queries", "base", *Q, "--output", "a.png"],
    ],
)
def test_wrong_usage_has_status_two(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        plot(*words)
    assert ended.value.code == 2
