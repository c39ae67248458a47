"""A checkpoint's file with something else in it is one line that names it."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.errors import TasbError
from tests.encoders.models import make_model

DEEP = b"[" * 100_000

FILES = [
    ("tokenizer_config.json", b"[1]", "not a JSON object"),
    ("tokenizer_config.json", b"\xff", "not UTF-8"),
    ("tokenizer_config.json", DEEP, "nested too deeply"),
    ("config.json", DEEP, "nested too deeply"),
    ("encoder.json", DEEP, "nested too deeply"),
    ("tokenizer.json", DEEP, "expected a tokenizer's JSON"),
    ("tokenizer.json", b"\xff", "can't decode byte 0xff"),
]
VALUES = [
    ("tokenizer_config.json", "do_lower_case", None, "do_lower_case is null; expected"),
    ("tokenizer_config.json", "do_lower_case", "no", 'do_lower_case is "no"; expected'),
    ("tokenizer_config.json", "strip_accents", "x", 'strip_accents is "x"; expected'),
    ("tokenizer_config.json", "tokenize_chinese_chars", 1, "tokenize_chinese_chars is"),
    ("config.json", "vocab_size", None, "vocab_size is null; expected a whole"),
    ("config.json", "vocab_size", "76", 'vocab_size is "76"; expected a whole'),
    ("config.json", "vocab_size", True, "vocab_size is true; expected a whole"),
    ("config.json", "max_position_embeddings", "512", "max_position_embeddings is"),
    ("config.json", "dim", None, "dim is null; expected a whole number from 1 on"),
    ("config.json", "n_heads", 0, "n_heads is 0; expected a whole number from 1 on"),
    ("config.json", "model_type", None, "model_type is null; expected a string"),
    ("config.json", "activation", ["gelu"], r'activation is \["gelu"\]; expected'),
    ("config.json", "layer_norm_eps", "x", 'layer_norm_eps is "x"; expected a number'),
    # What no other reads is transformers' to refuse.
    ("config.json", "dropout", "x", "can't be loaded .*'dropout'"),
    ("config.json", "id2label", [1], "can't be loaded .*; expected a whole checkpoint"),
]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("malformed") / "model")


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "model"))


def refusal(folder: Path) -> str:
    with pytest.raises(TasbError) as caught:
        Encoder.load(f"tasb:torch:{folder}")
    message = str(caught.value)
    assert message.startswith(str(folder))
    assert "\n" not in message
    return message


@pytest.mark.parametrize(("file", "content", "said"), FILES)
def test_a_file_that_can_not_be_read(
    file: str, content: bytes, said: str, folder: Path
) -> None:
    (folder / file).write_bytes(content)
    assert said in refusal(folder)


@pytest.mark.parametrize(("file", "key", "value", "said"), VALUES)
def test_a_value_of_the_wrong_type(
    file: str, key: str, value: object, said: str, folder: Path
) -> None:
    path = folder / file
    known = json.loads(path.read_text()) if path.is_file() else {}
    path.write_text(json.dumps(known | {key: value}))
    message = refusal(folder)
    assert re.search(said, message), message
