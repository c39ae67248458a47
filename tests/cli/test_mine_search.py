"""Mining on the spot draws what mining from the written run of a search draws."""

import json
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tests.checkpoints import make_checkpoint
from tests.conftest import Collections

pytest.importorskip("faiss")

SONG = "copy the tree of a dense king gold fire song bread ship moon knife"
WORDS = SONG.split()
DRAW = ["--depth", "5", "--negatives", "3", "--skip", "1"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Eighteen passages with many equal scores, and nine queries of which six count."""
    monkeypatch.chdir(tmp_path)
    passages = [" ".join(WORDS[n % 13 :: 1 + n % 4]) + " end" for n in range(18)]
    Path("corpus.jsonl").write_text(
        "".join(
            json.dumps({"id": f"d{n}", "contents": text}) + "\n"
            for n, text in enumerate(passages)
        )
    )
    queries = "".join(f"{n}\t{WORDS[n]} {WORDS[n + 4]} end\n" for n in range(9))
    Path("topics.tsv").write_text(queries)
    Path("qrels.txt").write_text(
        "".join(f"{n} 0 d{2 * n} {n % 3}\n" for n in reversed(range(9))) + "12 0 d1 1\n"
    )
    return tmp_path


def tasb(*words: str) -> None:
    assert main([*words]) == 0


def mine(*words: str, output: str) -> bytes:
    tasb("mine", *words, "--qrels", "qrels.txt", "--topics", "topics.tsv", *DRAW,
         "--collection", "corpus.jsonl", "--output", output)  # fmt: skip
    return Path(output).read_bytes()


@pytest.mark.pyserini
def test_bm25_on_the_spot_is_bm25_written_and_read(folder: Path) -> None:
    # Java looks relative names up where the process was when Java started.
    index = str(folder / "L")
    tasb("bm25", "index", "--input", "corpus.jsonl", "--index", index)
    tasb("bm25", "search", "--index", index, "--topics", "topics.tsv", "--hits", "5",
         "--k1", "1.2", "--b", "0.7", "--output", "run.txt")  # fmt: skip
    spot = mine("--bm25", index, "--k1", "1.2", "--b", "0.7", output="spot.tsv")
    assert spot == mine("--run", "run.txt", output="run.tsv")
    qids = list(dict.fromkeys(line.split(b"\t")[0] for line in spot.splitlines()))
    assert qids == [b"8", b"7", b"5", b"4", b"2", b"1"]


def test_a_dense_index_on_the_spot_is_its_run_written_and_read(folder: Path) -> None:
    encoder = f"tasb:{make_checkpoint(folder / 'checkpoint')}"
    tasb("encode", "--corpus", "corpus.jsonl", "--embeddings", "E",
         "--encoder", encoder)  # fmt: skip
    tasb("index", "--input", "E", "--output", "I")
    tasb("search", "--index", "I", "--topics", "topics.tsv", "--encoder", encoder,
         "--hits", "5", "--output", "run.txt")  # fmt: skip
    spot = mine("--dense", "I", "--encoder", encoder, output="spot.tsv")
    assert spot == mine("--run", "run.txt", output="run.tsv")
    assert len(spot.splitlines()) > 6


@pytest.mark.pyserini
def test_a_real_collection_gives_triples_of_its_training_queries(
    collections: Collections, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real = collections("scifact")
    index, output = str(tmp_path / "L"), str(tmp_path / "triples.tsv")
    tasb("bm25", "index", "--input", str(real), "--index", index)
    capsys.readouterr()
    tasb("mine", "--bm25", index, "--topics", str(real / "train.topics.tsv"),
         "--qrels", str(real / "train.qrels.txt"), "--collection", str(real),
         "--depth", "200", "--output", output, "--json")  # fmt: skip
    report = json.loads(capsys.readouterr().out)
    judgments = (real / "train.qrels.txt").read_text().splitlines()
    assert report["queries"] == len({line.split()[0] for line in judgments})
    assert report["triples"] == 10 * len(judgments)
