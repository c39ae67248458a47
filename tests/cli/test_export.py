"""``tasb export`` writes a file that runs anywhere, and says how near it is."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from tasb_pyserini.cli.main import main
from tests.bindings.conftest import PASSAGES, QUERIES
from tests.checkpoints import VOCABULARY
from tests.encoders.models import make_model, plain_vectors


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model, topics and a corpus."""
    folder = tmp_path_factory.mktemp("export")
    make_model(folder / "model")
    rows = "".join(f"{qid}\t{query}\n" for qid, query in QUERIES.items())
    (folder / "topics.tsv").write_text(rows)
    rows = "".join(f"{docid}\t{text}\n" for docid, text in PASSAGES.items())
    (folder / "corpus.tsv").write_text(rows)
    return folder


def export(folder: Path, output: Path, *words: str) -> int:
    encoder = f"tasb:{folder / 'model'}"
    return main(["export", "--encoder", encoder, "--output", str(output), *words])


def test_the_file_gives_the_vectors_of_the_checkpoint(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "new" / "student.onnx"
    assert export(folder, output) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines() == [
        f"{output}: fp32, {output.stat().st_size:,} bytes",
        f"{output.with_suffix('.vocab.txt')}: its vocabulary",
        "against PyTorch in fp32    found       kept if",
        out.splitlines()[3],
        out.splitlines()[4],
        "mean top-10 overlap        1.0000000   >= 0.99",
    ]
    assert out.splitlines()[3].endswith("   >= 0.99999")
    session = onnxruntime.InferenceSession(output, providers=["CPUExecutionProvider"])
    # "[CLS] the tree [SEP]" in the lines of the vocabulary beside it.
    pieces = output.with_suffix(".vocab.txt").read_text().splitlines()
    ids = [[pieces.index(piece) for piece in ("[CLS]", "the", "tree", "[SEP]")]]
    [found] = session.run(["pooler_output"], {"input_ids": np.array(ids, np.int64)})
    expected = plain_vectors(folder / "model", ["the tree"], 30)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert pieces == VOCABULARY.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("precision", ["fp16", "int8"])
def test_json_after_a_proof_on_own_texts(
    precision: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "model.onnx"
    texts = ["--queries", str(folder / "topics.tsv")]
    texts += ["--corpus", str(folder / "corpus.tsv")]
    assert export(folder, output, "--precision", precision, "--json", *texts) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["output"] == str(output)
    assert report["bytes"] == output.stat().st_size
    assert report["precision"] == precision
    assert report["parity"].keys() == report["bounds"].keys()
    assert report["bounds"]["cosine"] <= report["parity"]["cosine"] < 1
    # Of five passages, ten are as good as all.
    assert report["parity"]["overlap"] == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--queries", "topics.tsv"], "--queries and --corpus go together"),
        (["--encoder", "tasb:int8:model"], "names a backend; expected 'tasb:model'"),
        (["--encoder", "tasb:nowhere"], "encoder 'nowhere': no such folder"),
        (["--output", "."], ".: is a folder; expected the name of a file to write"),
    ],
)
def test_mistakes_end_in_one_line(
    words: list[str],
    message: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    before = sorted(folder.iterdir())
    assert export(Path(), Path("m.onnx"), *words) == 1
    err = capsys.readouterr().err
    assert err.startswith("tasb export: ")
    assert message in err
    assert err.count("\n") == 1
    assert sorted(folder.iterdir()) == before
