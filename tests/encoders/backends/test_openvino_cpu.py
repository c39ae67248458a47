"""A loaded model serves several threads, and what was compiled of it is kept."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.encoders.backends.openvino_cpu import OpenVinoBackend
from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.export.graph import build_graph
from tasb_pyserini.encoders.export.weights import read_weights
from tasb_pyserini.encoders.model import load_model
from tests.encoders.models import make_model

WORDS = ("copy", "dense", "passage", "tree", "query", "retriever", "word")


@pytest.mark.parametrize("name", ["openvino", "int8", "onnx", "torch"])
def test_callers_in_threads_get_their_own_vectors(name: str, wide: Path) -> None:
    encoder = Encoder.load(f"tasb:{name}:{wide}")
    texts = [f"{one} {other} the {one}" for one in WORDS for other in WORDS]
    expected = encoder.encode_passages(texts)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda text: encoder.encode_queries([text])[0], texts))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dimension", [192, 384, 512])
def test_int8_keeps_texts_apart_in_any_dimension(
    dimension: int, tmp_path: Path
) -> None:
    """Of 192, 384 and 512 numbers, 128, 384 and 256 share a scale."""
    folder, spec = find_checkpoint(
        str(make_model(tmp_path / "model", dimension=dimension))
    )
    transformer = load_model(folder, spec).transformer
    weights = read_weights(transformer.config, transformer.state_dict())
    path = tmp_path / "model.onnx"
    path.write_bytes(build_graph(weights, spec, "int8").SerializeToString())
    engine = OpenVinoBackend(path, 2, dimension=dimension, name="int8")
    rng = np.random.default_rng(dimension)
    for texts, tokens in ((2, 3), (7, 12), (24, 40)):
        ids = rng.integers(5, 76, (texts, tokens))
        alone = [engine.forward(ids[text : text + 1])[0] for text in range(texts)]
        np.testing.assert_array_equal(engine.forward(ids), alone)


def test_the_number_of_threads_is_the_one_asked_for(wide: Path) -> None:
    engine = Encoder.load(f"tasb:openvino:{wide}", threads=1).engine
    assert isinstance(engine, OpenVinoBackend)
    assert engine._model.get_property("INFERENCE_NUM_THREADS") == 1


def test_what_was_compiled_is_kept_and_made_again_where_it_is_damaged(
    wide: Path, tmp_path: Path
) -> None:
    name = f"tasb:openvino:{wide}"
    expected = Encoder.load(name).encode_queries(WORDS)
    [kept] = (tmp_path / "tasb-cache").rglob("*.blob")
    written, whole = kept.stat().st_mtime_ns, kept.read_bytes()
    for other in (name, f"tasb:bf16:{wide}", name):
        vectors = Encoder.load(other, threads=1).encode_queries(WORDS)
        if other == name:
            np.testing.assert_array_equal(vectors, expected)
    assert kept.stat().st_mtime_ns == written
    for damaged in (b"", whole[:-100], bytes(len(whole))):
        kept.write_bytes(damaged)
        vectors = Encoder.load(name).encode_queries(WORDS)
        np.testing.assert_array_equal(vectors, expected)
        assert len(kept.read_bytes()) > len(whole) // 2


SIGNALLED = """
import gc, os, signal, sys
from tasb_pyserini.encoders.encoder import Encoder

signal.signal(signal.SIGUSR1, lambda *_: print("handled"))
first, second = (Encoder.load(sys.argv[1]) for _ in range(2))
del first
gc.collect()
del second
gc.collect()
os.kill(os.getpid(), signal.SIGUSR1)
"""


def test_signals_are_handled_when_models_are_gone(wide: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SIGNALLED, f"tasb:openvino:{wide}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "handled\n"), done.stderr
