import json
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.training.clusters.file import write_clusters
from tasb_pyserini.training.pairs.store import open_pairs
from tests.training.toy import make_toy, toy_student, write_toy


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TASB_CACHE", str(tmp_path / "cache"))
    write_toy(tmp_path, make_toy())
    return tmp_path


def tasb(command: str, folder: Path, output: str, *words: str) -> int:
    inputs = [
        *("--topics", f"{folder / 'topics.tsv'}"),
        *("--collection", f"{folder / 'collection.jsonl'}"),
        *("--output", f"{folder / output}", "--device", "cpu"),
    ]
    if "--pairs" not in words:
        inputs += ["--triples", f"{folder / 'triples.tsv'}"]
    return main([*command.split(), *inputs, *words])


def train_teacher(folder: Path, kind: str, output: str, *words: str) -> int:
    few = ["--steps", "3", "--batch-size", "4", "--lr", "1e-3"]
    return tasb(f"train-teacher {kind}", folder, output, *few, *words)


def record_of(folder: Path) -> dict[str, dict[str, object]]:
    record: dict[str, dict[str, object]] = json.loads(
        (folder / "training.json").read_text()
    )
    return record


def prefixes(values: dict[str, object]) -> tuple[object, object]:
    return values["query_prefix"], values["passage_prefix"]


def test_both_teachers_teach_a_tas_balanced_student(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toy = make_toy()
    init = ["--init", f"{toy_student(folder / 'start', toy)}"]
    asked = [qid for qid in toy.queries if qid not in toy.held_out]
    write_clusters(folder / "clusters.tsv", [asked[:24], asked[24:]])

    assert train_teacher(folder, "cat", "cat", *init) == 0
    assert capsys.readouterr().out.endswith(
        f"use it in tasb score --teacher {folder / 'cat'}\n"
    )
    teacher = ["--teacher", f"{folder / 'cat'}"]
    assert tasb("score", folder, "scored", *teacher) == 0
    assert open_pairs(folder / "scored").pos_score is not None
    scored = ["--pairs", f"{folder / 'scored'}"]
    assert train_teacher(folder, "colbert", "colbert", *init, *scored) == 0
    assert record_of(folder / "colbert")["config"]["loss"] == "margin-mse"
    balanced = ["--recipe", "tas-balanced", "--steps", "3", "--batch-size", "4"]
    clusters = ["--clusters", f"{folder / 'clusters.tsv'}"]
    teacher = ["--teacher", f"{folder / 'colbert'}"]
    student = [*init, *scored, *clusters, *teacher, *balanced]
    assert tasb("train", folder, "student", *student) == 0

    result = record_of(folder / "student")["result"]
    assert {"pair_loss", "in_batch_loss"} <= result.keys()


def test_a_teacher_from_nothing_has_the_size_that_was_asked_for(folder: Path) -> None:
    size = ["--layers", "1", "--dimension", "32", "--heads", "2", "--vocabulary", "300"]

    assert train_teacher(folder, "colbert", "t", *size, "--loss", "contrastive") == 0

    config = json.loads((folder / "t" / "config.json").read_text())
    assert (config["compression_dim"], config["transformer"]["n_layers"]) == (32, 1)
    assert record_of(folder / "t")["config"]["loss"] == "contrastive"
    assert record_of(folder / "t")["config"]["max_grad_norm"] == 10_000


def test_json_is_the_record_of_what_came_of_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = ["--layers", "1", "--dimension", "16", "--heads", "2"]
    words = [*small, "--vocabulary", "300", "--json"]
    assert train_teacher(folder, "colbert", "colbert", *words) == 0
    printed = json.loads(capsys.readouterr().out)
    of = record_of(folder / "colbert")["result"]
    assert printed == {"output": str(folder / "colbert"), **of}
    assert printed["steps"] == 3


def test_a_recipe_says_what_a_colbert_learns_by(folder: Path) -> None:
    init = ["--init", f"{toy_student(folder / 'start', make_toy())}"]
    of = ["--recipe", "tct-teacher"]

    assert train_teacher(folder, "colbert", "t", *init, *of) == 0
    assert train_teacher(folder, "colbert", "u", *init, *of, "--loss", "ranknet") == 0

    config = record_of(folder / "t")["config"]
    assert (config["loss"], config["query_prefix"]) == ("contrastive", "[Q]")
    assert record_of(folder / "u")["config"]["loss"] == "ranknet"


def test_a_teacher_is_trained_further(folder: Path) -> None:
    start = toy_student(folder / "start", make_toy())
    train_teacher(folder, "cat", "first", "--init", f"{start}")

    assert train_teacher(folder, "cat", "second", "--init", f"{folder / 'first'}") == 0
    assert train_teacher(folder, "cat", "second", "--init", f"{folder / 'first'}") == 0


def test_an_encoders_prefixes_are_not_for_a_cross_encoder(folder: Path) -> None:
    start = toy_student(folder / "start", make_toy())
    spec = json.loads((start / "encoder.json").read_text())
    (start / "encoder.json").write_text(json.dumps({**spec, "query_prefix": "[Q]"}))

    assert train_teacher(folder, "cat", "cat", "--init", f"{start}") == 0
    assert train_teacher(folder, "colbert", "colbert", "--init", f"{start}") == 0

    assert record_of(folder / "cat")["config"]["query_prefix"] == ""
    assert record_of(folder / "colbert")["config"]["query_prefix"] == "[Q]"


def test_what_starts_from_a_colbert_reads_its_prefixes_unless_told_otherwise(
    folder: Path,
) -> None:
    start = ["--init", f"{toy_student(folder / 'start', make_toy())}"]
    marks = ["--query-prefix", "[Q]", "--passage-prefix", "[D]"]
    assert train_teacher(folder, "colbert", "first", *start, *marks) == 0
    first = f"{folder / 'first'}"
    few = ["--recipe", "in-batch-colbert", "--steps", "3", "--batch-size", "4"]
    taught = ["--init", first, "--teacher", first, *few]

    assert train_teacher(folder, "colbert", "second", "--init", first) == 0
    assert tasb("train", folder, "student", *taught) == 0
    assert tasb("train", folder, "student", *taught) == 0
    plain = ["--init", first, "--steps", "3", "--batch-size", "4"]
    assert tasb("train", folder, "plain", *plain, "--query-prefix", "") == 0

    assert prefixes(record_of(folder / "second")["config"]) == ("[Q]", "[D]")
    assert prefixes(record_of(folder / "student")["encoder"]) == ("[Q]", "[D]")
    assert prefixes(record_of(folder / "plain")["encoder"]) == ("", "[D]")


@pytest.mark.parametrize(
    ("kind", "words", "message"),
    [
        ("cat", ["--loss", "contrastive"], "expected ranknet or margin-mse"),
        ("cat", ["--loss", "margin-mse"], "the pairs have no scores"),
        ("cat", ["--recipe", "tas-balanced"], "recipe tas-balanced: of 'tasb train'; "),
        ("cat", ["--init", "COLBERT"], "expected an encoder, or a teacher of kind cat"),
        ("colbert", ["--init", "no/such/place"], "no such folder"),
    ],
)
def test_a_mistake_is_one_line(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    words: list[str],
    message: str,
) -> None:
    start = toy_student(folder / "start", make_toy())
    if "COLBERT" in words:
        train_teacher(folder, "colbert", "other", "--init", f"{start}")
        words = ["--init", f"{folder / 'other'}"]
    init = [] if "--init" in words else ["--init", f"{start}"]

    assert train_teacher(folder, kind, "t", *init, *words) == 1

    assert message in capsys.readouterr().err.splitlines()[-1]
    assert not (folder / "t").exists()


def test_a_folder_of_another_run_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    init = ["--init", f"{toy_student(folder / 'start', make_toy())}"]
    train_teacher(folder, "cat", "t", *init)

    assert train_teacher(folder, "colbert", "t", *init) == 1
    assert "holds another run (config.kind" in capsys.readouterr().err


def test_a_student_is_not_taught_by_a_folder_without_weights(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    init = ["--init", f"{toy_student(folder / 'start', make_toy())}"]
    few = ["--recipe", "in-batch-colbert", "--steps", "3", "--batch-size", "4"]
    teacher = ["--teacher", f"{folder / 'none'}"]

    assert tasb("train", folder, "t", *init, *few, *teacher) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(f"tasb train: {folder / 'none'}: no weights; expected")


def test_a_teachers_recipe_is_refused_for_a_student(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb("train", folder, "t", "--recipe", "teacher") == 1

    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith(
        "tasb train: recipe teacher: of 'tasb train-teacher'; expected dual-random or "
    )
    assert not (folder / "t").exists()
    (folder / "mine.yaml").write_text("steps: 3\nloss: contrastive\n")
    assert tasb("train", folder, "t", "--recipe", f"{folder / 'mine.yaml'}") == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert "loss contrastive: of 'tasb train-teacher'; expected pair_loss" in said
