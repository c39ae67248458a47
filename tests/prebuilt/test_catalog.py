import json
import os
import sys
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
