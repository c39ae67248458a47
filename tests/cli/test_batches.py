"""What would be trained on is shown, counted, and the same again."""

import json
from pathlib import Path
from typing import Any

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.training.clusters.file import write_clusters
from tasb_pyserini.training.pairs.convert import import_scores

QUERIES = 6


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [
        f"{pos}\t{neg}\tq{q}\tp{q}\tn{q}-{i}\n"
        for q in range(QUERIES)
        for i, (pos, neg) in enumerate([(9.5, 9.0), (9.5, 1.25), (9.5, 11.0)])
    ]
    (tmp_path / "scores.tsv").write_text("".join(rows))
    import_scores([tmp_path / "scores.tsv"], tmp_path / "pairs")
    write_clusters(tmp_path / "clusters.tsv", [["q0", "q2", "q4"], ["q1", "q3", "q5"]])
    topics = "".join(f"q{q}\tquestion number {q}\n" for q in range(QUERIES))
    (tmp_path / "topics.tsv").write_text(topics)
    docids = [*(f"p{q}" for q in range(QUERIES))]
    docids += [f"n{q}-{i}" for q in range(QUERIES) for i in range(3)]
    (tmp_path / "c.tsv").write_text("".join(f"{d}\ttext of {d}\n" for d in docids))
    return tmp_path


def batches(folder: Path, *words: str) -> int:
    return main(
        [
            *("batches", "--pairs", f"{folder / 'pairs'}", "--batch-size", "3"),
            *("--clusters", f"{folder / 'clusters.tsv'}", "--batches", "40", *words),
        ]
    )


def report_of(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_json_has_settings_reach_usage_and_the_first_batches(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert batches(folder, "--show", "2", "--json") == 0
    report = report_of(capsys)
    assert report["sampling"]["strategy"] == "tas-balanced"
    assert (report["reach"]["queries"], report["reach"]["pairs"]) == (6, 18)
    assert (report["usage"]["queries"], report["usage"]["clusters"]) == (6, 2)
    # Margins -1.5, .5 and 8.25: bins 0, 2 and 9, drawn alike.
    assert [bool(share) for share in report["usage"]["bins"]] == [
        number in (0, 2, 9) for number in range(10)
    ]
    for batch in report["batches"]:
        assert {pair["qid"] for pair in batch} in (
            {"q0", "q2", "q4"},
            {"q1", "q3", "q5"},
        )
        assert all(pair["margin"] in (-1.5, 0.5, 8.25) for pair in batch)
        assert all(pair["neg"].startswith(f"n{pair['qid'][1]}-") for pair in batch)


def test_the_same_command_prints_the_same(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batches(folder, "--show", "3", "--json")
    first = report_of(capsys)
    batches(folder, "--show", "3", "--json")
    assert report_of(capsys) == first
    batches(folder, "--show", "3", "--json", "--seed", "43")
    assert report_of(capsys)["batches"] != first["batches"]


def test_batches_are_shown_with_the_texts_of_queries_and_passages(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    topics, collection = f"{folder / 'topics.tsv'}", f"{folder / 'c.tsv'}"
    words = ["--show", "1", "--topics", topics, "--collection", collection]
    assert batches(folder, *words) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "batch 0, cluster" in printed
    assert "question" in printed
    assert "text of" in printed
    assert "margin bins" in printed


def test_texts_are_shown_as_they_are(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "water [citation needed] [/url] [b]boils[/b] :apple: \\"
    for name in ("topics.tsv", "c.tsv"):
        lines = (folder / name).read_text().splitlines()
        rows = (f"{line.split(chr(9))[0]}\t{text}\n" for line in lines)
        (folder / name).write_text("".join(rows))
    monkeypatch.setenv("COLUMNS", "300")
    topics, collection = f"{folder / 'topics.tsv'}", f"{folder / 'c.tsv'}"
    words = ["--show", "1", "--topics", topics, "--collection", collection]
    assert batches(folder, *words) == 0
    assert capsys.readouterr().out.count(f" {text} ") == 3 * 3  # a row a query


def test_a_strategy_without_clusters_needs_none(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["batches", "--pairs", f"{folder / 'pairs'}", "--strategy", "random"]
    assert main([*words, "--batch-size", "4", "--batches", "9", "--json"]) == 0
    assert report_of(capsys)["usage"]["clusters"] == 0


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--batch-size", "7"], "6 training queries do not fill a batch of 7"),
        (["--clusters", "no.tsv"], "no.tsv: no such file"),
        (["--strategy", "hard-margin", "--max-margin", "-9"], "margin cut-off -9"),
        (["--clusters-per-batch", "4"], "4 clusters a batch of 3"),
        (["--seed", str(2**64)], "seed 18446744073709551616: expected 0 to 2**63 - 1"),
    ],
)
def test_a_mistake_is_one_line(
    folder: Path, words: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert batches(folder, *words) == 1
    error = capsys.readouterr().err
    assert problem in error
    assert error.startswith("tasb batches: ")
    assert error.count("\n") == 1


def test_a_cluster_of_unknown_queries_is_named_with_its_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_clusters(folder / "clusters.tsv", [["q0", "q1", "q2"], ["q3", "zz"]])
    assert batches(folder, "--topics", f"{folder / 'topics.tsv'}") == 1
    assert "clusters.tsv:2: unknown query zz" in capsys.readouterr().err
