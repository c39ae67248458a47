"""What tasb tune wrote is read, and what it did not write is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.search.tuned import Tuned

WHOLE: dict[str, Any] = {
    "method": "interpolation",
    "alpha": 0.25,
    "normalisation": "none",
    "k1": 0.82,
    "b": 0.68,
    "measure": "RR@10",
}


def read(folder: Path, values: object) -> Tuned:
    path = folder / "tuned.json"
    path.write_text(values if isinstance(values, str) else json.dumps(values))
    return Tuned.read(path)


def test_a_whole_file_is_read_and_other_keys_are_passed_over(tmp_path: Path) -> None:
    assert read(tmp_path, WHOLE) == Tuned(
        method="interpolation", alpha=0.25, normalisation="none", k1=0.82, b=0.68
    )


def test_parameters_of_bm25_may_be_absent(tmp_path: Path) -> None:
    tuned = read(tmp_path, {k: v for k, v in WHOLE.items() if k not in ("k1", "b")})
    assert (tuned.k1, tuned.b) == (None, None)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    tuned = read(tmp_path, WHOLE | {"k1": None})
    path = tmp_path / "again.json"
    tuned.write(path, {"measure": "RR@10"})
    assert Tuned.read(path) == tuned
    assert json.loads(path.read_text()) == WHOLE | {"k1": None}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alpha": "x"}, 'alpha "x"; expected a finite number'),
        ({"alpha": True}, "alpha true; expected a finite number"),
        ({"alpha": None}, "alpha null; expected a finite number"),
        ({"alpha": float("inf")}, "alpha Infinity; expected a finite number"),
        ({"alpha": 10**400}, r"alpha 10+…; expected a finite number"),
        ({"k1": [1]}, r"k1 \[1\]; expected a finite number"),
        ({"method": "rrf"}, 'method "rrf"; expected one of interpolation, convex'),
        ({"normalisation": ["none"]}, "normalisation"),
    ],
)
def test_a_wrong_value_is_named(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, WHOLE | change)


def test_a_missing_value_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no alpha; expected a finite number"):
        read(tmp_path, {k: v for k, v in WHOLE.items() if k != "alpha"})


@pytest.mark.parametrize(("text", "what"), [("{", "not JSON"), ("[]", "JSON object")])
def test_no_object_is_one_line(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(InputError, match=what):
        read(tmp_path, text)
