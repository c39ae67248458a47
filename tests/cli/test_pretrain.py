import json
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tests.training.pretrain.corpora import write_corpora
from tests.training.toy import make_toy, write_toy

SIZE = "--layers 1 --dimension 16 --heads 2 --vocabulary 150 --max-length 24"
FEW = "--steps 3 --batch-size 4 --warmup-steps 1 --device cpu --contrastive none"


def pretrain(folder: Path, *words: str) -> int:
    corpora = [str(path) for path in write_corpora(folder)]
    size = "--max-length 24" if "--init" in words else SIZE
    given = [
        "--corpus",
        *corpora,
        "--output",
        f"{folder / 'out'}",
        *f"{size} {FEW}".split(),
    ]
    return main(["pretrain", *given, *words])


def test_what_it_writes_is_a_start_for_train(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contrastive = ["--contrastive", "ict", "--contrastive-steps", "2"]

    assert pretrain(tmp_path, *contrastive) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith(f"{tmp_path / 'out' / 'mlm'}: 3 steps, ")
    assert "held out: loss" in out[0]
    assert out[1].startswith(f"{tmp_path / 'out' / 'ict'}: 2 steps, ")
    assert out[2].endswith(f"use it in tasb train --init {tmp_path / 'out'}")
    triples, topics, collection = write_toy(tmp_path / "toy", make_toy())
    words = ["--triples", f"{triples}", "--topics", f"{topics}", "--device", "cpu"]
    words += ["--collection", f"{collection}", "--output", f"{tmp_path / 'student'}"]
    words += ["--init", f"{tmp_path / 'out'}", "--steps", "2", "--batch-size", "4"]
    assert main(["train", *words]) == 0


def test_json_is_the_record_of_what_came_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pretrain(tmp_path, "--init", "lsa", *SIZE.split(), "--json") == 0

    printed = json.loads(capsys.readouterr().out)
    record = json.loads((tmp_path / "out" / "training.json").read_text())
    assert printed == {"output": str(tmp_path / "out"), **record["result"]}
    assert record["start"]["start"] == "lsa"
    assert printed["mlm"]["steps"] == 3
    assert printed["mlm"]["tokens_per_second"] > 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--corpus", "none.jsonl"], "none.jsonl: no such file; expected"),
        (["--init", "no/such/place"], "no such folder"),
        (
            ["--init", "o/n", "--layers", "4", "--heads", "2"],
            "--layers, --heads: of a new encoder; with --init the size is that of o/n; "
            "leave out the one or the other",
        ),
        (["--mask-rate", "2"], "mask_rate 2.0: expected a number between 0 and 1"),
        (["--dimension", "15"], "dimension that the heads share evenly"),
        (["--vocabulary", "50"], "vocabulary 50: expected at least 100"),
        (["--batch-size", "500"], "batch_size 500, but"),
        (["--steps", "0"], "steps 0: expected at least 1"),
        (["--mixed-precision", "fp16"], "on a CPU: expected 'bf16' or 'no'"),
    ],
)
def test_a_mistake_is_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    message: str,
) -> None:
    assert pretrain(tmp_path, *words) == 1

    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("tasb pretrain: ")
    assert message in said
