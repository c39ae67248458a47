"""Which entry a name of Pyserini stands for, and what becomes of errors."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tasb_pyserini.bindings.downloads import (
    INDEX_LISTS,
    QUERY_LISTS,
    find_entry,
    listed_entry,
    through_fetch,
)
from tasb_pyserini.prebuilt.catalog import find
from tests.prebuilt.entries import entry, index_archive, remote, write_catalog
from tests.prebuilt.server import serving

TASB = "msmarco-v1-passage.tasb"


class Network(Mapping[str, Any]):
    """A list that Pyserini 2 would ask the network for."""

    def __getitem__(self, name: str) -> Any:
        raise AssertionError(f"asked for {name}")

    def __contains__(self, name: object) -> bool:
        raise AssertionError(f"asked for {name}")

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("asked for all")

    def __len__(self) -> int:
        raise AssertionError("asked for their number")


def pyserini(**lists: Mapping[str, Any]) -> SimpleNamespace:
    empty: dict[str, Any] = {name: {} for name in [*INDEX_LISTS, *QUERY_LISTS]}
    return SimpleNamespace(**empty | lists)


def test_what_pyserini_lists_is_found_under_its_folder_name() -> None:
    info = {
        "filename": "i.20260101.tar.gz",
        "urls": ["http://a/i", "http://b/i"],
        "md5": "1" * 32,
        "size compressed (bytes)": 7,
    }
    for attribute, kind in INDEX_LISTS.items():
        found = find_entry(pyserini(**{attribute: {"i": info}}), INDEX_LISTS, "i", {})
        assert found is not None
        assert (found.kind, found.files[0].size) == (kind, 7)
        assert found.files[0].urls == ("http://a/i", "http://b/i")
        assert found.folder_name == "i.20260101." + "1" * 32


def test_pyserinis_sizes_of_encoded_queries_are_not_relied_on() -> None:
    info = {"urls": ["http://a/q.tar.gz"], "md5": "1" * 32, "size (bytes)": 7}
    found = listed_entry("q", "encoded-queries", info, None)
    assert found is not None
    assert found.files[0].size is None


def test_the_same_file_in_both_lists_has_the_urls_of_both() -> None:
    (ours,) = find(TASB, {}).files
    info = {"filename": ours.filename, "urls": ["http://new/i"], "md5": ours.md5}
    found = find_entry(pyserini(FAISS_INDEX_INFO={TASB: info}), INDEX_LISTS, TASB, {})
    assert found is not None
    assert found.files[0].urls == (*ours.urls, "http://new/i")
    assert found.files[0].size == ours.size


def test_another_file_in_pyserinis_list_may_be_newer_than_ours() -> None:
    info = {"filename": "new.tar.gz", "urls": ["http://new/i"], "md5": "2" * 32}
    found = find_entry(pyserini(FAISS_INDEX_INFO={TASB: info}), INDEX_LISTS, TASB, {})
    assert found is not None
    assert found.folder_name == "new." + "2" * 32


def test_ours_that_are_in_the_cache_are_found_without_pyserinis_lists(
    tmp_path: Path,
) -> None:
    module = pyserini(TF_INDEX_INFO=Network(), FAISS_INDEX_INFO=Network())
    environ = {"PYSERINI_CACHE": str(tmp_path)}
    with pytest.raises(AssertionError, match="asked for"):
        find_entry(module, INDEX_LISTS, TASB, environ)
    (tmp_path / "indexes" / find(TASB, environ).folder_name).mkdir(parents=True)
    assert find_entry(module, INDEX_LISTS, TASB, environ) == find(TASB, environ)


def test_the_users_catalogue_comes_before_pyserinis_lists(tmp_path: Path) -> None:
    with serving({}) as server:
        mine = entry("mine", "faiss", remote(server, "m.tar.gz", b"x"))
    environ = {"TASB_CATALOG": str(write_catalog(tmp_path / "c.json", mine))}
    module = pyserini(TF_INDEX_INFO=Network())
    assert find_entry(module, INDEX_LISTS, "mine", environ) == find("mine", environ)
    assert find_entry(pyserini(), QUERY_LISTS, "mine", environ) is None


def test_a_download_that_fails_is_no_unknown_name_to_pyserini(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path))

    def theirs(name: str, **options: Any) -> str:
        raise ValueError(f"Unrecognized index name {name}")

    with serving({}) as server:
        file = remote(server, "m.tar.gz", index_archive())
        server.files.clear()
        entries = {"mine": entry("mine", "faiss", file)}
        download = through_fetch(theirs, entries.get)
        with pytest.raises(OSError, match=file.urls[0]):
            download("mine", verbose=False)
        with pytest.raises(ValueError, match="Unrecognized index name other"):
            download("other")
        server.files["m.tar.gz"] = index_archive()
        path = download("mine", verbose=False)
    assert path == str(tmp_path / "indexes" / entries["mine"].folder_name)
