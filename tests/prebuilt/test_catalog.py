import hashlib
import json
import os
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.prebuilt.catalog import (
    all_known,
    find,
    mirrored_urls,
    our_catalog,
    read_catalog,
    user_catalog,
)
from tasb_pyserini.prebuilt.entry import RemoteFile
from tests.conftest import Collections

FILE: dict[str, Any] = {
    "filename": "mine.tar.gz",
    "urls": ["https://example.org/mine.tar.gz"],
    "md5": "0123456789abcdef0123456789abcdef",
}
ENTRY: dict[str, Any] = {
    "name": "mine",
    "kind": "faiss",
    "description": "my index",
    "files": [FILE],
}


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path with a package whose entry point names a catalogue."""
    folder = tmp_path / "site"
    (folder / "my_lab").mkdir(parents=True)
    (folder / "my_lab" / "__init__.py").write_text(
        "from importlib.resources import files\n"
        "CATALOG = files('my_lab') / 'catalog.json'\n"
        "NUMBER = 3\n"
    )
    write(folder / "my_lab" / "catalog.json", [ENTRY | {"description": "the lab's"}])
    information = folder / "my_lab-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: my-lab\nVersion: 1.0\n"
    )
    point_to(folder, "my_lab:CATALOG")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "my_lab", raising=False)
    return folder


def point_to(folder: Path, value: str) -> None:
    points = folder / "my_lab-1.0.dist-info" / "entry_points.txt"
    points.write_text(f"[tasb_pyserini.catalogs]\nlab = {value}\n")


def test_of_several_catalogues_the_last_wins(tmp_path: Path) -> None:
    entries = [ENTRY | {"documents": 1}, ENTRY | {"name": "x"}]
    first = write(tmp_path / "1.json", entries)
    second = write(tmp_path / "2.json", [ENTRY | {"documents": 2}])
    catalog = user_catalog({"TASB_CATALOG": f"{first}{os.pathsep}{second}"})
    assert catalog["mine"].documents == 2
    assert "x" in catalog


def test_without_the_variable_there_is_no_users_catalogue() -> None:
    assert user_catalog({}) == {}


def test_aliases_lead_to_the_same_entry(tmp_path: Path) -> None:
    catalog = read_catalog(write(tmp_path / "c.json", [ENTRY | {"aliases": ["m"]}]))
    assert list(catalog) == ["mine", "m"]
    assert catalog["m"] is catalog["mine"]


def test_a_name_that_is_also_an_alias_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "c.json", [ENTRY | {"aliases": ["mine"]}])
    with pytest.raises(InputError, match="'mine' twice; expected each name once"):
        read_catalog(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'[\n{"name": }]', ":2: not JSON"),
        (b"\xff", ":1: not UTF-8 (byte 0xff)"),
        (b"{}", ": not a JSON array"),
        (b"[3]", ": entry 3; expected a JSON object"),
        (b"[" * 100_000, ": JSON nested too deeply"),
    ],
)
def test_a_file_of_the_wrong_form_is_named(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_catalog(path)
    assert str(error.value).startswith(f"{path}{message}")


def test_a_missing_file_is_named_with_the_variable(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none.json: no such.*see TASB_CATALOG"):
        user_catalog({"TASB_CATALOG": str(tmp_path / "none.json")})


@pytest.mark.usefixtures("installed")
def test_an_installed_package_adds_its_catalogue() -> None:
    assert find("mine", {}).description == "the lab's"


@pytest.mark.usefixtures("installed")
def test_the_users_catalogue_comes_before_an_installed_one(tmp_path: Path) -> None:
    path = write(tmp_path / "c.json", [ENTRY])
    assert find("mine", {"TASB_CATALOG": str(path)}).description == "my index"


def test_an_installed_catalogue_comes_before_ours(installed: Path) -> None:
    entries = [ENTRY | {"name": "msmarco-passage", "description": "the lab's"}]
    write(installed / "my_lab" / "catalog.json", entries)
    assert find("msmarco-passage", {}).description == "the lab's"
    assert find("msmarco-v1-passage", {}) == our_catalog()["msmarco-v1-passage"]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("my_lab:NUMBER", "is 3; expected a path to a catalogue file"),
        ("my_lab:NOTHING", "has no attribute 'NOTHING'; expected a path"),
        ("no_such_package:X", "No module named 'no_such_package'; expected a path"),
    ],
)
def test_an_entry_point_at_fault_is_named(
    installed: Path, value: str, problem: str
) -> None:
    point_to(installed, value)
    with pytest.raises(TasbError, match=problem) as error:
        all_known({})
    assert str(error.value).startswith(
        f"entry point lab = {value} of tasb_pyserini.catalogs"
    )


def test_a_mistyped_name_brings_the_nearest() -> None:
    with pytest.raises(TasbError, match=r"did you mean 'msmarco-v1-passage.tasb'\?"):
        find("msmarco-v1-pasage.tasb", {})


def test_a_name_like_no_other_brings_all_that_are_known() -> None:
    with pytest.raises(TasbError) as error:
        find("%%%", {})
    assert all(name in str(error.value) for name in our_catalog())


def test_mirrors_come_first_in_their_order() -> None:
    file = RemoteFile(filename="i.tar.gz", urls=("https://a/x?y=1", "https://b/x"))
    assert mirrored_urls(file, {}) == file.urls
    environ = {"TASB_MIRROR": " http://one:8080/copies/\n https://two "}
    assert mirrored_urls(file, environ) == (
        "http://one:8080/copies/i.tar.gz",
        "https://two/i.tar.gz",
        "https://a/x?y=1",
        "https://b/x",
    )


def test_a_mirror_that_is_the_source_is_asked_once() -> None:
    file = RemoteFile(filename="i.zip", urls=("https://a/i.zip",))
    assert mirrored_urls(file, {"TASB_MIRROR": "https://a"}) == file.urls


@pytest.mark.parametrize("prefix", ["/srv/copies", "ftp://a/b", "https://"])
def test_a_mirror_that_is_no_url_is_named(prefix: str) -> None:
    file = RemoteFile(filename="i.zip", urls=("https://a/i.zip",))
    with pytest.raises(TasbError, match=f"TASB_MIRROR: '{prefix}'; expected URLs"):
        mirrored_urls(file, {"TASB_MIRROR": f"https://good {prefix}"})


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
