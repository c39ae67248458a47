"""Folders that are no such checkpoint are refused, most before weights are read."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from tasb_pyserini.encoders.seq2seq import load_seq2seq, load_seq2seq_tokenizer
from tasb_pyserini.formats.errors import TasbError
from tests.search.rerank.models import make_t5


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def write(name: str, text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).write_text(text)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (remove("config.json"), "no config.json; expected a sequence-to-sequence"),
        (remove("model.safetensors"), "no weights; expected model.safetensors or"),
        (remove("tokenizer.json"), "no tokenizer; expected tokenizer.json or spiece"),
    ],
)
def test_missing_files_are_found_before_the_weights_are_read(
    tmp_path: Path, change: Callable[[Path], None], message: str
) -> None:
    folder = make_t5(tmp_path / "t5")
    change(folder)
    with pytest.raises(TasbError, match=message):
        load_seq2seq_tokenizer(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (write("model.safetensors", "cut"), "can't be loaded"),
        (write("config.json", json.dumps({"model_type": "bert"})), "of type 'bert'"),
        (write("config.json", "{"), "can't be loaded"),
    ],
)
def test_weights_that_are_none_are_one_line(
    tmp_path: Path, change: Callable[[Path], None], message: str
) -> None:
    folder = make_t5(tmp_path / "t5")
    change(folder)
    with pytest.raises(TasbError, match=message) as caught:
        load_seq2seq(folder)
    assert "\n" not in str(caught.value)


def test_missing_weights_are_named(tmp_path: Path) -> None:
    folder = make_t5(tmp_path / "t5")
    path = folder / "model.safetensors"
    weights = load_file(path)
    del weights["decoder.final_layer_norm.weight"]
    save_file(weights, path, metadata={"format": "pt"})
    with pytest.raises(TasbError, match=r"weights lack 'decoder\.final_layer_norm\.w"):
        load_seq2seq(folder)


def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path) -> None:
    folder = make_t5(tmp_path / "t5", form="bin")
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    with pytest.raises(TasbError, match="can't be loaded"):
        load_seq2seq(folder)
