"""An output belongs to one collection and encoder: other work leaves it as it is."""

import json
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.quickstart.pipeline import run_quickstart
from tasb_pyserini.quickstart.work import STUDENT, begin, refuse_other_files
from tests.checkpoints import make_checkpoint
from tests.quickstart.small import PASSAGES, write_collection


def contents(folder: Path) -> dict[Path, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: path.read_bytes() for path in files}


@pytest.mark.pyserini
def test_another_collection_or_encoder_is_refused_before_anything_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("faiss")
    one = write_collection(tmp_path / "one")
    other = write_collection(tmp_path / "other", {**PASSAGES, "new": "a new passage"})
    encoders = [f"tasb:{make_checkpoint(tmp_path / n, seed=ord(n))}" for n in "ab"]
    output = tmp_path / "out"

    def quickstart(collection: Path, encoder: str) -> int:
        words = ["quickstart", "--collection", str(collection), "--encoder", encoder]
        return main([*words, "--output", str(output), "--json"])

    assert quickstart(one, encoders[0]) == 0
    before = contents(output)
    for collection, encoder, named in (
        (other, encoders[0], "passages: there 3, now 4"),
        (one, encoders[1], f"encoder: there '{encoders[0]}', now '{encoders[1]}'"),
    ):
        capsys.readouterr()
        assert quickstart(collection, encoder) == 1
        line = capsys.readouterr().err.splitlines()[-1]
        assert f"{output}: holds a quickstart of another collection" in line
        assert named in line
        assert "choose another output (make: OUTPUT=FOLDER) or delete" in line
        assert contents(output) == before
    capsys.readouterr()
    assert main(["ask", "cake", "--output", str(output), "--json"]) == 0
    answers = json.loads(capsys.readouterr().out)
    assert {answer["docid"]: answer["text"] for answer in answers} == PASSAGES
    assert quickstart(one, encoders[0]) == 0


@pytest.mark.pyserini
def test_an_interrupted_quickstart_goes_on(tmp_path: Path) -> None:
    pytest.importorskip("faiss")
    collection = write_collection(tmp_path / "one")
    encoder = f"tasb:{make_checkpoint(tmp_path / 'model')}"
    output = tmp_path / "out"

    def interrupt(line: str) -> None:
        if line.startswith("Searching"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_quickstart(collection, output, encoder, interrupt)
    vectors = output / "vectors" / "00000.npy"
    written = vectors.stat().st_mtime_ns
    assert run_quickstart(collection, output, encoder, print).passages == 3
    assert vectors.stat().st_mtime_ns == written


def test_an_output_without_a_note_of_its_collection_is_refused(tmp_path: Path) -> None:
    collection = write_collection(tmp_path / "one")
    start = tmp_path / "out" / "student" / "start"
    start.mkdir(parents=True)
    with pytest.raises(TasbError, match="passages: there None, now 3"):
        begin(collection, tmp_path / "out", STUDENT)


@pytest.mark.parametrize(
    "name", ["collection/corpus.jsonl", "lucene/segments_1", "vectors/manifest.json"]
)
def test_a_folder_of_other_files_is_left_as_it_is(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    collection = write_collection(tmp_path / "one")
    mine = tmp_path / "work" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("{}")
    output = mine.parent if mine.name == "manifest.json" else tmp_path / "work"
    before = sorted(output.rglob("*"))
    for words in ([], ["--collection", str(collection)]):
        more = ["--output", str(output), "--encoder", "tasb:nothing"]
        assert main(["quickstart", *words, *more]) == 1
        [line] = capsys.readouterr().err.splitlines()
        assert line.startswith(f"tasb quickstart: {output}: holds files but no quick")
        assert sorted(output.rglob("*")) == before
        assert mine.read_text() == "{}"


def test_an_output_that_is_a_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "topics.tsv"
    output.write_text("1\ta query\n")
    assert main(["quickstart", "--output", str(output), "--encoder", "tasb:none"]) == 1
    assert capsys.readouterr().err == (
        f"tasb quickstart: {output}: is a file; expected a new or empty folder, or "
        "that of an earlier quickstart (make: OUTPUT=FOLDER)\n"
    )
    assert output.read_text() == "1\ta query\n"


def test_what_a_killed_quickstart_began_is_no_obstacle(tmp_path: Path) -> None:
    output = tmp_path / "out"
    refuse_other_files(output)
    (output / ".collection.a1b2c3").mkdir(parents=True)
    (output / ".lock").touch()
    refuse_other_files(output)
    begin(write_collection(tmp_path / "one"), output, "tasb")
    (output / "lucene").mkdir()
    refuse_other_files(output)


def test_nothing_is_decided_before_there_is_anything_to_mix(tmp_path: Path) -> None:
    collection = write_collection(tmp_path / "one")
    output = tmp_path / "out"
    begin(collection, output, "tasb:a-name-with-a-slip")
    (output / "lucene").mkdir()  # made anew each time
    begin(collection, output, "tasb")


def test_the_standard_library_does_not_mix_with_a_collection(tmp_path: Path) -> None:
    output = tmp_path / "out"
    begin(write_collection(tmp_path / "one"), output, STUDENT)
    (output / "student").mkdir()
    with pytest.raises(TasbError, match="holds a quickstart of another collection"):
        begin(None, output, STUDENT)
    assert not (output / "collection").exists()


def test_a_student_goes_on_with_its_own_training_queries_alone(tmp_path: Path) -> None:
    collection = write_collection(tmp_path / "one")
    output = tmp_path / "out"
    begin(collection, output, STUDENT)
    (output / "student").mkdir()
    (collection / "topics.tsv").write_text("1\tthe product\n2\tcopy\n")
    (collection / "qrels.txt").write_text("1 0 copy 1\n2 0 dense 1\n")
    begin(collection, output, STUDENT)  # the same passages are held out
    (collection / "qrels.txt").write_text("1 0 dense 1\n2 0 cafe 1\n")
    with pytest.raises(TasbError, match=r"training: there '[0-9a-f]{12}', now"):
        begin(collection, output, STUDENT)


def test_training_queries_decide_where_there_are_any(tmp_path: Path) -> None:
    collection = write_collection(tmp_path / "one")
    (collection / "train.topics.tsv").write_text("9\tbest cake\n")
    (collection / "train.qrels.txt").write_text("9 0 cafe 1\n")
    output = tmp_path / "out"
    begin(collection, output, STUDENT)
    (output / "student").mkdir()
    (collection / "qrels.txt").write_text("1 0 dense 1\n2 0 cafe 1\n")
    begin(collection, output, STUDENT)
    (collection / "train.qrels.txt").write_text("9 0 copy 1\n")
    with pytest.raises(TasbError, match="training: there"):
        begin(collection, output, STUDENT)
