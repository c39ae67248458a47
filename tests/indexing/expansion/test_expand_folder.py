"""A folder that an expansion may not write into, or can't go on with, is named."""

from pathlib import Path

import pytest
from filelock import FileLock

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.indexing.expansion.generator import QueryGenerator
from tests.indexing.expansion.expansions import expand, write_collection


def test_a_folder_of_other_files_is_not_written_into(
    generator: QueryGenerator, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 3)
    with pytest.raises(TasbError, match=r"holds files but no queries/manifest\.json"):
        expand(collection, tmp_path, generator)
    assert list(tmp_path.iterdir()) == [collection]


def test_what_a_run_killed_at_its_very_start_has_left_is_no_hindrance(
    generator: QueryGenerator, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 3)
    queries = tmp_path / "out" / "queries"
    queries.mkdir(parents=True)
    (queries / ".lock").touch()
    (queries / ".manifest.json.x1y2z3ab").write_text('{"pass')
    assert expand(collection, tmp_path / "out", generator).passages == 3


def test_queries_of_nobody_knows_what_are_refused(
    generator: QueryGenerator, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 3)
    queries = tmp_path / "out" / "queries"
    queries.mkdir(parents=True)
    (queries / "00000.jsonl").touch()
    with pytest.raises(TasbError, match=r"holds files but no queries/manifest\.json"):
        expand(collection, tmp_path / "out", generator)


def test_a_fault_in_the_last_line_is_found_before_anything_is_written(
    generator: QueryGenerator, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 30)
    with collection.open("a") as file:
        file.write('{"id": "d7", "contents": "the same id again"}\n')
    with pytest.raises(InputError, match=r"c\.jsonl:31: id d7 again"):
        expand(collection, tmp_path / "out", generator)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('{"id": "d0", "predicted_queries": []}\n', ":1: passage d0; expected d10"),
        ('{"id": "d10", "queries": []}\n', ':1: damaged; expected a list under "pred'),
        ("", ": 0 passages; expected 2"),
        ('{"id": "d10", "predicted_queries": []}', ":1: no line end"),
    ],
)
def test_a_damaged_shard_is_named(
    generator: QueryGenerator, tmp_path: Path, lines: str, message: str
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 12)
    expand(collection, tmp_path / "out", generator)
    (tmp_path / "out" / "queries" / "00001.jsonl").write_text(lines)
    with pytest.raises(InputError, match=f"00001.jsonl{message}"):
        expand(collection, tmp_path / "out", generator)


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_bad_manifest_is_refused(
    generator: QueryGenerator, tmp_path: Path, content: str
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 3)
    (tmp_path / "out" / "queries").mkdir(parents=True)
    (tmp_path / "out" / "queries" / "manifest.json").write_text(content)
    with pytest.raises(InputError, match="expected what an earlier run of the same"):
        expand(collection, tmp_path / "out", generator)


def test_two_processes_do_not_write_into_one_folder(
    generator: QueryGenerator, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 3)
    expand(collection, tmp_path / "out", generator)
    with (
        FileLock(tmp_path / "out" / "queries" / ".lock"),
        pytest.raises(TasbError, match="another process is writing into it"),
    ):
        expand(collection, tmp_path / "out", generator)
