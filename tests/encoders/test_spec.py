"""A spec survives its file, and tells encoders apart."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.encoders.names import read_cards
from tasb_pyserini.encoders.spec import EncoderSpec, check_index, mismatches
from tasb_pyserini.formats.errors import InputError, TasbError

SPECS = st.builds(
    EncoderSpec,
    checkpoint=st.text(),
    revision=st.none() | st.text(),
    weights=st.none() | st.text(),
    tokenizer=st.none() | st.text(),
    architecture=st.none() | st.text(),
    pooling=st.sampled_from(["cls", "mean"]),
    normalize=st.booleans(),
    query_prefix=st.text(),
    passage_prefix=st.text(),
    query_max_length=st.integers(3, 512),
    passage_max_length=st.integers(3, 512),
    dimension=st.integers(1, 4096),
)


@given(spec=SPECS)
def test_a_spec_survives_json(spec: EncoderSpec) -> None:
    again = json.loads(json.dumps(asdict(spec)))
    assert EncoderSpec.from_dict(again, Path("encoder.json")) == spec


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pooling", "max"),
        ("normalize", 1),
        ("query_max_length", 2),
        ("passage_max_length", "200"),
        ("dimension", True),
        ("similarity", "cosine"),
        ("checkpoint", None),
    ],
)
def test_a_wrong_value_is_named_with_its_file(
    tmp_path: Path, key: str, value: object
) -> None:
    path = tmp_path / "encoder.json"
    path.write_text(json.dumps({"checkpoint": "x", key: value}))
    with pytest.raises(InputError, match=rf"encoder\.json: {key} is .*; expected"):
        EncoderSpec.read(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"checkpoint": "x", "poling": "cls"}', "unknown key 'poling'"),
        ("{}", "no key 'checkpoint'"),
        ("[]", "not a JSON object"),
        ("{", "not JSON"),
    ],
)
def test_a_file_that_is_no_spec_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "encoder.json"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        EncoderSpec.read(path)


def test_two_students_of_one_shape_are_told_apart_by_their_weights() -> None:
    one = EncoderSpec(checkpoint="runs/1", weights="sha256:1", dimension=128)
    two = replace(one, checkpoint="runs/2", weights="sha256:2")
    assert mismatches(one, replace(one, checkpoint="moved/1")) == []
    assert mismatches(one, two) == [
        "weights: index sha256:1 (runs/1), query encoder sha256:2 (runs/2)"
    ]


def test_without_both_hashes_names_and_revisions_are_compared() -> None:
    """As in indexes from before hashes were recorded."""
    cards = read_cards()
    tasb, other = cards["tasb"], cards["margin-mse"]
    assert mismatches(other, tasb) == [
        f"checkpoint: index {other.checkpoint!r}, query encoder {tasb.checkpoint!r}"
    ]
    student = replace(tasb, checkpoint="out", revision=None, weights="sha256:1")
    assert mismatches(tasb, student) == [
        f"checkpoint: index {tasb.checkpoint!r}, query encoder 'out'"
    ]
    hashed = replace(tasb, weights="sha256:1")
    assert mismatches(tasb, hashed) == mismatches(hashed, tasb) == []
    assert mismatches(replace(tasb, revision=None), hashed) == []
    assert mismatches(tasb, replace(hashed, revision="1")) == [
        f"revision: index {tasb.revision!r}, query encoder '1'"
    ]


def test_a_lower_passage_limit_does_not_change_what_queries_mean() -> None:
    spec = EncoderSpec(checkpoint="x")
    assert mismatches(replace(spec, passage_max_length=128), spec) == []


def test_an_index_of_another_encoder_is_refused_naming_both(tmp_path: Path) -> None:
    spec = EncoderSpec(checkpoint="x", pooling="mean", query_prefix="[Q]")
    check_index(tmp_path, spec)
    EncoderSpec(checkpoint="y").write(tmp_path)
    with pytest.raises(
        TasbError, match=r"pooling: index 'cls', query encoder 'mean'; query_prefix:"
    ):
        check_index(tmp_path, spec)


@pytest.mark.parametrize("tokens", [-1, 0, 1, 2])
def test_passages_are_not_cut_to_nothing(tokens: int) -> None:
    with pytest.raises(TasbError, match=f"passages of {tokens} tokens: expected at"):
        EncoderSpec(checkpoint="x").cut_to(tokens)
    assert EncoderSpec(checkpoint="x").cut_to(3).passage_max_length == 3
