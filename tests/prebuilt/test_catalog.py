import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.prebuilt.catalog import our_catalog, read_catalog, user_catalog
from tasb_pyserini.prebuilt.entry import FORMS, PrebuiltIndex

ENTRY: dict[str, Any] = {
    "name": "mine",
    "kind": "faiss",
    "description": "my index",
    "filename": "mine.tar.gz",
    "urls": ["https://example.org/mine.tar.gz"],
    "md5": "0123456789abcdef0123456789abcdef",
}


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def test_the_tas_b_index_is_the_published_one() -> None:
    index = our_catalog()["msmarco-v1-passage.tasb"]
    assert index.md5 == "538546d5818527a51d87ce482e7a197e"
    assert index.size == 25_162_329_450
    assert index.documents == 8_841_823
    assert index.encoder == "tasb"
    assert not index.verified


@pytest.mark.parametrize(
    ("name", "md5", "size"),
    [
        ("d2q-t5", "cfd6acef0912647603457b1e98ca5bc0", 807_866_520),
        ("d2q-t5-docvectors", "3be8131464c2d1db23c8d6151c55740e", 4_409_861_674),
    ],
)
def test_the_doc2query_indexes_are_the_published_ones(
    name: str, md5: str, size: int
) -> None:
    index = our_catalog()[f"msmarco-v1-passage.{name}"]
    assert (index.md5, index.size, index.total_terms) == (md5, size, 1_986_612_263)


def test_aliases_lead_to_the_same_index() -> None:
    catalog = our_catalog()
    index = catalog["msmarco-v1-passage.tasb"]
    assert index.aliases
    assert all(catalog[alias] is index for alias in index.aliases)


def test_a_users_catalogue_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "c.json", [{**ENTRY, "aliases": ["m"], "size": 7}])
    index = PrebuiltIndex(
        name="mine",
        kind="faiss",
        description="my index",
        filename="mine.tar.gz",
        urls=("https://example.org/mine.tar.gz",),
        md5="0123456789abcdef0123456789abcdef",
        size=7,
        aliases=("m",),
    )
    assert user_catalog({"TASB_CATALOG": str(path)}) == {"mine": index, "m": index}
    assert user_catalog({}) == {}


def test_of_several_catalogues_the_last_wins(tmp_path: Path) -> None:
    first = write(tmp_path / "1.json", [{**ENTRY, "size": 1}, {**ENTRY, "name": "x"}])
    second = write(tmp_path / "2.json", [{**ENTRY, "size": 2}])
    catalog = user_catalog({"TASB_CATALOG": f"{first}{os.pathsep}{second}"})
    assert catalog["mine"].size == 2
    assert "x" in catalog


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": 3}, "entry 3: name is 3; expected a name"),
        ({"kind": "bm25"}, "kind is 'bm25'; expected 'faiss' or 'lucene'"),
        ({"urls": []}, r"urls is \[\]; expected an array of one or more URLs"),
        ({"urls": "https://a"}, "urls is 'https://a'; expected an array"),
        ({"md5": "ABC"}, "md5 is 'ABC'; expected 32 hexadecimal digits"),
        ({"filename": "../x.tar.gz"}, "filename is '../x.tar.gz'; expected a file"),
        ({"size": True}, "size is True; expected a number of bytes"),
        ({"size": -1}, "size is -1; expected a number of bytes"),
        ({"sizes": 1}, "key 'sizes'; expected some of aliases, description"),
        ({"aliases": ["mine"]}, "'mine' twice; expected each name once"),
        ({"kind": "lucene"}, "no key 'documents'; expected a number of passages"),
    ],
)
def test_an_entry_of_the_wrong_form_is_named(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    path = write(tmp_path / "c.json", [ENTRY | change])
    with pytest.raises(InputError, match=message) as error:
        read_catalog(path)
    assert str(error.value).startswith(f"{path}: ")


@pytest.mark.parametrize("key", ["name", "kind", "description", "filename", "urls"])
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    entry = {name: value for name, value in ENTRY.items() if name != key}
    with pytest.raises(InputError, match=f"no key '{key}'; expected "):
        read_catalog(write(tmp_path / "c.json", [entry]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'[\n{"name": }]', ":2: not JSON"),
        (b"\xff", ": not JSON"),
        (b"{}", ": not an array"),
        (b"[3]", ": entry 3; expected a JSON object"),
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
    with pytest.raises(InputError, match=r"none.json: No such file.*see TASB_CATALOG"):
        user_catalog({"TASB_CATALOG": str(tmp_path / "none.json")})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(sorted(FORMS)), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(FORMS, JSON)) | JSON))
def test_any_json_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Any]
) -> None:
    path = write(tmp_path_factory.mktemp("catalogues") / "c.json", entries)
    try:
        catalog = read_catalog(path)
    except InputError:
        return
    assert {index.name for index in catalog.values()} == {e["name"] for e in entries}


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                **{key: st.just(value) for key, value in ENTRY.items()},
                "name": st.text("abc-.", min_size=1),
            },
            optional={"size": st.integers(0), "verified": st.booleans()},
        ),
        unique_by=lambda entry: entry["name"],
    )
)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, entries: list[dict[str, Any]]
) -> None:
    path = write(tmp_path_factory.mktemp("catalogues") / "c.json", entries)
    catalog = read_catalog(path)
    assert list(catalog) == [entry["name"] for entry in entries]
    for entry in entries:
        index = catalog[entry["name"]]
        assert index.size == entry.get("size")
        assert index.verified == entry.get("verified", False)
