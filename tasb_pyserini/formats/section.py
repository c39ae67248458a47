"""A mapping in a YAML file, read key by key; mistakes are named with file and line."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.nearest import unknown
from tasb_pyserini.formats.numbers import as_finite, parse_finite

MAPPING = "key: value lines"

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping in a YAML file.

    Parameters
    ----------
    path
        The file.
    line
        Where the mapping begins, counted from 1.
    values
        Key → value; mappings inside are sections, sequences are lists.
    lines
        Key → its line.
    written
        Key → its value as it stands in the file; of a list, those of its items.
    """

    path: Path
    line: int
    values: Mapping[Any, Any]
    lines: Mapping[Any, int]
    written: Mapping[Any, Any]

    def __str__(self) -> str:
        return "a mapping"

    def fault(self, key: str, problem: str, expected: str) -> InputError:
        """Return an error at the line of a key, or of the mapping if it has none."""
        return InputError(self.path, self.lines.get(key, self.line), problem, expected)

    def error(self, key: str, problem: object) -> TasbError:
        """Return an error at the line of a key that says all by itself."""
        return TasbError(f"{self.path}:{self.lines.get(key, self.line)}: {problem}")

    def at(self, key: str, read: Callable[[], Result]) -> Result:
        """Call `read`; an error of it gets the line of a key, unless it has a line.

        Raises
        ------
        TasbError
            What `read` raises.
        """
        try:
            return read()
        except TasbError as error:
            if getattr(error, "path", None) or str(error).startswith(f"{self.path}:"):
                raise
            raise self.error(key, error) from error

    def refuse_unknown(self, known: Collection[str], what: str = "key") -> None:
        """Raise an error, which names the nearest, at a key that is not known.

        Raises
        ------
        TasbError
            At the first.
        """
        for key in self.values:
            if key not in known:
                raise self.error(key, unknown(what, key, known))

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; a number counts as one, as it is written.

        Raises
        ------
        InputError
            If there is none, or no such key and no default.
        """
        if default is not None and key not in self.values:
            return default
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self._wrong(key, "a text")
        if not str(value).strip():
            raise self._wrong(key, "a text")
        return str(self.written[key])

    def texts(
        self, key: str, default: tuple[str, ...] | None = None
    ) -> tuple[str, ...]:
        """Return the texts of a list, at least one.

        Raises
        ------
        InputError
            If it is none, or no such key and no default.
        """
        if default is not None and key not in self.values:
            return default
        values = self.values.get(key)
        if not isinstance(values, list) or not values:
            raise self._wrong(key, "a list, such as [a, b]")
        if not all(type(value) in (str, int) for value in values):
            raise self._wrong(key, "a list of names")
        return tuple(self.written[key])

    def texts_by_key(self, key: str) -> dict[str, str]:
        """Return a mapping of texts, which may be empty; empty if the key is absent.

        Raises
        ------
        InputError
            If it is none.
        """
        inner = self.values.get(key)
        if inner is None:
            return {}
        if not isinstance(inner, Section):
            raise self.fault(key, f"{key}: {inner}", MAPPING)
        return {
            str(name): "" if inner.values[name] in ("", None) else inner.text(name)
            for name in inner.values
        }

    def sections(self, key: str) -> list["Section"]:
        """Return a list of mappings; empty if the key is absent.

        Raises
        ------
        InputError
            If it is none.
        """
        items = self.values.get(key, [])
        if not isinstance(items, list) or not all(
            isinstance(item, Section) for item in items
        ):
            raise self.fault(key, f"{key}: no list", "'- key: value' items")
        return items

    def inner_path(self, key: str) -> str:
        """Return a relative path that leads nowhere outside.

        Raises
        ------
        InputError
            If it is none.
        """
        path = Path(self.text(key))
        if path.is_absolute() or ".." in path.parts or not path.parts:
            expected = "a path inside the folder, without '..'"
            raise self.fault(key, f"{key} {path}", expected)
        return path.as_posix()

    def flag(self, key: str) -> bool:
        """Return a truth value, false if the key is absent.

        Raises
        ------
        InputError
            If it is none.
        """
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.fault(key, f"{key}: {value}", "true or false")
        return value

    def count(self, key: str, default: int) -> int:
        """Return a whole number of at least 1.

        Raises
        ------
        InputError
            If it is none.
        """
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self._wrong(key, "a whole number of at least 1")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """Return a finite number.

        Raises
        ------
        InputError
            If it is none.
        """
        return self._number(key, self.values.get(key, default), "a finite number")

    def numbers(self, key: str) -> list[float]:
        """Return a list of finite numbers.

        Raises
        ------
        InputError
            If it is none.
        """
        expected = "a list of finite numbers, such as [1, 0.5]"
        values = self.values.get(key)
        if not isinstance(values, list):
            raise self._wrong(key, expected)
        return [self._number(key, value, expected) for value in values]

    def _number(self, key: str, value: object, expected: str) -> float:
        # YAML 1.1 takes 1e-5 for a text.
        number = parse_finite(value) if isinstance(value, str) else as_finite(value)
        if math.isnan(number):
            raise self._wrong(key, expected)
        return number

    def _wrong(self, key: str, expected: str) -> InputError:
        if key not in self.values:
            return self.fault(key, f"no key {key!r}", expected)
        value = self.values[key]
        shown = "nothing" if value is None else f"{value}"
        return self.fault(key, f"{key}: {shown:.60}", expected)
