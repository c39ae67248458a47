"""A dataclass is read as it was written, or its first wrong key is named."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.json_file import write_object
from tasb_pyserini.formats.json_record import read_dataclass, read_dataclass_or_none
from tests.formats.bad_json import BAD


@dataclass(frozen=True)
class Part:
    """One of several."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Whole:
    """All of the types that records have."""

    number: int
    flag: bool
    score: float | None
    texts: dict[str, str | int]
    curves: dict[str, list[float]]
    parts: list[Part]
    tests: dict[str, Part]
    recipes: dict[str, dict[str, Any]] | None = None
    more: list[str] = field(default_factory=list)
    kind: Literal["fp32", "fp16"] = "fp32"


WHOLE = Whole(
    number=3,
    flag=True,
    score=None,
    texts={"cores": 2, "name": "é"},
    curves={"loss": [1.5, 2, float("inf")], "none": []},
    parts=[Part("a", 1.5), Part("b", 2)],
    tests={"dev": Part("c", 0.25)},
    recipes={"tas": {"k": [1, None], "on": False}},
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.json"


def test_what_was_written_is_read(path: Path) -> None:
    write_object(path, asdict(WHOLE))
    assert read_dataclass(Whole, path, "x") == WHOLE
    assert read_dataclass_or_none(Whole, path) == WHOLE


def test_a_field_with_a_default_may_be_missing(path: Path) -> None:
    values = asdict(WHOLE)
    del values["recipes"], values["more"]
    write_object(path, values)
    found = read_dataclass(Whole, path, "x")
    assert (found.recipes, found.more) == (None, [])


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"number": "3"}, 'number is "3"'),
        ({"number": 3.0}, "number is 3.0"),
        ({"number": True}, "number is true"),
        ({"number": None}, "number is null"),
        ({"flag": 1}, "flag is 1"),
        ({"score": "1"}, 'score is "1"'),
        ({"score": False}, "score is false"),
        ({"texts": ["a"]}, 'texts is ["a"]'),
        ({"texts": {"a": 1.5}}, "texts.a is 1.5"),
        ({"curves": {"loss": [1.5, "2", 3]}}, 'curves.loss[1] is "2"'),
        ({"curves": {"loss": {"0": 1}}}, 'curves.loss is {"0": 1}'),
        ({"parts": {}}, "parts is {}"),
        ({"parts": [{"name": "a", "seconds": 1}, 3]}, "parts[1] is 3"),
        ({"parts": [{"name": "a"}]}, "no parts[0].seconds"),
        ({"parts": [{"name": 1, "seconds": 1}]}, "parts[0].name is 1"),
        ({"tests": {"dev": Part("a", 1).__dict__ | {"x": 1}}}, "key tests.dev.x"),
        ({"recipes": {"tas": 3}}, 'recipes is {"tas": 3}'),
        ({"more": "text"}, 'more is "text"'),
        ({"kind": "fp8"}, 'kind is "fp8"'),
        ({"other": 1}, "unknown key other"),
        ({"texts": "a" * 90}, f'texts is "{"a" * 59}; expected'),
    ],
)
def test_the_first_wrong_key_is_named(
    path: Path, changed: dict[str, Any], problem: str
) -> None:
    write_object(path, asdict(WHOLE) | changed)
    with pytest.raises(InputError) as raised:
        read_dataclass(Whole, path, "what tune wrote", "tune again")
    assert str(raised.value).startswith(f"{path}: ")
    assert problem in str(raised.value)
    assert str(raised.value).endswith("; expected what tune wrote; tune again")
    assert read_dataclass_or_none(Whole, path) is None


@pytest.mark.parametrize("content", [content for content, _ in BAD.values()], ids=BAD)
def test_what_is_no_object_is_one_line_or_not_there(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.json.*; expected what tune wrote"):
        read_dataclass(Whole, path, "what tune wrote")
    assert read_dataclass_or_none(Whole, path) is None


def test_a_missing_file_is_none_and_a_folder_is_not(tmp_path: Path) -> None:
    assert read_dataclass_or_none(Whole, tmp_path / "none.json") is None
    with pytest.raises(TasbError, match="is a folder; expected a file"):
        read_dataclass_or_none(Whole, tmp_path)
