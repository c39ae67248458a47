"""tasb tune: one answer whatever the order, read by tasb hybrid; clear errors."""

import hashlib
import json
import random
from pathlib import Path
from typing import Any

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.evaluation.measures import Measure, evaluate, mean
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.runs import read_run, write_run
from tasb_pyserini.search.fusion.fuse import fuse_runs
from tasb_pyserini.search.fusion.rule import Fusion
from tasb_pyserini.search.tuned import Tuned
from tests.bindings.conftest import python as python
from tests.conftest import Collections
from tests.search.fusion.slow import random_runs
from tests.search.scifact import make_faiss_index, make_part

QUERIES = 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two runs, graded qrels and topics."""
    for name, run in zip(("s", "d"), random_runs(5, 2, QUERIES), strict=True):
        write_run(tmp_path / f"{name}.txt", run, "tag")
    rng = random.Random(1)
    lines = [
        f"{q} 0 d{doc} {rng.randint(0, 2)}\n"
        for q in range(QUERIES)
        for doc in rng.sample(range(80), 8)
    ]
    (tmp_path / "qrels.txt").write_text("".join(lines))
    topics = "".join(f"{q}\tWhat is  {q}\n" for q in range(QUERIES))
    (tmp_path / "topics.tsv").write_text(topics)
    return tmp_path


def tune(folder: Path, *words: str, qrels: str = "qrels.txt") -> int:
    runs = [f"{folder / name}" for name in ("s.txt", "d.txt")]
    return main(["tune", "--runs", *runs, "--qrels", f"{folder / qrels}", *words])


def report(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("method", ["interpolation", "convex"])
def test_the_file_gives_the_hybrid_whose_value_it_states(
    folder: Path, capsys: pytest.CaptureFixture[str], method: str
) -> None:
    output = folder / "tuned.json"
    words = ("--measure", "ndcg@10", "--method", method, "--normalization", "min-max")
    assert tune(folder, *words, "--output", f"{output}", "--json") == 0
    found = report(capsys)
    assert json.loads(output.read_text()) == found
    tuned = Tuned.read(output)
    fusion = Fusion(
        method=tuned.method, alpha=tuned.alpha, normalisation=tuned.normalisation
    )
    assert (tuned.method, tuned.normalisation, tuned.k1) == (method, "min-max", None)
    runs = [read_run(folder / name) for name in ("s.txt", "d.txt")]
    qrels = {
        qid: grades
        for qid, grades in read_qrels(folder / "qrels.txt").items()
        if max(grades.values()) > 0 and any(qid in run for run in runs)
    }
    measure = Measure("nDCG", 10)
    sides = (fuse_runs(runs, fusion, 1000), *runs)
    for name, run in zip(("value", "sparse_alone", "dense_alone"), sides, strict=True):
        values = evaluate(run, qrels, [measure])[measure]
        assert found[name] == pytest.approx(mean(values.values()))
    assert found["value"] > max(found["sparse_alone"], found["dense_alone"])
    assert found["queries"] == len(qrels)
    assert found["best_from"] < tuned.alpha < (found["best_to"] or 1e9)
    digest = hashlib.sha256((folder / "s.txt").read_bytes()).hexdigest()
    assert found["inputs"]["sparse"]["sha256"] == digest


def test_folds_are_reported_and_their_run_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = folder / "out.txt"
    words = ("--folds", "3", "--output-run", f"{run}", "--measure", "nDCG@10")
    assert tune(folder, *words, "--k", "50", "--json") == 0
    found = report(capsys)
    crossed = found["cross_validation"]
    assert [fold["queries"] for fold in crossed["folds"]] == sorted(
        (len(range(n, found["queries"], 3)) for n in range(3)), reverse=True
    )
    qrels = read_qrels(folder / "qrels.txt")
    written = read_run(run)
    values = evaluate(written, qrels, [Measure("nDCG", 10)])[Measure("nDCG", 10)]
    total = sum(values.values()) / found["queries"]
    assert crossed["value"] == pytest.approx(total, abs=1e-6)
    assert crossed["value"] <= found["value"] + 1e-9
    assert {line.split()[-1] for line in run.read_text().splitlines()} == {
        "interpolation-norm=none-of-3-folds"
    }


def test_the_tables_show_the_best_alpha_and_each_side(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figure = folder / "alpha.svg"
    assert tune(folder, "--folds", "2", "--figure", f"{figure}") == 0
    out, err = capsys.readouterr()
    for words in ("dense alone", "sparse alone", "best: ", "fold held out", "RR@10"):
        assert words in out
    assert "queries that are not in both runs" in err
    assert "queries with a relevant passage are used" in err
    first = figure.read_bytes()
    assert tune(folder, "--folds", "2", "--figure", f"{figure}") == 0
    assert figure.read_bytes() == first
    assert b"best: " in first


def test_a_sample_is_drawn_by_seed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = []
    for seed in ("1", "1", "2"):
        assert tune(folder, "--sample", "10", "--seed", seed, "--json") == 0
        found.append(report(capsys))
    assert found[0] == found[1]
    assert found[0]["queries"] == found[2]["queries"] == 10
    assert found[0]["hits_sha256"] != found[2]["hits_sha256"]


def test_test_queries_are_refused_by_qid_and_by_text(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    topics = ("--topics", f"{folder / 'topics.tsv'}", "--test-topics")
    (folder / "test.tsv").write_text("t1\twhat IS 7\n3\tother\nt2\tother still\n")
    assert tune(folder, *topics, f"{folder / 'test.tsv'}") == 1
    err = capsys.readouterr().err.splitlines()[-1]
    assert f"/topics.tsv:4: query 3 is in {folder}/test.tsv, and 1 more overlap" in err
    (folder / "test.tsv").write_text("t1\tsomething else\n")
    assert tune(folder, *topics, f"{folder / 'test.tsv'}") == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--measure", "NDGC@10"), "unknown measure 'NDGC@10': expected nDCG, RR"),
        (("--qrels", "other"), "no judgment of any of the"),
        (("--qrels", "zero"), "no relevant passage for any of the"),
        (("--folds", "99"), "99 folds of "),
        (("--folds", "1"), "1 folds of "),
        (("--output-run", "r"), "--output-run without --folds: expected --folds"),
        (("--figure", "a.jpg"), "a.jpg: expected a name that ends in .png, .svg, .pdf"),
        (("--k1", "0.9"), "--runs with --index, --sparse-index, --k1 or --b: expected"),
        (("--test-topics", "t"), "--test-topics without --topics: expected the texts"),
        (("--topics", "strange"), "no query is in"),
        (("--qrels", "foreign"), "RR@10 is 0.0000 whatever alpha (queries: 2), so"),
        (("--qrels", "foreign", "--method", "convex"), "is 0.0000 whatever alpha"),
        (("--qrels", "found", "--measure", "R@99"), "R@99 is 1.0000 whatever alpha"),
        (("--seed", "-1"), "--seed -1: expected at least 0"),
        (("-l", "0"), "relevance level 0: expected at least 1"),
    ],
)
def test_a_mistake_is_one_clear_line_and_nothing_is_written(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    message: str,
) -> None:
    first_hit = next(iter(read_run(folder / "d.txt")["0"]))
    (folder / "other").write_text("x 0 d1 1\n")
    (folder / "zero").write_text("1 0 d1 0\n2 0 d1 0\n")
    (folder / "strange").write_text("x\tstrange\n")
    (folder / "found").write_text(f"0 0 {first_hit} 1\n")
    (folder / "foreign").write_text("1 0 x1 1\n2 0 x1 1\n")
    names = [f"{folder / word}" if (folder / word).exists() else word for word in words]
    output = folder / "tuned.json"
    assert tune(folder, *names, "--output", f"{output}") == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("tasb tune: ")
    assert message in last
    assert not output.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--output", "s.txt"), "s.txt: is read, and this command would write over it"),
        (("--output-run", "d.txt"), "d.txt: is read, and this command would write"),
        (("--output-run", "./qrels.txt"), "qrels.txt: is read, and this command would"),
        (("--output", "topics.tsv"), "topics.tsv: is read, and this command would"),
        (("--figure", "s.svg"), "s.csv: is read, and s.svg would write over it"),
        (("--output", "results"), "results: is a folder; expected the name of a file"),
        (("--output", "x", "--output-run", "x"), "x: named for two outputs; expected"),
    ],
)
def test_an_output_that_is_an_input_is_refused_before_anything_is_read(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(folder)
    (folder / "results").mkdir()
    (folder / "s.txt").write_text("not a run\n")
    (folder / "s.csv").symlink_to("s.txt")
    before = {path: path.read_bytes() for path in folder.glob("*.t*")}
    assert tune(folder, "--folds", "2", "--topics", "topics.tsv", *words) == 1
    assert message in capsys.readouterr().err
    assert {path: path.read_bytes() for path in folder.glob("*.t*")} == before


def test_a_run_without_the_queries_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "s.txt").write_text("99 Q0 d1 1 1 x\n")
    assert tune(folder) == 1
    assert "tasb tune: sparse side: no hits for any of" in capsys.readouterr().err


def test_without_runs_or_indexes_there_is_nothing_to_fuse(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tune", "--qrels", f"{folder / 'qrels.txt'}"]) == 1
    assert "nothing to fuse: expected --runs SPARSE DENSE" in capsys.readouterr().err


# --- with indexes ----------------------------------------------------------------


@pytest.mark.pyserini
@pytest.mark.slow
def test_searching_and_tuning_agree_with_hybrid_search(
    collections: Collections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The best k1, found by searching, is what tasb hybrid makes."""
    pytest.importorskip("faiss")
    source = collections("scifact")
    part = make_part(source, tmp_path, passages=300, queries=60)
    model, index = make_faiss_index(part, tmp_path)
    topics = tmp_path / "topics.tsv"
    topics.write_text("".join(f"{q}\t{text}\n" for q, text in part.topics.items()))
    names = [line.split()[0] for line in read_ids(part.corpus)]
    rng = random.Random(3)
    lines = [f"{q} 0 {docid} 1\n" for q in part.qids for docid in rng.sample(names, 30)]
    (tmp_path / "qrels.txt").write_text("".join(lines))
    sides = ["--index", f"{index}", "--encoder", f"tasb:{model}", "--device", "cpu"]
    sides += ["--sparse-index", f"{part.lucene}", "--hits", "50", "--threads", "1"]
    tuned, output = tmp_path / "tuned.json", tmp_path / "run.txt"
    words = ["--topics", f"{topics}", "--qrels", f"{tmp_path / 'qrels.txt'}", "--json"]
    words += ["--measure", "nDCG@10", "--k", "50", "--output", f"{tuned}"]
    capsys.readouterr()
    assert main(["tune", *sides, *words, "--k1", "0.9", "0.4", "--folds", "2"]) == 0
    found = report(capsys)
    assert found["b"] == 0.4
    values = {}
    for k1 in ("0.4", "0.9"):
        one = ["--k1", k1, "--output", f"{tmp_path / 'one.json'}"]
        assert main(["tune", *sides, *words, *one]) == 0
        values[float(k1)] = report(capsys)["value"]
    assert found["value"] == values[found["k1"]] == max(values.values())
    run = ["--topics", f"{topics}", "--tuned", f"{tuned}", "--output", f"{output}"]
    assert main(["hybrid", *sides, *run]) == 0
    qrels = read_qrels(tmp_path / "qrels.txt")
    measure = Measure("nDCG", 10)
    found_again = evaluate(read_run(output), qrels, [measure])[measure]
    assert found["value"] == pytest.approx(mean(found_again.values()))


def read_ids(corpus: Path) -> list[str]:
    lines = (corpus / "part.jsonl").read_text(encoding="utf-8").splitlines()
    return [str(record.get("_id") or record["id"]) for record in map(json.loads, lines)]
