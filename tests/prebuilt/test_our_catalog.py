"""The entries of the package: sources, rights and published facts."""

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tasb_pyserini.prebuilt.catalog import our_catalog, read_catalog
from tests.conftest import Collections

OURS = sorted(
    {entry.name: entry for entry in our_catalog().values()}.values(),
    key=lambda entry: entry.name,
)


@pytest.mark.parametrize("entry", OURS, ids=lambda entry: entry.name)
def test_each_entry_of_ours_says_where_its_facts_and_rights_come_from(
    entry: Any,
) -> None:
    assert entry.source
    assert entry.licence or entry.terms
    assert entry.citation
    assert all(url.startswith("https://") for file in entry.files for url in file.urls)
    known = our_catalog()
    assert entry.texts is None or known[entry.texts].kind == "lucene"
    assert entry.topics is None or known[entry.topics].kind == "topics"
    cards = files("tasb_pyserini.encoders") / "cards"
    assert entry.encoder is None or (cards / f"{entry.encoder}.json").is_file()


def test_names_of_ours_are_unique_over_all_kinds() -> None:
    folder = Path(__file__).parents[2] / "prebuilt" / "catalog"
    names = [name for path in folder.glob("*.json") for name in read_catalog(path)]
    assert len(names) == len(set(names)) == len(our_catalog())
    assert len({entry.folder_name for entry in OURS}) == len(OURS)


def test_each_kind_has_a_file_of_its_own() -> None:
    folder = Path(__file__).parents[2] / "prebuilt" / "catalog"
    kinds = {
        path.stem: {entry.kind for entry in read_catalog(path).values()}
        for path in folder.glob("*.json")
    }
    assert kinds.pop("collections") == {"collection"}
    assert kinds == {name: {name} for name in kinds}
    assert len(kinds) == 6


# Facts printed by Pyserini 1.6.0, ir_datasets and Microsoft's own list of checksums.
@pytest.mark.parametrize(
    ("name", "md5", "size"),
    [
        (
            "msmarco-v1-passage.tasb",
            "538546d5818527a51d87ce482e7a197e",
            25_162_329_450,
        ),
        (
            "msmarco-v1-passage",
            "678876e8c99a89933d553609a0fd8793",
            2_170_758_745,
        ),
        (
            "msmarco-v1-passage.d2q-t5",
            "cfd6acef0912647603457b1e98ca5bc0",
            807_866_520,
        ),
        (
            "msmarco-v1-passage.d2q-t5-docvectors",
            "3be8131464c2d1db23c8d6151c55740e",
            4_409_861_674,
        ),
        (
            "distilbert_tas_b-msmarco-passage-dev-subset",
            "17a3f81de7ba497728050b83733b1c46",
            20_016_799,
        ),
        ("distilbert_tas_b-dl19-passage", "a0a23a1be77e6e9e5dfacf32dfcd5e9b", 124_809),
        ("distilbert_tas_b-dl20", "8ffb4d5a17a2c028fb5065ef8a394ab3", 575_875),
        (
            "msmarco-passage-train.bert-cat-ensemble",
            "4d99696386f96a7f1631076bcc53ac3c",
            None,
        ),
        ("msmarco-passage-collection", "87dd01826da3e2ad45447ba5af577628", None),
        (
            "msmarco-passage-qidpidtriples",
            "219083e80a0a751c08b968c2f31a4e0b",
            1_841_693_309,
        ),
        ("dl20-passage.qrels", "0355ccee7509ac0463e8278186cdd8d1", 218_617),
    ],
)
def test_published_facts_are_kept(name: str, md5: str, size: int | None) -> None:
    (file,) = our_catalog()[name].files
    assert (file.md5, file.size) == (md5, size)


@pytest.mark.parametrize(
    "entry", [entry for entry in OURS if entry.verified], ids=lambda entry: entry.name
)
def test_real_copies_of_the_files_have_the_size_and_checksums(
    entry: Any, collections: Collections
) -> None:
    where = {"encoded-queries": "tasb-encoded-queries"}
    folder = collections(where.get(entry.kind, "msmarco-topics-qrels"))
    (file,) = entry.files
    path = folder / file.filename
    if not path.is_file():
        pytest.skip(f"no {path}")
    content = path.read_bytes()
    assert file.size == len(content)
    assert set(file.digests) == {"md5", "sha256"}
    for algorithm, digest in file.digests.items():
        assert hashlib.new(algorithm, content).hexdigest() == digest


def test_the_encoded_queries_are_those_that_pyserini_1_lists() -> None:
    info = pytest.importorskip("pyserini.encoded_query_info").QUERY_INFO
    ours = {entry.name: entry for entry in OURS if entry.kind == "encoded-queries"}
    if not ours.keys() & info.keys():
        pytest.skip("this version of Pyserini lists no queries encoded by TAS-B")
    for name, entry in ours.items():
        (file,) = entry.files
        assert file.urls[0] == info[name]["urls"][0]
        assert file.md5 == info[name]["md5"]
        assert file.size == info[name]["size (bytes)"]
        assert entry.queries == info[name]["total_queries"]
