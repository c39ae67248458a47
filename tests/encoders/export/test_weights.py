"""Weights of either architecture come under the same names; others are refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel, T5Config

from tasb_pyserini.encoders.export.weights import read_weights
from tasb_pyserini.formats.errors import TasbError
from tests.encoders.models import Kind, make_model


def loaded(folder: Path) -> Any:
    return AutoModel.from_pretrained(folder)


@pytest.mark.parametrize("kind", ["distilbert", "bert"])
def test_a_layer_of_affine_maps_is_that_of_the_model(
    kind: Kind, tmp_path: Path
) -> None:
    model = loaded(make_model(tmp_path / "model", kind))
    weights = read_weights(model.config, model.state_dict())
    assert (len(weights.layers), weights.heads, weights.gelu) == (2, 2, "none")
    assert weights.positions.shape == (512, 64)
    layer = (model.transformer.layer if kind == "distilbert" else model.encoder.layer)[
        1
    ]
    down = layer.ffn.lin2 if kind == "distilbert" else layer.output.dense
    x = torch.randn(3, 128)
    found = weights.layers[1]["down"]
    np.testing.assert_allclose(
        x.numpy() @ found.weight + found.bias, down(x).detach().numpy(), atol=1e-5
    )


def test_segment_0_is_part_of_berts_positions(tmp_path: Path) -> None:
    model = loaded(make_model(tmp_path / "model", "bert"))
    weights = read_weights(model.config, model.state_dict())
    embeddings = model.embeddings
    expected = (
        embeddings.position_embeddings.weight
        + embeddings.token_type_embeddings.weight[0]
    )
    np.testing.assert_array_equal(weights.positions, expected.detach().numpy())


def test_other_activations_and_architectures_are_refused(tmp_path: Path) -> None:
    model = loaded(make_model(tmp_path / "model", activation="relu"))
    with pytest.raises(TasbError, match="'distilbert' with activation 'relu'"):
        read_weights(model.config, model.state_dict())
    with pytest.raises(TasbError, match="'t5' with activation None can't be exported"):
        read_weights(T5Config(), {})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(value: float, tmp_path: Path) -> None:
    model = loaded(make_model(tmp_path / "model"))
    state = model.state_dict()
    state["transformer.layer.1.ffn.lin1.bias"][3] = value
    with pytest.raises(
        TasbError, match=r"'transformer.layer.1.ffn.lin1.bias' hold NaN or infinity"
    ):
        read_weights(model.config, state)
