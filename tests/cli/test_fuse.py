import json
import subprocess
import sys
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.formats.records import Run
from tasb_pyserini.formats.runs import ranked, read_run, write_run
from tests.search.fusion.slow import random_runs

A = "1 Q0 a 1 12.0 x\n1 Q0 b 2 7.0 x\n2 Q0 z 1 3.0 x\n"
B = "1 Q0 b 1 90.0 y\n1 Q0 c 2 88.0 y\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text(A)
    (tmp_path / "b.txt").write_text(B)
    return tmp_path


def fuse(folder: Path, *words: str, runs: tuple[str, ...] = ("a.txt", "b.txt")) -> int:
    paths = [f"{folder / run}" for run in runs]
    return main(["fuse", "--runs", *paths, "--output", f"{folder / 'out.txt'}", *words])


def written(folder: Path) -> list[str]:
    return (folder / "out.txt").read_text().splitlines()


def test_hybrid_is_the_rule_of_the_papers(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fuse(folder, "--method", "hybrid", "--json") == 0
    tag = "interpolation-alpha=0.1-norm=none-missing=minimum"
    assert written(folder) == [
        f"1 Q0 b 1 90.699997 {tag}",  # 0.1 · 7 + 90, in single precision
        f"1 Q0 a 2 89.199997 {tag}",
        f"1 Q0 c 3 88.699997 {tag}",
        f"2 Q0 z 1 0.300000 {tag}",
    ]
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert report.pop("seconds") > 0
    assert report == {
        "output": f"{folder / 'out.txt'}",
        "rule": tag,
        "runs": 2,
        "queries": 2,
        "queries_not_in_every_run": 1,
        "hits": 4,
    }
    assert err == (
        "tasb fuse: queries that are not in every run: 1; they keep the hits of the "
        "others\n"
    )


def test_pyserinis_interpolation_counts_missing_documents_zero(folder: Path) -> None:
    words = ("--method", "interpolation", "--alpha", "0.25", "--runtag", "mine")
    assert fuse(folder, *words, "--k", "2", "--resort") == 0
    assert written(folder) == [
        "1 Q0 b 1 69.250000 mine",
        "1 Q0 c 2 66.000000 mine",
        "2 Q0 z 1 0.750000 mine",
    ]


def test_depth_cuts_each_run_and_rrf_k_is_pyserinis_flag(folder: Path) -> None:
    assert fuse(folder, "--depth", "1", "--rrf.k", "1") == 0
    assert written(folder) == [
        "1 Q0 b 1 0.500000000000 rrf-k=1",
        "1 Q0 a 2 0.500000000000 rrf-k=1",
        "2 Q0 z 1 0.500000000000 rrf-k=1",
    ]


def test_three_runs_are_summed_by_weight(folder: Path) -> None:
    (folder / "c.txt").write_text("1 Q0 c 1 1 z\n")
    words = ("--method", "sum", "--weights", "1", "0.5", "1000")
    assert fuse(folder, *words, runs=("a.txt", "b.txt", "c.txt")) == 0
    assert [line.split()[2:5] for line in written(folder)] == [
        ["c", "1", "1044.000000"],
        ["b", "2", "52.000000"],
        ["a", "3", "12.000000"],
        ["z", "1", "3.000000"],
    ]


@pytest.mark.parametrize(
    ("runs", "words", "message"),
    [
        (("a.txt",), (), "rrf of 1 run: expected at least two"),
        (("a.txt", "empty.txt"), (), "/empty.txt: no hits; expected a run in the form"),
        (("a.txt", "none.txt"), (), "/none.txt: no such file"),
        (("a.txt", "nan.txt"), (), "/nan.txt:1: score 'nan'; expected a finite number"),
        (("a.txt", "twice.txt"), (), "/twice.txt:2: docid a again for query 1; expect"),
        (("a.txt", "b.txt"), ("--alpha", "1"), "alpha 1.0 with rrf: expected none"),
        (
            ("a.txt", "b.txt"),
            ("--missing", "zero"),
            "--missing with rrf: expected none",
        ),
        (("a.txt", "b.txt"), ("--weights", "1"), "1 weight for 2 runs: expected one a"),
        (
            ("a.txt", "b.txt"),
            ("--method", "hybrid", "--alpha", "nan"),
            "alpha nan: expected a finite number",
        ),
    ],
)
def test_a_mistake_is_one_clear_line_and_nothing_is_written(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    runs: tuple[str, ...],
    words: tuple[str, ...],
    message: str,
) -> None:
    (folder / "empty.txt").write_text("")
    (folder / "nan.txt").write_text("1 Q0 a 1 nan x\n")
    (folder / "twice.txt").write_text("1 Q0 a 1 2 x\n1 Q0 a 2 1 x\n")
    assert fuse(folder, *words, runs=runs) == 1
    lines = capsys.readouterr().err.splitlines()
    assert message in lines[-1]
    assert lines[-1].startswith("tasb fuse: ")
    assert not (folder / "out.txt").exists()


def test_a_run_that_is_fused_is_not_written_over(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fuse(folder, "--output", f"{folder / 'x' / '..' / 'b.txt'}") == 1
    assert "b.txt: is read, and this command would write" in capsys.readouterr().err
    assert (folder / "b.txt").read_text() == B


def test_an_alpha_that_is_no_number_is_wrong_usage(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        fuse(folder, "--method", "hybrid", "--alpha", "much")
    assert caught.value.code == 2
    assert "argument --alpha: invalid float value: 'much'" in capsys.readouterr().err


def test_help_tells_the_two_interpolations_apart(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["fuse", "--help"])
    words = " ".join(capsys.readouterr().out.split())
    assert "interpolation, alpha * first + (1 - alpha) * second" in words
    assert "hybrid: the rule of the TCT-ColBERT and TAS-B papers" in words


@pytest.mark.pyserini
@pytest.mark.parametrize("method", ["rrf", "interpolation", "average", "normalize"])
@pytest.mark.parametrize("cut", [(), ("--depth", "10", "--k", "7")])
def test_pyserinis_methods_give_what_pyserini_gives(
    tmp_path: Path, method: str, cut: tuple[str, ...]
) -> None:
    paths = [f"{tmp_path / name}" for name in ("a.txt", "b.txt")]
    for path, run in zip(paths, random_runs(7, runs=2, queries=80), strict=True):
        write_run(Path(path), run, "tag")
    words = ["--runs", *paths, "--method", method, *cut, "--output"]
    theirs, ours, whole = (tmp_path / name for name in ("theirs", "ours", "whole"))
    pyserini = [sys.executable, "-m", "pyserini.fusion", *words]
    subprocess.run([*pyserini, theirs], check=True, capture_output=True)
    assert main(["fuse", *words, f"{ours}"]) == 0
    assert main(["fuse", *words, f"{whole}", "--k", "1000"]) == 0
    assert_equal_but_for_ties(read_run(ours), read_run(theirs), read_run(whole))


def assert_equal_but_for_ties(ours: Run, theirs: Run, whole: Run) -> None:
    """Compare hits, their scores and order; which of equals is cut off is a tie too."""
    assert set(ours) == set(theirs)
    for qid, hits in theirs.items():
        last = min(hits.values())
        assert len(ours[qid]) == len(hits)
        assert list(ours[qid].values()) == pytest.approx(list(hits.values()), rel=1e-6)
        for docid, score in hits.items():
            assert whole[qid][docid] == pytest.approx(score, rel=1e-6, abs=1e-6)
        above = {docid for docid, score in hits.items() if score > last + 1e-6}
        assert above <= set(ours[qid])
        assert list(ours[qid]) == [docid for docid, _ in ranked(ours[qid])]
