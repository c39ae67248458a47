"""From a name to a folder: cards, local copies, the hub, and what is refused."""

import json
import os
import pickle
import shutil
import socket
import threading
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
import torch

from tasb_pyserini.encoders import hub
from tasb_pyserini.encoders.checkpoint import find_checkpoint, hash_weights
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.model import load_model, save_model
from tasb_pyserini.encoders.names import parse_name, read_cards
from tasb_pyserini.encoders.pretrained import find_model
from tasb_pyserini.encoders.spec import EncoderSpec, mismatches
from tasb_pyserini.formats.errors import TasbError
from tests.checkpoints import make_checkpoint
from tests.encoders.hub_cache import put_into_cache


def test_the_card_of_tasb_is_what_its_authors_published() -> None:
    card = read_cards()["tasb"]
    assert card == EncoderSpec(
        checkpoint="sebastian-hofstaetter/distilbert-dot-tas_b-b256-msmarco",
        revision="a03882cb371476b74ca3557366452cd868ac4f42",
        pooling="cls",
        normalize=False,
        query_prefix="",
        passage_prefix="",
        query_max_length=30,
        passage_max_length=200,
        dimension=768,
        similarity="dot",
    )
    assert read_cards()["margin-mse"].checkpoint.endswith("margin_mse-T2-msmarco")


@pytest.mark.parametrize(
    ("name", "location"),
    [
        ("tasb", "tasb"),
        ("tasb:torch", "tasb"),
        ("tasb:onnx", "tasb"),
        ("tasb:int8:/models/x", "/models/x"),
        ("onnx/owned-by-tasb", "onnx/owned-by-tasb"),
        ("tasb:/models/balanced-finance", "/models/balanced-finance"),
        ("tasb:torch:/models/x", "/models/x"),
        ("tasb:owner/name", "owner/name"),
        ("C:\\tasb-models", "C:\\tasb-models"),
    ],
)
def test_names_lead_to_locations(name: str, location: str) -> None:
    assert parse_name(name).location == location


@pytest.mark.parametrize("name", ["", "tasb:", "tasb:int8:"])
def test_names_of_nothing_are_refused(name: str) -> None:
    with pytest.raises(TasbError, match="expected"):
        parse_name(name)


def test_a_local_copy_serves_the_public_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = make_checkpoint(tmp_path / "copy")
    monkeypatch.setenv("TASB_CHECKPOINT", str(copy))
    card = replace(read_cards()["tasb"], weights=hash_weights(copy))
    assert find_checkpoint("tasb") == (copy, card)
    monkeypatch.setenv("TASB_CHECKPOINT", str(tmp_path))
    with pytest.raises(TasbError, match=r"TASB_CHECKPOINT=.*no config\.json"):
        find_checkpoint("tasb")


def test_without_the_hub_the_error_says_what_from_where_and_how_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(
        TasbError,
        match=r"could not fetch sebastian-hofstaetter/distilbert-dot-tas_b-b256-msmarco"
        r" from https?://.*; put its files into a folder and use 'tasb:FOLDER'",
    ):
        find_checkpoint("tasb", local_only=True)


@pytest.mark.parametrize(
    "mistyped", ["/no/such/folder", "../student", "out--v2/checkpoint", "a/b.git"]
)
def test_a_mistyped_folder_is_not_looked_for_on_the_hub(mistyped: str) -> None:
    with pytest.raises(TasbError, match="no such folder, and not a hub id"):
        find_checkpoint(mistyped)
    with pytest.raises(TasbError, match="no such folder, and not a hub id"):
        find_model(mistyped)


def test_half_a_download_in_the_cache_is_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", True)  # the hub says so when asked
    place = put_into_cache(tmp_path, "o/n", make_checkpoint(tmp_path / "whole"))
    assert find_checkpoint("o/n")[0] == find_model("o/n") == place
    (place / "pytorch_model.bin").unlink()
    for find in (find_checkpoint, find_model):
        with pytest.raises(TasbError, match=r"fetch.*\(HF_HUB_OFFLINE is set\)"):
            find("o/n")


def test_half_of_weights_in_parts_is_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", True)
    place = put_into_cache(tmp_path, "o/n", make_checkpoint(tmp_path / "whole"))
    parts = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    for part in parts:
        (place / part).touch()
    index = {"weight_map": {"a": parts[0], "b": parts[1]}}
    (place / "model.safetensors.index.json").write_text(json.dumps(index))
    assert find_model("o/n") == place
    (place / parts[1]).unlink()
    with pytest.raises(TasbError, match="HF_HUB_OFFLINE is set"):
        find_model("o/n")


def test_a_connection_that_is_lost_on_the_way_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub answers that it has the checkpoint, and then no more."""
    answers = [b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"id":"o/n"}']
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                if answers:
                    connection.sendall(answers.pop())

    threading.Thread(target=serve, daemon=True).start()
    address = f"http://127.0.0.1:{server.getsockname()[1]}"
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(TasbError, match=r"could not fetch it from .*disconnected.*"):
        find_checkpoint("o/n")
    assert answers == []


@pytest.mark.parametrize(
    ("lost", "message"),
    [
        ("config.json", r"no config\.json"),
        ("pytorch_model.bin", r"no weights; expected model\.safetensors or"),
        ("vocab.txt", r"no tokenizer; expected tokenizer\.json or vocab\.txt"),
    ],
)
def test_an_incomplete_folder_is_refused(
    tmp_path: Path, lost: str, message: str
) -> None:
    folder = make_checkpoint(tmp_path / "checkpoint")
    (folder / lost).unlink()
    with pytest.raises(TasbError, match=message):
        find_checkpoint(str(folder))


def test_the_identity_of_a_local_checkpoint_is_its_weights(tmp_path: Path) -> None:
    first = make_checkpoint(tmp_path / "first", seed=1)
    moved = Path(shutil.copytree(first, tmp_path / "moved"))
    other = make_checkpoint(tmp_path / "other", seed=2)
    assert find_checkpoint(str(first))[1].weights == hash_weights(moved)
    assert hash_weights(other) != hash_weights(first)
    assert find_checkpoint(str(first))[1].dimension == 32


def test_what_the_hub_gave_is_known_by_its_weights_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    folders = [make_checkpoint(tmp_path / str(seed), seed=seed) for seed in (1, 2)]
    for name, folder in zip(("o/one", "o/two"), folders, strict=True):
        put_into_cache(tmp_path, name, folder)
    one, two = (find_checkpoint(name)[1] for name in ("o/one", "o/two"))
    assert (one.checkpoint, one.weights) == ("o/one", hash_weights(folders[0]))
    assert mismatches(one, two) == [
        f"weights: index {one.weights:.19} (o/one), "
        f"query encoder {two.weights:.19} (o/two)"
    ]
    assert mismatches(one, find_checkpoint(str(folders[0]))[1]) == []
    assert mismatches(find_checkpoint(str(folders[1]))[1], one) != []


def test_two_copies_that_served_the_public_name_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    specs = []
    for seed in (1, 2):
        copy = make_checkpoint(tmp_path / str(seed), seed=seed)
        monkeypatch.setenv("TASB_CHECKPOINT", str(copy))
        specs.append(find_checkpoint("tasb")[1])
    [difference] = mismatches(*specs)
    assert difference.startswith("weights: index sha256:")


def test_code_in_a_bin_file_never_runs(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "evil")
    trap = tmp_path / "trap"
    payload = {"weight": _Touch(trap)}
    torch.save(payload, folder / "pytorch_model.bin", pickle_module=pickle)
    with pytest.raises(TasbError, match=r"can't be loaded \(Weights only load failed"):
        load_model(folder, EncoderSpec(checkpoint="x", dimension=32))
    assert not trap.exists()


def test_weights_with_a_hole_are_refused(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "hole")
    weights = torch.load(folder / "pytorch_model.bin", weights_only=True)
    del weights["transformer.layer.1.ffn.lin1.weight"]
    torch.save(weights, folder / "pytorch_model.bin")
    with pytest.raises(TasbError, match=r"weights lack 'transformer\.layer\.1\.ffn"):
        load_model(folder, EncoderSpec(checkpoint="x", dimension=32))


def test_a_dimension_that_is_not_the_specs_is_refused(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "small")
    with pytest.raises(TasbError, match="of 32 dimensions; expected 768"):
        load_model(folder, EncoderSpec(checkpoint="x"))


def test_a_saved_model_loads_with_the_same_weights(tmp_path: Path) -> None:
    spec = EncoderSpec(checkpoint="x", dimension=32)
    model = load_model(make_checkpoint(tmp_path / "a"), spec)
    (tmp_path / "b").mkdir()
    save_model(model, tmp_path / "b")
    again = load_model(tmp_path / "b", spec)
    assert json.loads((tmp_path / "b" / "config.json").read_text())["dim"] == 32
    for name, tensor in model.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], tensor, rtol=0, atol=0)


def test_a_saved_model_is_as_readable_as_other_files(tmp_path: Path) -> None:
    model = load_model(
        make_checkpoint(tmp_path / "a"), EncoderSpec(checkpoint="x", dimension=32)
    )
    (tmp_path / "b").mkdir()
    mask = os.umask(0o027)
    try:
        save_model(model, tmp_path / "b")
    finally:
        os.umask(mask)
    for name in ("config.json", "model.safetensors"):
        assert (tmp_path / "b" / name).stat().st_mode & 0o777 == 0o640


class _Touch:
    """Unpickled, it makes a file: what a malicious checkpoint could do."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"


@pytest.mark.parametrize(
    ("form", "file", "content"),
    [
        ("safetensors", "model.safetensors", POINTER),
        ("bin", "pytorch_model.bin", POINTER),
        ("bin", "pytorch_model.bin", b"PK\x03\x04 cut short"),
        ("bin", "tokenizer.json", b'{"model": 1}'),
        ("bin", "tokenizer.json", POINTER),
    ],
)
def test_a_damaged_file_is_one_line_that_names_the_folder(
    tmp_path: Path, form: Literal["bin", "safetensors"], file: str, content: bytes
) -> None:
    folder = make_checkpoint(tmp_path / "damaged", form)
    (folder / file).write_bytes(content)
    with pytest.raises(TasbError, match="damaged") as raised:
        Encoder.load(f"tasb:torch:{folder}", device="cpu")
    assert "\n" not in str(raised.value)
    assert "expected" in str(raised.value)
