from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.section import Section
from tasb_pyserini.formats.yaml_file import parse_yaml

PATH = Path("f.yaml")
SCALARS = st.none() | st.booleans() | st.integers() | st.text() | st.dates()
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


def plain(value: Any) -> Any:
    if isinstance(value, Section):
        return {key: plain(inner) for key, inner in value.values.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


@given(st.dictionaries(st.text() | st.integers(), TREES, max_size=4), st.booleans())
def test_values_are_those_of_safe_load(tree: dict[Any, Any], flow: bool) -> None:
    text = yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=True)
    assert plain(parse_yaml(PATH, text)) == yaml.safe_load(text)


@given(st.text())
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    message = ""
    try:
        parse_yaml(PATH, text)
    except TasbError as error:
        message = str(error)
    assert "\n" not in message


def test_every_key_has_its_line() -> None:
    section = parse_yaml(
        PATH, "# first\na: 1\n\nb:\n  - c: 2\n  - {d: 3,\n     e: 4}\n"
    )
    assert section.lines == {"a": 2, "b": 4}
    first, second = section.values["b"]
    assert (first.line, first.lines, second.lines) == (5, {"c": 5}, {"d": 6, "e": 7})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: {b: 1,\n b: 2}", "f.yaml:2: a second 'b', after line 1"),
        ("? [a, b]\n: 1", "f.yaml:1: a key of several parts; expected one word"),
        ("a: 1\nday: 2020-13-45", "f.yaml:2: '2020-13-45'; expected a value of YAML"),
        ("a: 1\nb: !!python/object:os.system x", "f.yaml:2: not YAML"),
        ("a: &x [*x]", "f.yaml: nested too deeply"),
        ("a: " + "[" * 9_000, "f.yaml: nested too deeply"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2: not YAML"),
        ("[a]", "f.yaml: not a mapping; expected key: value lines"),
    ],
)
def test_what_can_not_be_read_is_named(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_yaml(PATH, text)
    assert str(caught.value).startswith(message)
