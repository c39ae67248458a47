"""Each wrong input: one line that names it, status 1, nothing there is touched."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tests.checkpoints import make_checkpoint

pytest.importorskip("faiss")

GOOD = [{"id": "a", "contents": "copy the tree"}, {"id": "b", "contents": "dense"}]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_checkpoint(folder / "one", seed=1)
    make_checkpoint(folder / "two", seed=2)
    return folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("good.jsonl").write_text("".join(json.dumps(p) + "\n" for p in GOOD))
    Path("topics.tsv").write_text("1\tcopy\n2\tdense tree\n")
    Path("qrels.txt").write_text("1 0 a 1\n2 0 b 1\n")
    return tmp_path


def encode(corpus: str, models: Path, output: str = "E") -> int:
    encoder = f"tasb:{models / 'one'}"
    return main(
        ["encode", "--corpus", corpus, "--embeddings", output, "--encoder", encoder]
    )


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "tasb-cache" not in path.parts
    }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "c", "contents": ', r"bad.jsonl:3: not JSON"),
        ('{"contents": "no id"}', r"bad.jsonl:3: "),
        ('{"id": "a", "contents": "again"}', r"bad.jsonl:3: "),
        ('{"id": "c", "contents": " "}', r"bad.jsonl:3: "),
    ],
    ids=["not JSON", "missing id", "duplicate id", "empty passage"],
)
@pytest.mark.parametrize("command", ["encode", "bm25 index"])
def test_a_bad_passage_is_named_by_file_and_line(
    folder: Path,
    models: Path,
    line: str,
    message: str,
    command: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    if command == "bm25 index":
        pytest.importorskip("pyserini")
    good = (folder / "good.jsonl").read_text()
    (folder / "bad.jsonl").write_text(f"{good}{line}\n")
    before = snapshot(folder)
    if command == "encode":
        assert encode("bad.jsonl", models) == 1
    else:
        words = ["--input", "bad.jsonl", "--index", "L"]
        assert main(["bm25", "index", *words]) == 1
    error = capfd.readouterr().err
    assert error.count("\n") == 1
    assert message in error
    assert "expected" in error
    assert snapshot(folder) == before


def search(models: Path, encoder: str, *, topics: str = "topics.tsv") -> int:
    return main(
        [
            *("search", "--index", "I", "--topics", topics, "--output", "run.txt"),
            *("--encoder", f"tasb:{models / encoder}"),
        ]
    )


@pytest.fixture
def index(folder: Path, models: Path) -> Path:
    assert encode("good.jsonl", models) == 0
    assert main(["index", "--input", "E", "--output", "I"]) == 0
    return folder / "I"


def test_topics_with_one_column(
    folder: Path, index: Path, models: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "one.tsv").write_text("1\tcopy\njust a query\n")
    capfd.readouterr()
    assert search(models, "one", topics="one.tsv") == 1
    error = capfd.readouterr().err
    assert error.startswith("tasb search: one.tsv:2: ")
    assert error.count("\n") == 1
    assert not (folder / "run.txt").exists()


def test_an_index_of_another_encoder(
    folder: Path, index: Path, models: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "run.txt").write_text("precious")
    capfd.readouterr()
    assert search(models, "two") == 1
    error = capfd.readouterr().err
    assert "this index and the query encoder do not belong together (weights:" in error
    assert error.count("\n") == 1
    assert (folder / "run.txt").read_text() == "precious"


def test_qrels_for_unknown_queries(
    folder: Path, index: Path, models: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert search(models, "one") == 0
    (folder / "qrels.txt").write_text("1 0 a 1\n9 0 b 1\n")
    capfd.readouterr()
    words = ["--qrels", "qrels.txt", "--topics", "topics.tsv"]
    assert main(["eval", "run.txt", *words]) == 1
    assert "qrels.txt:2: " in capfd.readouterr().err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_folder(
    folder: Path, models: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "locked").mkdir(mode=0o500)
    assert encode("good.jsonl", models, output="locked/E") == 1
    assert "locked/E" in capfd.readouterr().err


def test_a_path_that_leads_through_a_file(
    folder: Path, models: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(folder)
    assert encode("good.jsonl", models, output="good.jsonl/E") == 1
    error = capfd.readouterr().err
    assert "good.jsonl" in error
    assert error.count("\n") == 1
    assert snapshot(folder) == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Return a function that mounts a disk of so many KiB; skip where not allowed."""
    mounted: list[Path] = []

    def mount(kibibytes: int) -> Path:
        disk = tmp_path / "disk"
        disk.mkdir()
        options = ["-t", "tmpfs", "-o", f"size={kibibytes}k", "tmpfs", str(disk)]
        if subprocess.run(["mount", *options], capture_output=True).returncode:
            pytest.skip("mounting a small disk is not allowed here")
        mounted.append(disk)
        return disk

    try:
        yield mount
    finally:
        for disk in mounted:
            subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk(
    folder: Path,
    models: Path,
    small_disk: Callable[[int], Path],
    capfd: pytest.CaptureFixture[str],
) -> None:
    disk = small_disk(64)
    (folder / "many.jsonl").write_text(
        "".join(
            json.dumps({"id": f"d{n}", "contents": "copy"}) + "\n" for n in range(999)
        )
    )
    assert encode("many.jsonl", models, output=str(disk / "E")) == 1
    error = capfd.readouterr().err.rpartition("\r")[2].strip().splitlines()[-1]
    assert error.startswith("tasb encode: ")
    assert "No space left on device" in error
    assert not list(disk.glob("E/*.npy"))


def test_an_index_that_does_not_fit_leaves_the_old_one(
    folder: Path,
    index: Path,
    models: Path,
    small_disk: Callable[[int], Path],
    capfd: pytest.CaptureFixture[str],
) -> None:
    disk = small_disk(64)
    assert main(["index", "--input", "E", "--output", str(disk / "I")]) == 0
    before = snapshot(disk)
    (folder / "many.jsonl").write_text(
        "".join(
            json.dumps({"id": f"d{n}", "contents": "copy"}) + "\n" for n in range(999)
        )
    )
    assert encode("many.jsonl", models, output="E2") == 0
    capfd.readouterr()
    assert main(["index", "--input", "E2", "--output", str(disk / "I")]) == 1
    assert capfd.readouterr().err.splitlines()[-1].startswith("tasb index: ")
    assert snapshot(disk) == before
