"""A folder of sentence-transformers gives the vectors that its modules ask for."""

import json
from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.errors import InputError
from tests.encoders.models import TEXTS, make_model, plain_vectors
from tests.encoders.sentence_folders import add_modules


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("pooling", ["cls", "mean"])
def test_its_vectors_are_those_of_its_modules(
    tmp_path: Path, pooling: str, normalize: bool
) -> None:
    folder = make_model(tmp_path / "m", "bert", pooling=pooling, normalize=normalize)
    expected = plain_vectors(folder, TEXTS, 21)
    (folder / "encoder.json").unlink()
    mode = {"cls": "cls_token", "mean": "mean_tokens"}[pooling]
    add_modules(folder, mode, normalize=normalize, max_seq_length=21)
    encoder = Encoder.load(f"tasb:torch:{folder}")
    for found in encoder.encode_queries(TEXTS), encoder.encode_passages(TEXTS):
        np.testing.assert_allclose(found, expected, atol=2e-5)


def test_poolings_of_newer_versions_are_words(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "mean_tokens")
    pooling = folder / "1_Pooling" / "config.json"
    pooling.write_text(json.dumps({"embedding_dimension": 64, "pooling_mode": "mean"}))
    modules = folder / "modules.json"
    modules.write_text(modules.read_text().replace("transformers.models.", "t.a.b."))
    spec = find_checkpoint(str(folder))[1]
    assert (spec.pooling, spec.query_max_length) == ("mean", 30)


def test_an_encoder_json_beside_them_wins(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "m", pooling="cls")
    add_modules(folder, "mean_tokens", normalize=True)
    spec = find_checkpoint(str(folder))[1]
    assert (spec.pooling, spec.normalize) == ("cls", False)


@pytest.mark.parametrize(
    ("pooling", "more", "length", "message"),
    [
        ("max_tokens", (), None, r"1_Pooling/config\.json: pooling by max_tokens;"),
        ("none", (), None, r"1_Pooling/config\.json: pooling by nothing; expected cls"),
        ("cls_token", ("Dense",), None, r"modules\.json: .*Pooling, Dense; expected"),
        ("cls_token", (), "64", r"sentence_bert_config\.json: query_max_.* is '64';"),
    ],
)
def test_what_a_spec_cannot_say_is_refused_in_one_line(
    tmp_path: Path, pooling: str, more: tuple[str, ...], length: object, message: str
) -> None:
    folder = _folder(tmp_path, pooling, more, length)
    with pytest.raises(InputError, match=message) as raised:
        find_checkpoint(str(folder))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("modules.json", "{", r"modules\.json:1: not JSON \(.*; expected"),
        ("modules.json", "{}", r"modules\.json: not a JSON array; expected what"),
        ("modules.json", "[1]", r"modules\.json: None; expected Transformer"),
        ("1_Pooling/config.json", "[]", r"config\.json: not a JSON object; expected"),
        ("1_Pooling/config.json", None, r"1_Pooling/config\.json: no such file; exp"),
    ],
)
def test_damaged_modules_are_named(
    tmp_path: Path, file: str, content: str | None, message: str
) -> None:
    folder = _folder(tmp_path, "cls_token")
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text(content)
    with pytest.raises(InputError, match=message):
        find_checkpoint(str(folder))


def _folder(
    path: Path, pooling: str, more: tuple[str, ...] = (), length: object = None
) -> Path:
    folder = make_model(path / "m")
    (folder / "encoder.json").unlink()
    add_modules(folder, pooling, more=more, max_seq_length=length)
    return folder
