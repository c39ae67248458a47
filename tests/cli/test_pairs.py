import json
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.training.pairs.store import open_pairs
from tests.conftest import Pipes

SCORES = "3\t1\tq1\tp\tn\n3\t4\tq1\tp\tm\n0.5\t0.5\tq2\tp\tn\n0.5\t0.5\tq2\tp\tn\n"


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    path = tmp_path / "scores.tsv"
    path.write_text(SCORES)
    return path


def test_scores_are_imported_and_shown(
    scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = str(tmp_path / "pairs")
    assert main(["pairs", "import", "--scores", str(scores), "--output", store]) == 0
    captured = capsys.readouterr()
    assert captured.out == (
        f"{store}: 3 scored pairs of 2 queries and 3 passages; left out: 1 repeated\n"
    )
    assert "scores.tsv" in captured.err
    assert main(["pairs", "show", store, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["pairs"], shown["queries"], shown["passages"]) == (3, 2, 3)
    assert shown["pairs_per_query"] == {"min": 1, "median": 1.5, "max": 2}
    assert shown["margins"]["0"] == -1.0
    assert shown["margins"]["100"] == 2.0
    assert shown["sources"] == {"scores": [str(scores)]}
    assert main(["pairs", "show", store]) == 0
    table = capsys.readouterr().out
    assert "queries with one pair" in table
    assert "33.3%" in table


def test_triples_are_imported_with_and_without_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    triples, run = tmp_path / "t.tsv", tmp_path / "run.txt"
    triples.write_text("q\tp\tn\nq\tp\tm\n")
    run.write_text("q Q0 p 1 2.5 cat\nq Q0 n 2 1 cat\n")
    command = ["pairs", "import", "--triples", str(triples), "--output"]
    assert main([*command, str(tmp_path / "bare")]) == 0
    assert "2 pairs without scores of 1 queries" in capsys.readouterr().out
    assert main(["pairs", "show", str(tmp_path / "bare")]) == 0
    assert "not scored" in capsys.readouterr().out
    scored = [*command, str(tmp_path / "scored"), "--run", str(run)]
    assert main(scored) == 1
    assert f"{triples}:2: no score of passage m" in capsys.readouterr().err
    assert main([*scored, "--drop-unscored", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unscored"] == 1
    assert open_pairs(tmp_path / "scored").margins(slice(0, 1)).tolist() == [1.5]


def test_triples_from_a_pipe_are_held_against_the_topics_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], piped: Pipes
) -> None:
    triples, topics = tmp_path / "t.tsv", tmp_path / "topics.tsv"
    triples.write_text("q\tp\tn\nr\tp\tm\n")
    topics.write_text("q\tone\nr\ttwo\n")
    command = ["pairs", "import", "--topics", str(topics), "--output"]
    known = [*command, str(tmp_path / "known"), "--triples", str(piped(triples))]
    assert main(known) == 0
    topics.write_text("q\tone\n")
    unknown = [*command, str(tmp_path / "unknown"), "--triples", str(piped(triples))]
    assert main(unknown) == 1
    assert "a pipe, already read" in capsys.readouterr().err
    assert not (tmp_path / "unknown").exists()


def test_teachers_are_averaged(
    scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.tsv"
    other.write_text("1\t0\tq1\tp\tn\n1\t0\tq2\tp\tm\n")
    stores = [str(tmp_path / name) for name in ("a", "b", "mean")]
    for path, store in ((scores, stores[0]), (other, stores[1])):
        assert main(["pairs", "import", "--scores", str(path), "--output", store]) == 0
    capsys.readouterr()
    assert main(["pairs", "average", *stores[:2], "--output", stores[2]]) == 0
    assert (
        f"1 scored pairs of 1 queries and 2 passages; left out: 0 repeated, 2 of "
        f"{stores[0]} that another teacher lacks, 1 of {stores[1]} that another"
    ) in capsys.readouterr().out
    assert open_pairs(Path(stores[2])).margins(slice(0, 1)).tolist() == [1.5]


def test_ids_are_checked_against_topics_and_collection(
    scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    topics, corpus = tmp_path / "topics.tsv", tmp_path / "corpus.tsv"
    topics.write_text("q1\tone\n")
    corpus.write_text("p\ttext\nn\ttext\n")
    command = ["pairs", "import", "--scores", str(scores)]
    command += ["--output", str(tmp_path / "pairs")]
    assert main([*command, "--topics", str(topics)]) == 1
    assert f"{scores}:3: qid q2 is not in the topics" in capsys.readouterr().err
    assert main([*command, "--collection", str(corpus)]) == 1
    assert f"{scores}:2: docid m is not in the collection" in capsys.readouterr().err
    topics.write_text("q1\tone\nq2\ttwo\n")
    corpus.write_text("p\ttext\nn\ttext\nm\ttext\n")
    known = ["--topics", str(topics), "--collection", str(corpus)]
    assert main([*command, *known]) == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--scores", "s", "--run", "r"], "--run scores triples; expected --triples"),
        (["--triples", "t", "--drop-unscored"], "expected --run beside it"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    message: str,
) -> None:
    output = str(tmp_path / "pairs")
    assert main(["pairs", "import", *words, "--output", output]) == 1
    assert message in capsys.readouterr().err
