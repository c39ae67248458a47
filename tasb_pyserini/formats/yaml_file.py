"""YAML files whose mistakes are named with file and line."""

from pathlib import Path
from typing import Any

import yaml

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.section import MAPPING, Section


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
    written: dict[Any, Any] = {}
    for name, value in node.value:
        line = name.start_mark.line + 1
        if not isinstance(name, yaml.ScalarNode):
            raise InputError(path, line, "a key of several parts", "one word")
        key = _scalar(path, loader, name)
        if key in lines:
            problem = f"a second {key!r}, after line {lines[key]}"
            raise InputError(path, line, problem, "each key once")
        values[key], lines[key] = _value(path, loader, value), line
        written[key] = _written(value)
    return Section(path, node.start_mark.line + 1, values, lines, written)


def _value(path: Path, loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _section(path, loader, node)
    if isinstance(node, yaml.SequenceNode):
        return [_value(path, loader, item) for item in node.value]
    return _scalar(path, loader, node)


def _written(node: yaml.Node) -> Any:
    """Return what a value stands as in the file; of a list, each of its items."""
    if isinstance(node, yaml.SequenceNode):
        return [item.value for item in node.value]
    return node.value


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
