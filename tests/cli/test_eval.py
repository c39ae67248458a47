import json
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tests.conftest import Pipes

QRELS = "1 0 a 1\n1 0 b 0\n2 0 c 2\n3 0 d 1\n"
RUN = "1 Q0 a 1 2.0 x\n1 Q0 b 2 1.0 x\n2 Q0 z 1 2.0 x\n2 Q0 c 2 1.0 x\n9 Q0 c 1 1 x\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "qrels.txt").write_text(QRELS)
    (tmp_path / "run.txt").write_text(RUN)
    (tmp_path / "topics.tsv").write_text("1\tone\n2\ttwo\n3\tthree\n4\tfour\n")
    return tmp_path


def tasb_eval(folder: Path, *words: str, run: str = "run.txt") -> int:
    return main(
        ["eval", f"{folder / run}", "--qrels", f"{folder / 'qrels.txt'}", *words]
    )


def test_json_has_unrounded_means_over_all_judged_queries(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb_eval(folder, "--json", "--measures", "RR@10", "MAP", "R@1K") == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {
        "qrels": str(folder / "qrels.txt"),
        "relevance_level": 1,
        "runs": [
            {
                "run": str(folder / "run.txt"),
                "queries": 3,
                "measures": {"RR@10": 0.5, "AP": 0.5, "R@1000": 2 / 3},
            }
        ],
    }
    assert err == (
        f"tasb eval: {folder / 'run.txt'}: 1 of 3 judged queries have no results and "
        "count 0\n"
    )


def test_json_per_query_and_a_relevance_level(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--json", "--per-query", "-l", "2", "--measures", "RR")
    assert tasb_eval(folder, *words) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["relevance_level"] == 2
    assert report["runs"][0]["per_query"] == {"RR": {"1": 0.0, "2": 0.5, "3": 0.0}}


def test_the_table_has_a_row_a_run_and_four_decimals(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "[red]").write_text("1 Q0 a 1 1 x\n2 Q0 c 1 1 x\n3 Q0 d 1 1 x\n")
    paths = [str(folder / name) for name in ("run.txt", "[red]")]
    assert main(["eval", *paths, "--qrels", str(folder / "qrels.txt")]) == 0
    out, err = capsys.readouterr()
    for word in ("[red]", "queries", "nDCG@10", "RR@10", "R@100", "R@1000", "AP"):
        assert word in out
    # RR@10: (1 + 1/2 + 0) / 3 and 1. nDCG@10: (1 + 1/log2(3) + 0) / 3 and 1.
    rows = [
        line.split("│") for line in out.splitlines() if ".0000" in line or ".5" in line
    ]
    cells = [[cell.strip() for cell in row if cell.strip()][-6:] for row in rows]
    assert cells == [
        ["3", "0.5436", "0.5000", "0.6667", "0.6667", "0.5000"],
        ["3", "1.0000", "1.0000", "1.0000", "1.0000", "1.0000"],
    ]
    assert err.count("\n") == 1


def test_per_query_tables_show_each_judged_query(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb_eval(folder, "--per-query", "--measures", "RR") == 0
    out = capsys.readouterr().out
    rows = [
        [cell.strip() for cell in line.split("│")[1:-1]] for line in out.splitlines()
    ]
    assert [row for row in rows if len(row) == 2] == [
        ["1", "1.0000"],
        ["2", "0.5000"],
        ["3", "0.0000"],
    ]


def test_tables_name_the_relevance_level_of_binary_measures(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb_eval(folder, "-l", "2", "--measures", "RR@10", "nDCG@10") == 0
    heading = capsys.readouterr().out.splitlines()[1]
    assert "RR(rel=2)@10" in heading
    assert "nDCG@10" in heading


def test_topics_that_cover_the_qrels_pass(folder: Path) -> None:
    assert tasb_eval(folder, "--topics", str(folder / "topics.tsv")) == 0


def test_qrels_topics_and_run_may_come_from_pipes(
    folder: Path, capsys: pytest.CaptureFixture[str], piped: Pipes
) -> None:
    def values(*paths: Path) -> object:
        run, qrels, topics = map(str, paths)
        words = ["eval", run, "--qrels", qrels, "--topics", topics, "--json"]
        assert main(words) == 0
        return json.loads(capsys.readouterr().out)["runs"][0]["measures"]

    files = [folder / name for name in ("run.txt", "qrels.txt", "topics.tsv")]
    assert values(*map(piped, files)) == values(*files)


def test_qrels_from_a_pipe_are_held_against_the_topics_too(
    folder: Path, capsys: pytest.CaptureFixture[str], piped: Pipes
) -> None:
    (folder / "topics.tsv").write_text("1\tone\n")
    qrels, topics = (str(folder / name) for name in ("qrels.txt", "topics.tsv"))
    words = ["eval", str(folder / "run.txt"), "--topics", topics, "--qrels"]
    assert main([*words, str(piped(Path(qrels)))]) == 1
    assert "a pipe, already read" in capsys.readouterr().err
    assert main([*words, qrels]) == 1
    assert "qrels.txt:3: unknown query 2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "topics.tsv",
            "1\tone\n2\ttwo\n",
            "qrels.txt:4: unknown query 3; expected one",
        ),
        (
            "topics.tsv",
            "1\tone\ntwo\n",
            "topics.tsv:2: 1 column; expected two: qid<TAB",
        ),
        ("qrels.txt", "1 0 a 1\n1 0 a\n", "qrels.txt:2: 3 columns; expected four"),
        ("qrels.txt", "1 0 a 1\n1 0 a 1\n", "qrels.txt:2: qid 1, docid a judged again"),
        ("qrels.txt", "7 0 a 1\n", "qrels.txt:1: unknown query 7; expected one of the"),
        ("run.txt", "1 Q0 a 1 nan x\n", "run.txt:1: score 'nan'; expected a finite nu"),
        ("run.txt", "8 Q0 a 1 1 x\n", "(the first are '8' and '1'); expected the same"),
        ("run.txt", "1 Q0 a\xff 1 1 x\n", "run.txt:1: byte 0xff; expected UTF-8 text"),
    ],
)
def test_bad_input_gives_one_line_and_status_one(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: str,
    message: str,
) -> None:
    (folder / name).write_bytes(content.encode("latin-1"))
    assert tasb_eval(folder, "--topics", str(folder / "topics.tsv")) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith(f"tasb eval: {folder}/")
    assert message in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--measures", "NDGC@10"], "did you mean nDCG@10?"),
        (["-l", "0"], "relevance level 0: expected at least 1"),
        (
            ["-l", "3"],
            "expected grades of at least 3; the highest is 2",
        ),
        (["--topics", "absent.tsv"], "absent.tsv: no such file"),
    ],
)
def test_bad_arguments_give_one_line_and_status_one(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert tasb_eval(folder, "--json", *words) == 1
    assert message in capsys.readouterr().err


def test_debug_shows_where_an_error_arose(folder: Path) -> None:
    with pytest.raises(ValueError, match="no such file"):
        tasb_eval(folder, "--debug", run="absent.txt")


# --- seeds ---------------------------------------------------------------------------

# RR of queries 1, 2 and 3, each seed its own: means 1, 2/3 and 1/3.
SEEDS = {
    "seed1": "1 Q0 a 1 1 x\n2 Q0 c 1 1 x\n3 Q0 d 1 1 x\n",
    "seed2": "1 Q0 a 1 1 x\n2 Q0 c 1 1 x\n3 Q0 z 1 1 x\n",
    "seed3": "1 Q0 a 1 1 x\n2 Q0 z 1 1 x\n3 Q0 z 1 1 x\n",
}


def eval_seeds(folder: Path, *words: str) -> int:
    for name, lines in SEEDS.items():
        (folder / name).write_text(lines)
    paths = [str(folder / name) for name in SEEDS]
    qrels = ("--qrels", str(folder / "qrels.txt"), "--measures", "RR")
    return main(["eval", *paths, *qrels, "--seeds", *words])


def test_seeds_have_their_mean_and_deviation_in_json(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert eval_seeds(folder, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert [of["measures"]["RR"] for of in report["runs"]] == pytest.approx(
        [1, 2 / 3, 1 / 3]
    )
    assert report["seeds"] == {
        "RR": {"mean": pytest.approx(2 / 3), "deviation": pytest.approx(1 / 3)}
    }


def test_seeds_have_their_mean_and_deviation_below_the_table(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert eval_seeds(folder) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines]
    assert [row for row in rows if row][-2:] == [
        ["mean", "", "0.6667"],
        ["deviation", "", "0.3333"],
    ]


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        (["run.txt"], "1 run; expected at least 2 seeds of one system"),
        (["run.txt", "./run.txt"], "run.txt: given twice; expected each run once"),
    ],
)
def test_seeds_need_two_runs(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    runs: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(folder)
    assert main(["eval", *runs, "--qrels", "qrels.txt", "--seeds"]) == 1
    assert message in capsys.readouterr().err
