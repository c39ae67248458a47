"""YAML files whose mistakes are named with file and line."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.nearest import unknown

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
    """

    path: Path
    line: int
    values: Mapping[Any, Any]
    lines: Mapping[Any, int]

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

    def text(self, key: str) -> str:
        """Return a text; a number counts as one.

        Raises
        ------
        InputError
            If there is none.
        """
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self._wrong(key, "a text")
        if not str(value).strip():
            raise self._wrong(key, "a text")
        return str(value)

    def texts(self, key: str) -> list[str]:
        """Return a list of texts, at least one.

        Raises
        ------
        InputError
            If it is none.
        """
        values = self.values.get(key)
        if not isinstance(values, list) or not values:
            raise self._wrong(key, "a list, such as [a, b]")
        if not all(isinstance(value, str | int) for value in values):
            raise self._wrong(key, "a list of names")
        return [str(value) for value in values]

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
        if isinstance(value, str):  # YAML 1.1 takes 1e-5 for a text
            try:
                value = float(value)
            except ValueError:
                value = None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(key, expected)
        if not math.isfinite(value):
            raise self._wrong(key, expected)
        return float(value)

    def _wrong(self, key: str, expected: str) -> InputError:
        if key not in self.values:
            return self.fault(key, f"no key {key!r}", expected)
        value = self.values[key]
        shown = "nothing" if value is None else f"{value}"
        return self.fault(key, f"{key}: {shown:.60}", expected)


def read_yaml(path: Path) -> Section:
    """Read a YAML file that holds a mapping.

    Raises
    ------
    InputError
        If it is not UTF-8, not YAML, no mapping, or has a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(path, None, "not UTF-8", "YAML") from error
    return parse_yaml(path, text)


def parse_yaml(path: Path, text: str) -> Section:
    """Parse YAML, as `read_yaml`; `path` is for errors."""
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise InputError(path, None, "not a mapping", MAPPING)
        return _section(path, loader, node)
    except yaml.YAMLError as error:
        raise InputError(path, _line_of(error, text), "not YAML", MAPPING) from error
    except RecursionError as error:
        raise InputError(path, None, "nested too deeply", MAPPING) from error


def _section(path: Path, loader: yaml.SafeLoader, node: yaml.MappingNode) -> Section:
    values: dict[Any, Any] = {}
    lines: dict[Any, int] = {}
    for name, value in node.value:
        line = name.start_mark.line + 1
        if not isinstance(name, yaml.ScalarNode):
            raise InputError(path, line, "a key of several parts", "one word")
        key = _scalar(path, loader, name)
        if key in lines:
            problem = f"a second {key!r}, after line {lines[key]}"
            raise InputError(path, line, problem, "each key once")
        values[key], lines[key] = _value(path, loader, value), line
    return Section(path, node.start_mark.line + 1, values, lines)


def _value(path: Path, loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _section(path, loader, node)
    if isinstance(node, yaml.SequenceNode):
        return [_value(path, loader, item) for item in node.value]
    return _scalar(path, loader, node)


def _scalar(path: Path, loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    try:
        return loader.construct_object(node)
    except ValueError as error:  # a date such as 2020-13-45
        line = node.start_mark.line + 1
        raise InputError(path, line, f"{node.value!r}", "a value of YAML") from error


def _line_of(error: yaml.YAMLError, text: str) -> int | None:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return error.problem_mark.line + 1
    if isinstance(error, yaml.reader.ReaderError):
        return text.count("\n", 0, error.position) + 1
    return None
