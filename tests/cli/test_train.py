import json
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.encoders.encoder import Encoder
from tests.training.processes import launch
from tests.training.toy import make_toy, toy_student, write_toy

SIZE = ["--layers", "1", "--dimension", "32", "--heads", "2", "--vocabulary", "300"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_toy(tmp_path, make_toy())
    return tmp_path


def tasb_train(folder: Path, *words: str) -> int:
    return main(arguments(folder, *words))


def arguments(folder: Path, *words: str) -> list[str]:
    inputs = [
        *("--triples", f"{folder / 'triples.tsv'}"),
        *("--topics", f"{folder / 'topics.tsv'}"),
        *("--collection", f"{folder / 'collection.jsonl'}"),
        *("--output", f"{folder / 'out'}"),
    ]
    size = [] if "--init" in words else SIZE
    return ["train", *inputs, *size, "--steps", "3", "--batch-size", "4", *words]


def test_a_student_from_nothing_is_trained_and_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb_train(folder, "--passage-max-length", "50") == 0

    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert printed.endswith(f"use it as tasb:{folder / 'out'}\n")
    encoder = Encoder.load(f"tasb:{folder / 'out'}")
    assert encoder.spec.dimension == 32
    assert (encoder.spec.query_max_length, encoder.spec.passage_max_length) == (30, 50)


def test_the_same_command_again_does_nothing(folder: Path) -> None:
    assert tasb_train(folder) == 0
    changed = (folder / "out" / "model.safetensors").stat().st_mtime_ns

    assert tasb_train(folder) == 0
    assert (folder / "out" / "model.safetensors").stat().st_mtime_ns == changed


def test_training_starts_from_a_checkpoint(folder: Path) -> None:
    start = toy_student(folder / "start", make_toy())

    assert tasb_train(folder, "--init", f"tasb:{start}", "--lr", "1e-4") == 0

    record = json.loads((folder / "out" / "training.json").read_text())
    assert record["config"]["learning_rate"] == 1e-4
    assert record["start"]["weights"] == Encoder.load(f"tasb:{start}").spec.weights


def test_json_is_the_record_of_what_came_of_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb_train(folder, "--json") == 0

    printed = json.loads(capsys.readouterr().out)
    record = json.loads((folder / "out" / "training.json").read_text())
    assert printed == {"output": str(folder / "out"), **record["result"]}
    assert printed["steps"] == 3


@pytest.mark.parametrize("option", ["--layers", "--dimension", "--vocabulary"])
def test_a_checkpoint_has_its_own_size(
    folder: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    start = toy_student(folder / "start", make_toy())

    assert tasb_train(folder, "--init", f"{start}", "--heads", "2", option, "200") == 1

    [line] = capsys.readouterr().err.splitlines()
    named = ", ".join(o for o in SIZE[::2] if o in ("--heads", option))
    assert line == (
        f"tasb train: {named}: of a new encoder; with --init the size is that of "
        f"{start}; leave out the one or the other"
    )
    assert not (folder / "out").exists()


def test_an_unknown_docid_is_one_line_with_its_place(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (folder / "triples.tsv").open("a") as file:
        file.write("q0-0\td0\td99\n")
    line = len(make_toy().triples) + 1

    assert tasb_train(folder) == 1

    error = capsys.readouterr().err.splitlines()[-1]
    place = f"{folder / 'triples.tsv'}:{line}"
    assert error.startswith(f"tasb train: {place}: docid d99 is not in the collection")
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--lr", "0"], "learning_rate 0.0: expected a number above 0"),
        (["--init", "no/such/place/here"], "no such folder"),
        (["--device", "cuda:99"], "no device 'cuda:99'"),
        (["--vocabulary", "9"], "vocabulary 9: expected at least 100"),
    ],
)
def test_a_wrong_argument_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert tasb_train(folder, *words) == 1

    assert message in capsys.readouterr().err.splitlines()[-1]
    assert not (folder / "out").exists()


@pytest.mark.slow
def test_of_two_processes_one_says_what_came_of_it(folder: Path) -> None:
    words = arguments(folder, "--device", "cpu")

    two = launch(*words, module="tasb_pyserini")

    assert two.returncode == 0, two.stderr
    assert two.stdout.count("\n") == 1
    assert two.stdout.endswith(f"use it as tasb:{folder / 'out'}\n")
