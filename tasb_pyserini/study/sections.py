"""Parts of a study's file that several readers need."""

from typing import Any

from tasb_pyserini.formats.yaml_file import Section


def sections(section: Section, key: Any) -> list[Section]:
    """Return a list of mappings; empty if the key is absent.

    Raises
    ------
    InputError
        If it is none.
    """
    items = section.values.get(key, [])
    if not isinstance(items, list) or not all(isinstance(i, Section) for i in items):
        raise section.fault(key, f"{key}: no list", "'- key: value' items")
    return items


def texts(section: Section, key: str) -> tuple[str, ...]:
    """Return a list of texts; empty if the key is absent."""
    return tuple(section.texts(key)) if key in section.values else ()


def values_of(section: Section, key: str) -> dict[str, str]:
    """Return a mapping of texts; empty if the key is absent; a text may be empty.

    Raises
    ------
    InputError
        If it is none.
    """
    inner = section.values.get(key)
    if inner is None:
        return {}
    if not isinstance(inner, Section):
        raise section.fault(key, f"{key}: {inner}", "key: value lines")
    return {
        str(name): "" if inner.values[name] in ("", None) else inner.text(name)
        for name in inner.values
    }
