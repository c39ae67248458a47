"""The form of an entry in a catalogue, checked with one clear line for a mistake."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.nearest import unknown
from tasb_pyserini.prebuilt.entry import Kind, Prebuilt, RemoteFile

ARCHIVED_KINDS = ("faiss", "lucene", "encoded-queries")
"""What Pyserini fetches itself: one archive, whose folder in the cache has its md5."""

STATISTICS = ("documents", "total_terms", "unique_terms")
"""Required of Lucene indexes: Pyserini compares them with the index it opens."""

Forms = Mapping[str, tuple[str, Callable[[Any], bool]]]


def read_entry(values: object, source: Path) -> Prebuilt:
    """Build an entry from JSON; `source` is named in errors.

    Raises
    ------
    InputError
        If a key is unknown, missing, or has a value of the wrong form.
    """
    if not isinstance(values, dict):
        raise InputError(source, None, f"entry {values!r:.60}", "a JSON object")
    where = f"entry {values.get('name', '(no name)')!r}"
    if "files" not in values and "urls" in values:
        problem = f"{where}: the file's keys stand in the entry"
        expected = '"files": [{"filename": …, "urls": …, "md5": …, "size": …}]'
        raise InputError(source, None, problem, expected)
    required = REQUIRED + (STATISTICS if values.get("kind") == "lucene" else ())
    _check(values, ENTRY_FORMS, required, where, source)
    files = [
        _read_file(file, f"{where}, file {number}", values["kind"], source)
        for number, file in enumerate(values["files"], start=1)
    ]
    if len({file.filename for file in files}) < len(files):
        raise InputError(source, None, f"{where}: a file twice", "each file once")
    if values["kind"] in ARCHIVED_KINDS and len(files) > 1:
        raise InputError(source, None, f"{where}: {len(files)} files", "one archive")
    if values.get("verified") and not all(file.digests for file in files):
        problem = f"{where}: verified, but a file has no md5 and no sha256"
        raise InputError(source, None, problem, '"verified": false')
    return Prebuilt(**_frozen(values) | {"files": tuple(files)})


def _read_file(values: object, where: str, kind: str, source: Path) -> RemoteFile:
    if not isinstance(values, dict):
        raise InputError(source, None, f"{where} is {values!r:.60}", "a JSON object")
    required = ("filename", "urls", *(["md5"] if kind in ARCHIVED_KINDS else []))
    _check(values, FILE_FORMS, required, where, source)
    file = RemoteFile(**_frozen(values))
    if kind in ARCHIVED_KINDS and file.archive_kind is None:
        problem = f"{where}: filename is {file.filename!r}"
        raise InputError(source, None, problem, "an archive, such as ….tar.gz")
    return file


def _check(
    values: Mapping[str, Any],
    forms: Forms,
    required: tuple[str, ...],
    where: str,
    source: Path,
) -> None:
    for key, value in values.items():
        if key not in forms:
            problem = f"{where}: {unknown('key', key, sorted(forms))}"
            raise InputError(source, None, problem, "only keys that are known")
        expected, is_right = forms[key]
        if not is_right(value):
            problem = f"{where}: {key} is {value!r:.200}"
            raise InputError(source, None, problem, expected)
    for key in required:
        if key not in values:
            problem = f"{where}: no key {key!r}"
            raise InputError(source, None, problem, forms[key][0])


def _frozen(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in values.items()
    }


def _is_text(value: object) -> bool:
    """Tell whether a value is one line of text, with no white space around it."""
    if not isinstance(value, str) or value != value.strip():
        return False
    return value != "" and value.isprintable()


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _matches(pattern: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and bool(re.fullmatch(pattern, value))


def _all_match(pattern: str) -> Callable[[object], bool]:
    return lambda value: (
        isinstance(value, list) and value != [] and all(map(_matches(pattern), value))
    )


# Both become names in the cache: no slash, no space, no dot or dash in front.
_NAME = r"[A-Za-z0-9_][\w.+-]*"
_MEMBER = r"(?!.*\.\.)[^/\\\s][^\\]*"

FILE_FORMS: Forms = {
    "filename": ("a file name without folder and space", _matches(_NAME)),
    "urls": ("an array of one or more http(s) URLs", _all_match(r"https?://\S+")),
    "size": ("a number of bytes", _is_count),
    "md5": ("32 hexadecimal digits in lower case", _matches("[0-9a-f]{32}")),
    "sha256": ("64 hexadecimal digits in lower case", _matches("[0-9a-f]{64}")),
    "unpacked_size": ("a number of bytes", _is_count),
    "members": ("an array of one or more paths in the archive", _all_match(_MEMBER)),
}
"""Key of a file → what is expected there, and whether a value is that."""

ENTRY_FORMS: Forms = {
    "name": ("a name without space and slash", _matches(_NAME)),
    "kind": (
        f"one of {', '.join(get_args(Kind))}",
        lambda value: value in get_args(Kind),
    ),
    "description": ("a line of text", _is_text),
    "files": (
        "an array of one or more files",
        lambda value: isinstance(value, list) and value != [],
    ),
    "licence": ("a line of text", _is_text),
    "terms": ("a line of text", _is_text),
    "citation": ("a line of text", _is_text),
    "source": ("a line of text", _is_text),
    "aliases": ("an array of one or more names", _all_match(_NAME)),
    "texts": ("the name of a Lucene index", _matches(_NAME)),
    "encoder": ("a name for --encoder", _is_text),
    "topics": ("the name of topics", _matches(_NAME)),
    "documents": ("a number of passages", _is_count),
    "total_terms": ("a number of terms", _is_count),
    "unique_terms": ("a number of terms", _is_count),
    "queries": ("a number of queries", _is_count),
    "verified": ("true or false", lambda value: isinstance(value, bool)),
}
"""Key of an entry → what is expected there, and whether a value is that."""

REQUIRED = ("name", "kind", "description", "files")
