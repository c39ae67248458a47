import gzip
import hashlib
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.check import (
    CollectionSummary,
    check_collection,
    refuse_duplicates,
    repeated_keys,
)
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.errors import InputError
from tests.conftest import Collections
from tests.formats.strategies import ids


def json_line(docid: str, contents: str) -> str:
    return json.dumps({"id": docid, "contents": contents}) + "\n"


def test_the_fingerprint_is_that_of_the_records_in_order(tmp_path: Path) -> None:
    path = tmp_path / "c.tsv"
    path.write_text("a\tone\nb\tzwölf\n")
    expected = hashlib.sha256("a\t3\tone\nb\t5\tzwölf\n".encode()).hexdigest()
    assert check_collection(path) == CollectionSummary(2, expected)


def test_the_fingerprint_does_not_depend_on_files(tmp_path: Path) -> None:
    plain, parts, packed = (
        tmp_path / "c.tsv",
        tmp_path / "parts",
        tmp_path / "c.json.gz",
    )
    plain.write_text("1\ta\n2\tb\n")
    parts.mkdir()
    (parts / "x.jsonl").write_text(json_line("1", "a"))
    (parts / "y.json").write_text(json_line("2", "b"))
    packed.write_bytes(
        gzip.compress((json_line("1", "a") + '{"_id": 2, "text": "b"}').encode())
    )
    assert (
        check_collection(plain) == check_collection(parts) == check_collection(packed)
    )


@pytest.mark.parametrize(
    "other", ["2\tb\n1\ta\n", "1\ta\n", "1\ta\n2\tB\n", "1\ta\n3\tb\n", "1\ta\n2\tb \n"]
)
def test_the_fingerprint_depends_on_all_else(tmp_path: Path, other: str) -> None:
    (tmp_path / "a.tsv").write_text("1\ta\n2\tb\n")
    (tmp_path / "b.tsv").write_text(other)
    first, second = (check_collection(tmp_path / name) for name in ("a.tsv", "b.tsv"))
    assert first.fingerprint != second.fingerprint


def test_text_cannot_be_moved_between_records_unseen(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json_line("1", "x\n2\t1\ty"))
    (tmp_path / "b.jsonl").write_text(json_line("1", "x") + json_line("2", "y"))
    first = check_collection(tmp_path / "a.jsonl").fingerprint
    assert first != check_collection(tmp_path / "b.jsonl").fingerprint


def test_a_duplicate_id_is_named_with_both_places(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("1\ta\n2\tb\n")
    (tmp_path / "b.tsv").write_text("3\tc\n2\td\n2\te\n")
    with pytest.raises(InputError) as caught:
        check_collection(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/b.tsv:2: id 2 again, first at {tmp_path}/a.tsv:2; expected each "
        "id once; remove or rename one of the two"
    )


def test_ids_that_only_share_a_hash_pass(tmp_path: Path) -> None:
    path = tmp_path / "c.tsv"
    path.write_text("a\tone\nb\ttwo\n")
    refuse_duplicates(path, {hash("a"), hash("b")})


@given(keys=st.lists(st.integers(-9, 9)))
def test_repeated_keys_are_those_that_occur_more_than_once(keys: list[int]) -> None:
    assert repeated_keys([keys, []]) == {key for key in keys if keys.count(key) > 1}


@given(docids=st.lists(ids, min_size=1, max_size=30))
def test_a_collection_passes_exactly_if_its_ids_differ(
    tmp_path_factory: pytest.TempPathFactory, docids: list[str]
) -> None:
    path = tmp_path_factory.mktemp("ids") / "c.tsv"
    path.write_text("".join(f"{docid}\ttext\n" for docid in docids))
    if len(set(docids)) == len(docids):
        assert check_collection(path).passages == len(docids)
    else:
        with pytest.raises(InputError, match="again, first at"):
            check_collection(path)


def test_a_collection_without_passages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text("\n\n")
    with pytest.raises(InputError, match=r"c\.jsonl: no passages; expected at least"):
        check_collection(path)


def test_memory_is_a_few_bytes_a_passage(tmp_path: Path) -> None:
    path, count = tmp_path / "c.jsonl", 20_000
    with path.open("w") as file:
        for number in range(count):
            file.write(
                json_line(
                    f"docid-{number}", "nine words that are as short as these are"
                )
            )
    tracemalloc.start()
    assert check_collection(path).passages == count
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * count  # the ids as strings would take 60 bytes each


def test_real_collections_pass(collections: Collections) -> None:
    for name in ("scifact", "cacm"):
        folder = collections(name)
        passages = sum(1 for _ in read_collection(folder))
        assert check_collection(folder).passages == passages
