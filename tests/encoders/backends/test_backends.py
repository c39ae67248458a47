"""Every backend gives the vectors of a plain transformers forward pass."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasb_pyserini.encoders.backends.backend import Backend
from tasb_pyserini.encoders.encoder import Encoder
from tests.encoders.models import TEXTS, Kind, cosines, make_model, plain_vectors

EXACT = ("torch", "onnx", "openvino")
LEAST_COSINE = {"bf16": 0.9999, "int8": 0.999}

VOCABULARY_SIZE = 76


@pytest.mark.parametrize(
    ("kind", "pooling", "normalize", "activation"),
    [
        ("distilbert", "cls", False, "gelu"),
        ("distilbert", "mean", True, "gelu_new"),
        ("bert", "cls", True, "gelu"),
        ("bert", "mean", False, "gelu_new"),
    ],
)
def test_vectors_are_those_of_a_plain_forward_pass(
    kind: Kind, pooling: str, normalize: bool, activation: str, tmp_path: Path
) -> None:
    model = make_model(
        tmp_path / "model",
        kind,
        pooling=pooling,
        normalize=normalize,
        activation=activation,
    )
    queries = plain_vectors(model, TEXTS, max_length=30)
    passages = plain_vectors(model, TEXTS, max_length=200)
    scale = np.abs(queries).max()
    for name in (*EXACT, *LEAST_COSINE):
        encoder = Encoder.load(f"tasb:{name}:{model}")
        assert (encoder.backend, encoder.device) == (name, "cpu")
        found = encoder.encode_queries(TEXTS), encoder.encode_passages(TEXTS)
        for vectors, expected in zip(found, (queries, passages), strict=True):
            assert vectors.dtype == np.float32
            if name in EXACT:
                np.testing.assert_allclose(vectors, expected, atol=2e-6 * scale)
            else:
                assert cosines(vectors, expected).min() >= LEAST_COSINE[name]
            if name == "int8":
                assert not np.allclose(vectors, expected, atol=1e-5 * scale)


def test_half_precision_on_a_cpu_is_fp32_unless_it_is_bf16(
    wide: Path,
) -> None:
    encoder = Encoder.load(f"tasb:fp16:{wide}", device="cpu", fp16=True)
    assert encoder.backend == "torch"
    expected = Encoder.load(f"tasb:torch:{wide}").encode_queries(TEXTS)
    np.testing.assert_array_equal(encoder.encode_queries(TEXTS), expected)


@pytest.fixture(scope="module", params=["onnx", "openvino", "int8", "bf16", "torch"])
def backend(request: pytest.FixtureRequest, wide: Path, kept_cache: str) -> Backend:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TASB_CACHE", kept_cache)
        return Encoder.load(f"tasb:{request.param}:{wide}", threads=2).engine


@settings(max_examples=40)
@given(data=st.data(), tokens=st.integers(2, 40), texts=st.integers(1, 24))
def test_a_vector_does_not_depend_on_its_batch_to_the_last_bit(
    backend: Backend, data: st.DataObject, tokens: int, texts: int
) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    ids = rng.integers(5, VOCABULARY_SIZE, (texts, tokens))
    together = backend.forward(ids)
    picked = data.draw(st.lists(st.integers(0, texts - 1), min_size=1, max_size=5))
    np.testing.assert_array_equal(backend.forward(ids[picked]), together[picked])
    alone = backend.forward(ids[picked[:1]])
    np.testing.assert_array_equal(alone, together[picked[:1]])
