"""Exports are made once, by one process, and then do without PyTorch."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.export import cached
from tasb_pyserini.encoders.export.cached import cached_export
from tests.encoders.models import TEXTS, make_model

EXPORTING = """
import sys
from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.export.cached import cached_export

print(cached_export(*find_checkpoint(sys.argv[1]), "fp32"), "torch" in sys.modules)
"""

HANGING = (
    """
import sys, time
from tasb_pyserini.encoders.export import export

def hang(*arguments):
    print("measuring", flush=True)
    time.sleep(60)

export.measure_parity = hang
"""
    + EXPORTING
)

ENCODING = """
import json, sys

asked = []
sys.addaudithook(lambda event, _: asked.append(event) if "socket" in event else None)
from tasb_pyserini.encoders.encoder import Encoder

encoder = Encoder.load(sys.argv[1], device="auto")
vectors = encoder.encode_queries(json.loads(sys.argv[2])).tolist()
heavy = sorted({"torch", "transformers", "onnx", "huggingface_hub"} & set(sys.modules))
print(json.dumps({"vectors": vectors, "heavy": heavy, "asked": asked}))
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("model") / "model")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "tasb-cache" / "onnx"


def start(code: str, *arguments: str | Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", code, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(words, stdout=pipe, stderr=pipe, text=True)


@pytest.mark.parametrize("count", [3, pytest.param(8, marks=pytest.mark.slow)])
def test_of_several_processes_one_exports(count: int, model: Path, cache: Path) -> None:
    processes = [start(EXPORTING, model) for _ in range(count)]
    outputs = [process.communicate(timeout=200) for process in processes]
    paths, loaded = zip(*(out.split() for out, _ in outputs), strict=True)
    [path] = cache.glob("*.onnx")
    assert set(paths) == {str(path)}
    assert sorted(loaded) == ["False"] * (count - 1) + ["True"]
    assert [err for _, err in outputs] == [""] * count


def test_only_an_export_that_takes_seconds_is_announced(
    model: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cached, "LARGE", 1)
    folder, spec = find_checkpoint(str(model))
    cached.cached_export(folder, spec, "fp32")
    cached.cached_export(folder, spec, "fp32")
    said = f"tasb: exporting {model} in fp32, once\n"
    assert capfd.readouterr().err == said


def test_a_killed_export_leaves_no_file_and_no_lock(model: Path, cache: Path) -> None:
    process = start(HANGING, model)
    assert process.stdout is not None
    assert process.stdout.readline() == "measuring\n"
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.communicate()
    assert list(cache.glob("[!.]*.onnx")) == []
    assert list(cache.glob(".*")) != []
    path = cached_export(*find_checkpoint(str(model)), "fp32")
    assert sorted(cache.iterdir()) == sorted([path, cache / "lock"])


def test_what_is_in_the_graph_makes_another_file_and_what_is_not_does_not(
    model: Path, tmp_path: Path, cache: Path
) -> None:
    def export(folder: Path) -> Path:
        return cached_export(*find_checkpoint(str(folder)), "fp32")

    first = export(model)
    assert export(make_model(tmp_path / "same")) == first
    assert export(make_model(tmp_path / "weights", seed=1)) != first
    assert export(make_model(tmp_path / "pooling", pooling="mean")) != first
    assert export(make_model(tmp_path / "activation", activation="gelu_new")) != first
    shorter = make_model(tmp_path / "shorter")
    spec = json.loads((shorter / "encoder.json").read_text())
    (shorter / "encoder.json").write_text(json.dumps(spec | {"query_max_length": 20}))
    assert export(shorter) == first
    assert cached_export(*find_checkpoint(str(model)), "int8") != first
    assert len(list(cache.glob("*.onnx"))) == 5


def test_the_file_that_was_not_used_for_the_longest_goes_first(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cached, "KEPT", 2)
    found = [
        find_checkpoint(str(make_model(tmp_path / str(seed), seed=seed)))
        for seed in range(3)
    ]
    first, second = (cached_export(*found[number], "fp32") for number in range(2))
    written = first.stat().st_mtime_ns
    os.utime(first, ns=(1, written))
    os.utime(second, (2, 2))
    assert cached_export(*found[0], "fp32") == first
    assert first.stat().st_mtime_ns == written
    third = cached_export(*found[2], "fp32")
    assert set(cache.glob("*.onnx")) == {first, third}


def test_a_file_that_is_there_is_used_where_nothing_can_be_written(
    model: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = cached_export(*find_checkpoint(str(model)), "fp32")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "utime", refuse)  # root may write everywhere
    assert cached_export(*find_checkpoint(str(model)), "fp32") == path


@pytest.mark.parametrize("name", ["tasb", "tasb:onnx", "tasb:int8", "tasb:bf16"])
def test_once_exported_neither_pytorch_nor_the_network_is_needed(
    name: str, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = Encoder.load(f"{name}:{model}").encode_queries(TEXTS)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    out, err = start(ENCODING, f"{name}:{model}", json.dumps(TEXTS)).communicate()
    assert err == ""
    found = json.loads(out)
    np.testing.assert_array_equal(np.array(found["vectors"], np.float32), expected)
    assert found["heavy"] == []
    # Left alone, both runtimes report that they are used, and leave an id at home.
    assert found["asked"] == []
    assert list(home.rglob("*")) == []
