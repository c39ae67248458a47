"""tasb hybrid: one run whatever threads and hash seed, and clear words on misuse."""

import json
from pathlib import Path
from typing import Any

import pytest

from tasb_pyserini.cli import hybrid
from tasb_pyserini.cli.main import main
from tasb_pyserini.formats.runs import read_run
from tasb_pyserini.search.sides import at_once
from tests.bindings.conftest import python as python
from tests.conftest import Collections
from tests.search.scifact import make_faiss_index, make_part

Words = list[str]


@pytest.fixture(scope="module")
def words(collections: Collections, tmp_path_factory: pytest.TempPathFactory) -> Words:
    """Arguments that search a part of SciFact."""
    pytest.importorskip("faiss")
    folder = tmp_path_factory.mktemp("hybrid")
    part = make_part(collections("scifact"), folder, passages=300, queries=20)
    model, index = make_faiss_index(part, folder)
    topics = folder / "topics.tsv"
    topics.write_text("".join(f"{q}\t{text}\n" for q, text in part.topics.items()))
    return [
        *("hybrid", "--index", str(index), "--encoder", f"tasb:{model}"),
        *("--sparse-index", str(part.lucene), "--topics", str(topics)),
        *("--device", "cpu", "--hits", "50"),
    ]


@pytest.mark.pyserini
def test_threads_do_not_change_a_byte(words: Words, tmp_path: Path) -> None:
    runs = []
    for threads in ("1", "2", "4"):
        output = tmp_path / f"{threads}.txt"
        assert main([*words, "--threads", threads, "--output", str(output)]) == 0
        runs.append(output.read_bytes())
    assert len(set(runs)) == 1


@pytest.mark.pyserini
@pytest.mark.parametrize(
    ("method", "normalisation"),
    [("interpolation", "none"), ("interpolation", "centred"), ("convex", "z-score")],
)
def test_blocks_of_queries_are_the_whole_run(
    words: Words,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    normalisation: str,
) -> None:
    tuned = tmp_path / "tuned.json"
    rule = {"method": method, "alpha": 0.3, "normalisation": normalisation}
    tuned.write_text(json.dumps(rule))
    searched: list[int] = []

    def counted(dense: Any, sparse: Any, thread: Any, queries: int) -> Any:
        searched.append(queries)
        return at_once(dense, sparse, thread, queries)

    monkeypatch.setattr(hybrid, "at_once", counted)
    for size in 512, 4:
        monkeypatch.setattr(hybrid, "BLOCK", size)
        output = tmp_path / str(size)
        assert main([*words, "--tuned", str(tuned), "--output", str(output)]) == 0
    assert searched == [21, 4, 4, 4, 4, 4, 1]
    assert (tmp_path / "512").read_bytes() == (tmp_path / "4").read_bytes()


@pytest.mark.pyserini
@pytest.mark.slow
def test_hash_seed_does_not_change_a_byte(
    words: Words, python: object, tmp_path: Path
) -> None:
    assert callable(python)
    for seed in ("1", "2"):
        output = tmp_path / f"{seed}.txt"
        arguments = ("-m", "tasb_pyserini", *words, "--output", output)
        python(*arguments, PYTHONHASHSEED=seed)
    assert (tmp_path / "1.txt").read_bytes() == (tmp_path / "2.txt").read_bytes()


@pytest.mark.pyserini
def test_the_tag_names_the_rule_and_the_report_the_latency_of_each_side(
    words: Words, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "run.txt"
    more = ["--normalization", "--weight-on-dense", "--alpha", "0.5", "--k", "7"]
    assert main([*words, *more, "--output", str(output), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["queries"] == 21
    assert min(value for name, value in report.items() if "ms_" in name) > 0
    assert "ms_per_query_dense" in report
    assert "ms_per_query_sparse" in report
    tags = {line.split()[-1] for line in output.read_text().splitlines()}
    assert tags == {"interpolation-alpha=0.5-norm=centred-missing=minimum-on-dense"}
    assert {len(hits) for hits in read_run(output).values()} == {7}


@pytest.mark.pyserini
def test_a_tuned_file_says_what_the_command_line_would(
    words: Words, tmp_path: Path
) -> None:
    values = {"method": "interpolation", "alpha": 0.3, "normalisation": "none"}
    tuned = tmp_path / "tuned.json"
    tuned.write_text(json.dumps(values | {"k1": 0.82, "b": 0.68}))
    files = [tmp_path / "tuned.txt", tmp_path / "said.txt"]
    assert main([*words, "--tuned", str(tuned), "--output", str(files[0])]) == 0
    said = ["--alpha", "0.3", "--k1", "0.82", "--b", "0.68"]
    assert main([*words, *said, "--output", str(files[1])]) == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def misuse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, str]:
    files = ["--index", "I", "--sparse-index", "L", "--topics", "T", "--output", "R"]
    status = main(["hybrid", *files, *words])
    return status, capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [("--alpha", "0.1"), ("--normalization",), ("--k1", "1"), ("--b", "1")]
)
def test_saying_what_the_tuned_file_says_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    tuned = tmp_path / "tuned.json"
    tuned.write_text(
        '{"method": "interpolation", "alpha": 1, "normalisation": "none", "k1": 1, '
        '"b": 0.5}'
    )
    status, said = misuse(tmp_path, capsys, "--tuned", str(tuned), *words)
    assert status == 1
    assert said == (
        f"tasb hybrid: {words[0]} with --tuned {tuned}, which says it too; expected "
        "one of the two\n"
    )


def test_alpha_that_is_no_number_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = misuse(tmp_path, capsys, "--alpha", "nan")
    assert (status, said) == (
        1, "tasb hybrid: alpha nan: expected a finite number\n"
    )  # fmt: skip
    with pytest.raises(SystemExit):
        misuse(tmp_path, capsys, "--alpha", "much")
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.endswith("argument --alpha: invalid float value: 'much'")


def test_help_says_which_parameters_give_the_papers_docT5query_row(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["hybrid", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "0.82 and b 0.68 give the docT5query row of the TAS-B paper" in text


@pytest.mark.pyserini
def test_normalised_scores_keep_their_order_on_paper(
    words: Words, tmp_path: Path
) -> None:
    output = tmp_path / "run.txt"
    assert main([*words, "--normalization", "--output", str(output)]) == 0
    scores = [line.split()[4] for line in output.read_text().splitlines()]
    assert {len(score.partition(".")[2]) for score in scores} == {12}


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--b", "4"), "BM25 with k1 0.9 and b 4: expected k1 of at least 0"),
        (("--k1", "-1"), "BM25 with k1 -1 and b 0.4"),
        (("--k1", "nan"), "BM25 with k1 nan and b 0.4"),
    ],
)
@pytest.mark.pyserini
def test_parameters_that_are_none_of_bm25s_are_one_line(
    words: Words,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    flags: tuple[str, str],
    message: str,
) -> None:
    assert main([*words, *flags, "--output", str(tmp_path / "run")]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
