from collections.abc import Callable
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.section import Section
from tasb_pyserini.formats.yaml_file import parse_yaml

PATH = Path("f.yaml")


def test_numbers_in_any_form_are_numbers() -> None:
    section = parse_yaml(
        PATH,
        "a: 1e-5\nb: 3\nc: [1, .5]\nd: .nan\ne: yes\ng: '1_0'\nh: ٣\n"
        f"i: 1{'0' * 400}\n",
    )
    assert (section.number("a"), section.number("b")) == (1e-5, 3.0)
    assert section.numbers("c") == [1.0, 0.5]
    assert (section.number("f", 0.4), section.count("b", 1)) == (0.4, 3)
    for key, line in (("d", 4), ("e", 5), ("g", 6), ("h", 7), ("i", 8)):
        with pytest.raises(InputError, match=f":{line}: {key}: .* expected a finite n"):
            section.number(key)


def test_a_key_that_is_absent_is_its_default() -> None:
    section = parse_yaml(PATH, "a: 1\n")
    assert section.text("b", "none") == "none"
    assert section.texts("b", ("x",)) == ("x",)
    assert section.texts_by_key("b") == {}
    assert section.sections("b") == []
    assert not section.flag("b")


def test_values_are_read_as_what_is_asked_for() -> None:
    section = parse_yaml(
        PATH, "a: 1\nb: [x, 2]\nc: {d: e, 1: 2, f: }\ng: [{h: i}]\nj: yes\nk: l/m\n"
    )
    assert section.text("a", "none") == "1"
    assert section.texts("b", ()) == ("x", "2")
    assert section.texts_by_key("c") == {"d": "e", "1": "2", "f": ""}
    assert [inner.text("h") for inner in section.sections("g")] == ["i"]
    assert section.flag("j")
    assert section.inner_path("k") == "l/m"


def test_a_number_that_is_a_text_stays_as_it_is_written() -> None:
    section = parse_yaml(
        PATH, "a: 010\nb: [0x1F, 2024_06, 'x']\nc: {d: 1:30, e: 1.10}\nf: 2024_06\n"
    )
    assert section.text("a") == "010"
    assert section.texts("b") == ("0x1F", "2024_06", "x")
    assert section.texts_by_key("c") == {"d": "1:30", "e": "1.10"}
    assert section.inner_path("f") == "2024_06"
    assert section.number("f") == 202406


@pytest.mark.parametrize(
    ("text", "read", "message"),
    [
        ("a: [b, on]", lambda s: s.texts("a"), "a: ['b', True]; expected a list of n"),
        ("a:", lambda s: s.text("a", "b"), "a: nothing; expected a text"),
        ("a: []", lambda s: s.texts("a", ()), "a: []; expected a list, such as [a, b]"),
        ("a: b", lambda s: s.texts_by_key("a"), "a: b; expected key: value lines"),
        ("a: [b]", lambda s: s.sections("a"), "a: no list; expected '- key: value' i"),
        ("a: 1", lambda s: s.flag("a"), "a: 1; expected true or false"),
        ("a: /b", lambda s: s.inner_path("a"), "a /b; expected a path inside the fold"),
        ("a: b/../..", lambda s: s.inner_path("a"), "a b/../..; expected a path insid"),
        ("b: 1", lambda s: s.text("a"), "no key 'a'; expected a text"),
    ],
)
def test_a_value_of_another_kind_is_named(
    text: str, read: Callable[[Section], object], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(parse_yaml(PATH, text))
    assert str(caught.value).startswith(f"f.yaml:1: {message}")
