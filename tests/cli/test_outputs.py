"""What is read is not written over, and what can't be written is said first."""

from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main

pytest.importorskip("faiss")

FILES = {
    "topics.tsv": "1\ta query\n",
    "qrels.txt": "1 0 a 1\n2 0 b 1\n",
    "run.txt": "1 Q0 a 1 2.0 x\n1 Q0 b 2 1.0 x\n2 Q0 b 1 1.0 x\n",
    "other.txt": "1 Q0 b 1 2.0 x\n2 Q0 a 1 1.0 x\n",
    "passages.txt": "1 Q0 a#0 1 2.0 x\n",
    "corpus.jsonl": '{"id": "a", "contents": "a text"}\n',
    "parts/1.jsonl": '{"id": "b", "contents": "b text"}\n',
    "triples.tsv": "1\ta\tb\n",
    "scored/pairs.json": "{}",
    "tuned.json": '{"method": "interpolation", "alpha": 1, "normalisation": "none"}',
}
SEARCH = "--topics topics.tsv --index none --output"
RERANK = "rerank --run run.txt --topics topics.tsv --cat none --collection corpus.jsonl"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(content)
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        "documents split --collection corpus.jsonl --output corpus.jsonl",
        "documents split --collection parts --output parts/1.jsonl",
        "documents aggregate --run passages.txt --output passages.txt",
        "encode-topics --topics topics.tsv --encoder tasb:none --output topics.tsv",
        "export --encoder tasb:none --queries topics.tsv --corpus corpus.jsonl "
        "--output corpus.jsonl",
        "mine --triples triples.tsv --output triples.tsv",
        "mine --run run.txt --qrels qrels.txt --output run.txt",
        "mine --run run.txt --qrels qrels.txt --collection parts "
        "--output parts/1.jsonl",
        "compare run.txt other.txt --qrels qrels.txt --per-query other.txt",
        "compare run.txt other.txt --qrels qrels.txt --per-query qrels.txt",
        "pairs average other scored --output scored",
        f"{RERANK} --output run.txt",
        f"{RERANK} --output ./corpus.jsonl",
        f"search --encoder tasb:none {SEARCH} topics.tsv",
        f"bm25 search {SEARCH} topics.tsv",
        f"hybrid --sparse-index none {SEARCH} topics.tsv",
        f"hybrid --sparse-index none --tuned tuned.json {SEARCH} tuned.json",
    ],
)
def test_what_is_read_is_not_written_over(
    folder: Path, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    assert main(words.split()) == 1
    [line] = capsys.readouterr().err.splitlines()
    output = Path(words.split()[-1])
    assert f" {output}: is read, and this command would write over it" in line
    assert {name: Path(name).read_text() for name in FILES} == FILES


@pytest.mark.parametrize(
    "command", ["search --encoder tasb:none", "bm25 search", "hybrid --sparse-index X"]
)
@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("parts", "parts: is a folder; expected the name of a file to write"),
        ("qrels.txt/run", "qrels.txt/run: can't be written: "),
    ],
)
def test_a_run_that_cant_be_written_is_refused_before_the_search(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    output: str,
    message: str,
) -> None:
    assert main([*command.split(), *SEARCH.split(), output]) == 1
    assert message in capsys.readouterr().err
