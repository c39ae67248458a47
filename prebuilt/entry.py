"""An index that can be fetched by name, and the form of its entry in a catalogue."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from tasb_pyserini.formats.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class PrebuiltIndex:
    """An index that can be fetched by name.

    Parameters
    ----------
    name
        What ``--index`` takes.
    kind
        ``faiss`` or ``lucene``.
    description
        One line for lists.
    filename
        Name of the archive, ``….tar.gz``; it holds one folder.
    urls
        Where the archive is, best first.
    md5
        Checksum of the archive, in hexadecimal.
    size
        Bytes of the archive.
    documents, total_terms, unique_terms
        Statistics that Pyserini checks a Lucene index against.
    texts
        For a Faiss index, name of the Lucene index that holds its passages.
    encoder
        For a Faiss index, the ``--encoder`` that built it.
    aliases
        Further names.
    verified
        Whether the archive was fetched and checked by this project.
    """

    name: str
    kind: Literal["faiss", "lucene"]
    description: str
    filename: str
    urls: tuple[str, ...]
    md5: str
    size: int | None = None
    documents: int | None = None
    total_terms: int | None = None
    unique_terms: int | None = None
    texts: str | None = None
    encoder: str | None = None
    aliases: tuple[str, ...] = ()
    verified: bool = False

    @classmethod
    def from_dict(cls, values: object, source: Path) -> Self:
        """Build an entry from JSON; `source` is named in errors.

        Raises
        ------
        InputError
            If a key is unknown, missing, or has a value of the wrong form.
        """
        if not isinstance(values, dict):
            raise InputError(source, None, f"entry {values!r}", "a JSON object")
        entry = f"entry {values.get('name', '(no name)')!r}"
        for key, value in values.items():
            if key not in FORMS:
                expected = f"some of {', '.join(sorted(FORMS))}"
                raise InputError(source, None, f"{entry}: key {key!r}", expected)
            expected, is_right = FORMS[key]
            if not is_right(value):
                problem = f"{entry}: {key} is {value!r}"
                raise InputError(source, None, problem, expected)
        required = REQUIRED + (STATISTICS if values.get("kind") == "lucene" else ())
        for key in required:
            if key not in values:
                problem = f"{entry}: no key {key!r}"
                raise InputError(source, None, problem, FORMS[key][0])
        arguments: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in values.items()
        }
        return cls(**arguments)


REQUIRED = ("name", "kind", "description", "filename", "urls", "md5")

STATISTICS = ("documents", "total_terms", "unique_terms")
"""Required of Lucene indexes: Pyserini compares them with the index it opens."""


def is_text(value: object) -> bool:
    """Tell whether a value is a string with no white space around it."""
    return isinstance(value, str) and value != "" and value == value.strip()


def is_count(value: object) -> bool:
    """Tell whether a value is a number of things."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def all_match(pattern: str) -> Callable[[object], bool]:
    """Return a check: a non-empty array of strings that match `pattern`."""
    return lambda value: (
        isinstance(value, list) and value != [] and all(map(matches(pattern), value))
    )


def matches(pattern: str) -> Callable[[object], bool]:
    """Return a check: a string that matches `pattern` as a whole."""
    return lambda value: isinstance(value, str) and bool(re.fullmatch(pattern, value))


FORMS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "name": ("a name", is_text),
    "kind": ("'faiss' or 'lucene'", matches("faiss|lucene")),
    "description": ("a line of text", is_text),
    # Pyserini joins it to the path of its cache.
    "filename": ("a file name ending in .tar.gz", matches(r"[^/\\]+\.tar\.gz")),
    "urls": ("an array of one or more URLs", all_match(r"\w+://\S+")),
    "md5": ("32 hexadecimal digits in lower case", matches("[0-9a-f]{32}")),
    "size": ("a number of bytes", is_count),
    "documents": ("a number of passages", is_count),
    "total_terms": ("a number of terms", is_count),
    "unique_terms": ("a number of terms", is_count),
    "texts": ("the name of a Lucene index", is_text),
    "encoder": ("a name for --encoder", is_text),
    "aliases": ("an array of one or more names", all_match(r"\S(.*\S)?")),
    "verified": ("true or false", lambda value: isinstance(value, bool)),
}
"""Key of an entry → what is expected there, and whether a value is that."""
