"""Every backend gives the vectors of a plain transformers forward pass."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasb_pyserini.encoders.encoder import Encoder
from tests.encoders.models import TEXTS, Kind, cosines, make_model, plain_vectors

EXACT = ("torch", "onnx", "openvino")
LEAST_COSINE = {"bf16": 0.999, "int8": 0.98}

MODELS = [
    ("distilbert", "cls", False, "gelu"),
    ("distilbert", "mean", True, "gelu_new"),
    ("bert", "cls", True, "gelu"),
    ("bert", "mean", False, "gelu_new"),
]


@pytest.fixture(scope="module", params=MODELS, ids="-".join(map(str, MODELS[0])).format)
def model(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    kind, pooling, normalize, activation = request.param
    return make_model(
        tmp_path_factory.mktemp("models") / "model",
        kind,
        pooling=pooling,
        normalize=normalize,
        activation=activation,
    )
