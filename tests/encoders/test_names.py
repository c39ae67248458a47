"""Names are taken apart the same way whatever letters a location contains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.encoders.names import (
    BACKENDS,
    EncoderName,
    parse_name,
    read_cards,
)
from tasb_pyserini.formats.errors import TasbError

LOCATIONS = st.text(st.characters(codec="utf-8", exclude_characters=":"), min_size=1)


@pytest.mark.parametrize("backend", BACKENDS)
@given(location=LOCATIONS)
def test_backend_and_location(backend: str, location: str) -> None:
    assert parse_name(f"tasb:{backend}:{location}") == EncoderName(backend, location)
    assert parse_name(f"tasb:{backend}") == EncoderName(backend, "tasb")


@given(location=LOCATIONS.filter(lambda text: text not in BACKENDS))
def test_a_location_alone(location: str) -> None:
    assert parse_name(f"tasb:{location}") == EncoderName(None, location)
    assert parse_name(location) == EncoderName(None, location)


@pytest.mark.parametrize(
    ("name", "backend", "location"),
    [
        ("int8", None, "int8"),
        ("tasb:int8:int8", "int8", "int8"),
        ("tasb:./int8", None, "./int8"),
        ("tasb:C:/models/x", None, "C:/models/x"),
        ("tasb:onnx:C:/models/x", "onnx", "C:/models/x"),
        ("tasb:INT8", None, "INT8"),
        ("tasb:owner/int8-model", None, "owner/int8-model"),
    ],
)
def test_what_looks_like_a_backend(
    name: str, backend: str | None, location: str
) -> None:
    assert parse_name(name) == EncoderName(backend, location)


@pytest.mark.parametrize("name", ["", "tasb:", "tasb:onnx:"])
def test_a_name_without_a_location_is_refused(name: str) -> None:
    with pytest.raises(TasbError, match="names no encoder; expected 'tasb'"):
        parse_name(name)


def test_no_card_is_called_as_a_backend() -> None:
    assert not set(read_cards()) & set(BACKENDS)
