from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.prebuilt.entry import Prebuilt, RemoteFile
from tasb_pyserini.prebuilt.schema import ENTRY_FORMS, FILE_FORMS, read_entry

SOURCE = Path("c.json")
MD5 = "0123456789abcdef0123456789abcdef"
FILE: dict[str, Any] = {
    "filename": "mine.tar.gz",
    "urls": ["https://example.org/mine.tar.gz"],
    "md5": MD5,
}
ENTRY: dict[str, Any] = {
    "name": "mine",
    "kind": "faiss",
    "description": "my index",
    "files": [FILE],
}


def without(values: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != key}


def refused(entry: object) -> str:
    with pytest.raises(InputError) as error:
        read_entry(entry, SOURCE)
    message = str(error.value)
    assert message.startswith("c.json: ")
    assert "\n" not in message
    return message.removeprefix("c.json: ")


def test_every_key_of_an_entry_is_read() -> None:
    facts: dict[str, Any] = {
        "licence": "CC-BY-4.0",
        "terms": "research only",
        "citation": "me, 2026",
        "source": "my own",
        "texts": "passages",
        "encoder": "tasb",
        "topics": "questions",
        "documents": 5,
        "total_terms": 40,
        "unique_terms": 30,
        "queries": 2,
        "verified": True,
    }
    sizes = {"size": 7, "unpacked_size": 9, "sha256": MD5 * 2}
    file = FILE | sizes | {"members": ["mine/index"]}
    entry = ENTRY | facts | {"aliases": ["m"], "files": [file]}
    assert set(entry) == set(ENTRY_FORMS)
    assert set(file) == set(FILE_FORMS)
    assert read_entry(entry, SOURCE) == Prebuilt(
        name="mine",
        kind="faiss",
        description="my index",
        files=(
            RemoteFile(
                filename="mine.tar.gz",
                urls=("https://example.org/mine.tar.gz",),
                md5=MD5,
                sha256=MD5 * 2,
                size=7,
                unpacked_size=9,
                members=("mine/index",),
            ),
        ),
        aliases=("m",),
        **facts,
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": 3}, "entry 3: name is 3; expected a name without space and slash"),
        ({"name": "../x"}, "name is '../x'; expected a name"),
        ({"kind": "bm25"}, "kind is 'bm25'; expected one of faiss, lucene, encoded-"),
        ({"kind": ["faiss"]}, "kind is ['faiss']; expected one of"),
        ({"description": "a\nb"}, r"description is 'a\nb'; expected a line of text"),
        ({"aliases": "m"}, "aliases is 'm'; expected an array of one or more names"),
        ({"documents": True}, "documents is True; expected a number of passages"),
        ({"files": []}, "files is []; expected an array of one or more files"),
        ({"files": [3]}, "entry 'mine', file 1 is 3; expected a JSON object"),
        ({"files": [FILE, FILE]}, "entry 'mine': a file twice; expected each file"),
        (
            {"files": [FILE, FILE | {"filename": "b.zip"}]},
            "entry 'mine': 2 files; expected one archive",
        ),
        ({"citations": "x"}, "unknown key 'citations'; did you mean 'citation'?"),
        ({"kind": "lucene"}, "no key 'documents'; expected a number of passages"),
        ({"verified": 1}, "verified is 1; expected true or false"),
        (
            {"kind": "qrels", "verified": True, "files": [without(FILE, "md5")]},
            'verified, but a file has no md5 and no sha256; expected "verified": false',
        ),
    ],
)
def test_an_entry_of_the_wrong_form_is_named(
    change: dict[str, Any], message: str
) -> None:
    assert message in refused(ENTRY | change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"urls": []}, "urls is []; expected an array of one or more http(s) URLs"),
        ({"urls": "https://a"}, "urls is 'https://a'; expected an array"),
        ({"urls": ["file:///etc/passwd"]}, "expected an array of one or more http(s)"),
        ({"md5": "ABC"}, "md5 is 'ABC'; expected 32 hexadecimal digits"),
        ({"sha256": MD5}, f"sha256 is '{MD5}'; expected 64 hexadecimal digits"),
        ({"filename": "../x.tar.gz"}, "filename is '../x.tar.gz'; expected a file"),
        ({"filename": ".."}, "filename is '..'; expected a file name"),
        ({"filename": "x.txt"}, "filename is 'x.txt'; expected an archive, such as"),
        ({"members": ["/etc/passwd"]}, "expected an array of one or more paths"),
        ({"members": ["a/../../b"]}, "expected an array of one or more paths"),
        ({"size": True}, "size is True; expected a number of bytes"),
        ({"size": -1}, "size is -1; expected a number of bytes"),
        ({"sizes": 1}, "unknown key 'sizes'; did you mean 'size'?"),
    ],
)
def test_a_file_of_the_wrong_form_is_named(
    change: dict[str, Any], message: str
) -> None:
    problem = refused(ENTRY | {"files": [FILE | change]})
    assert problem.startswith("entry 'mine', file 1: ")
    assert message in problem


@pytest.mark.parametrize("key", ["name", "kind", "description", "files"])
def test_a_missing_key_of_an_entry_is_named(key: str) -> None:
    assert f"no key '{key}'; expected " in refused(without(ENTRY, key))


@pytest.mark.parametrize("key", ["filename", "urls", "md5"])
def test_a_missing_key_of_a_file_is_named(key: str) -> None:
    problem = refused(ENTRY | {"files": [without(FILE, key)]})
    assert f"entry 'mine', file 1: no key '{key}'; expected " in problem


def test_topics_need_no_checksum_but_are_then_unverified() -> None:
    file = {"filename": "t.tsv", "urls": ["https://example.org/t.tsv"]}
    topics = read_entry(ENTRY | {"kind": "topics", "files": [file]}, SOURCE)
    assert topics.files[0].digests == {}
    assert not topics.verified


def test_the_form_of_earlier_versions_is_refused_with_what_to_write() -> None:
    flat = without(ENTRY, "files") | FILE | {"size": 7}
    assert refused(flat) == (
        "entry 'mine': the file's keys stand in the entry; expected "
        '"files": [{"filename": …, "urls": …, "md5": …, "size": …}]'
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(sorted({*ENTRY_FORMS, *FILE_FORMS})), inner, max_size=4
        )
    ),
    max_leaves=12,
)


RIGHT = {key: st.just(value) for key, value in ENTRY.items()}
OTHER_KEYS = {key: JSON for key in [*ENTRY_FORMS, "urls"] if key not in ENTRY}
FILES = st.lists(
    st.fixed_dictionaries({}, optional=dict.fromkeys(FILE_FORMS, JSON)) | st.just(FILE)
)


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys(ENTRY_FORMS, JSON))
    | st.fixed_dictionaries(RIGHT, optional=OTHER_KEYS)
    | st.fixed_dictionaries(RIGHT | {"files": FILES})
    | JSON
)
def test_any_json_is_read_or_refused_in_one_line(entry: Any) -> None:
    message = ""
    try:
        prebuilt = read_entry(entry, SOURCE)
    except InputError as error:
        message = str(error)
    else:
        assert prebuilt.name == entry["name"]
    assert "\n" not in message


NAMES = st.from_regex(r"[a-z][a-z0-9.-]{0,8}", fullmatch=True)


@given(NAMES, NAMES, st.none() | st.integers(0), st.booleans())
def test_what_is_written_is_read(
    name: str, stem: str, size: int | None, verified: bool
) -> None:
    file = FILE | {"filename": f"{stem}.zip"} | ({} if size is None else {"size": size})
    entry = ENTRY | {"name": name, "files": [file], "verified": verified}
    prebuilt = read_entry(entry, SOURCE)
    assert (prebuilt.name, prebuilt.verified) == (name, verified)
    assert prebuilt.files[0].size == size
    assert prebuilt.folder_name == f"{stem}.{MD5}"
