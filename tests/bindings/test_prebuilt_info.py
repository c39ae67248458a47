from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType, SimpleNamespace
from typing import Any

import pytest

from tasb_pyserini.bindings.prebuilt_info import add_indexes, complete_catalogues
from tasb_pyserini.prebuilt.catalog import our_catalog
from tasb_pyserini.prebuilt.entry import Kind, Prebuilt, RemoteFile


def index(name: str, kind: Kind = "faiss") -> Prebuilt:
    file = RemoteFile(
        filename=f"{name}.tar.gz",
        urls=(f"http://localhost/{name}.tar.gz",),
        md5="0" * 32,
        size=1,
    )
    return Prebuilt(name=name, kind=kind, description="d", files=(file,))


THEIRS = {"both": {"md5": "theirs"}, "user-too": {"md5": "theirs"}}


def add(module: SimpleNamespace) -> None:
    users = {"user-too": index("user-too"), "text": index("text", "lucene")}
    ours = {"both": index("both"), "ours": index("ours")}
    add_indexes(module, users, ours)


def test_pyserini_1_has_dictionaries_that_are_changed_in_place() -> None:
    listed = dict(THEIRS)
    module = SimpleNamespace(FAISS_INDEX_INFO=listed, TF_INDEX_INFO={})
    add(module)
    assert module.FAISS_INDEX_INFO is listed
    assert {name: entry["md5"] for name, entry in listed.items()} == {
        "both": "theirs",
        "user-too": "0" * 32,
        "ours": "0" * 32,
    }
    assert listed["ours"]["size compressed (bytes)"] == 1
    assert list(module.TF_INDEX_INFO) == ["text"]


def test_pyserini_2_has_read_only_mappings_that_are_covered() -> None:
    module = SimpleNamespace(
        FAISS_INDEX_INFO=MappingProxyType(THEIRS), TF_INDEX_INFO=MappingProxyType({})
    )
    add(module)
    assert {name: entry["md5"] for name, entry in module.FAISS_INDEX_INFO.items()} == {
        "both": "theirs",
        "user-too": "0" * 32,
        "ours": "0" * 32,
    }
    assert module.FAISS_INDEX_INFO["ours"]["size"] == 1
    assert list(module.TF_INDEX_INFO) == ["text"]


def test_a_list_that_has_another_name_leaves_the_others_as_they_are() -> None:
    module = SimpleNamespace(FAISS_INDEX_INFO=dict(THEIRS))
    with pytest.raises(AttributeError, match="TF_INDEX_INFO"):
        add(module)
    assert module.FAISS_INDEX_INFO == THEIRS


def test_our_catalogue_is_added_under_each_alias() -> None:
    module = SimpleNamespace(FAISS_INDEX_INFO={}, TF_INDEX_INFO={})
    add_indexes(module, {}, our_catalog())
    entries = [
        module.FAISS_INDEX_INFO[name]
        for name in (
            "msmarco-v1-passage.tasb",
            "msmarco-v1-passage.distilbert-dot-tas_b-b256",
        )
    ]
    assert entries[0] == entries[1]
    assert entries[0]["texts"] in module.TF_INDEX_INFO


def test_what_is_no_index_is_not_added() -> None:
    module = SimpleNamespace(FAISS_INDEX_INFO={}, TF_INDEX_INFO={})
    add_indexes(module, {"q": index("q", "encoded-queries")}, our_catalog())
    listed = module.FAISS_INDEX_INFO | module.TF_INDEX_INFO
    assert listed.keys() == {
        name
        for name, entry in our_catalog().items()
        if entry.kind in ("faiss", "lucene")
    }


def test_the_users_mirror_is_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASB_MIRROR", "http://mirror")
    module = SimpleNamespace(FAISS_INDEX_INFO={}, TF_INDEX_INFO={})
    add_indexes(module, {}, {"i": index("i")})
    assert module.FAISS_INDEX_INFO["i"]["urls"] == [
        "http://mirror/i.tar.gz",
        "http://localhost/i.tar.gz",
    ]


class Network(Mapping[str, Any]):
    """A list that Pyserini 2 would ask the network for."""

    def __getitem__(self, name: str) -> Any:
        raise AssertionError(f"asked for {name}")

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("asked for all")

    def __len__(self) -> int:
        raise AssertionError("asked for their number")


def test_what_is_in_the_cache_is_listed_without_asking_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path))
    names = ["msmarco-v1-passage.tasb", "msmarco-v1-passage"]
    ours = our_catalog()
    for name in names:
        (tmp_path / "indexes" / ours[name].folder_name).mkdir(parents=True)
    module = ModuleType("prebuilt_index_info")
    listed = {"FAISS_INDEX_INFO": Network(), "TF_INDEX_INFO": Network()}
    vars(module).update(listed)
    with complete_catalogues(module):
        pass
    (tasb,) = ours[names[0]].files
    assert module.FAISS_INDEX_INFO[names[0]]["md5"] == tasb.md5
    assert module.TF_INDEX_INFO[names[1]]["documents"] == 8_841_823
    with pytest.raises(AssertionError, match="asked for"):
        module.TF_INDEX_INFO["msmarco-v1-passage.d2q-t5"]
