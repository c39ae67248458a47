"""Weights that int8 can't hold stay as they are."""

from pathlib import Path

import numpy as np
import onnx
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from safetensors.torch import load_file, save_file

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.export.graph import build_graph
from tasb_pyserini.encoders.export.precision import round_to_int8
from tasb_pyserini.encoders.export.weights import read_weights
from tasb_pyserini.encoders.model import load_model
from tests.encoders.models import make_model


@given(
    npst.arrays(
        np.float32,
        npst.array_shapes(min_dims=2, max_dims=2, max_side=6),
        elements=st.floats(-1e3, 1e3, width=16),
    )
)
def test_rounding_changes_a_matrix_by_at_most_two_percent(
    weight: np.ndarray[tuple[int, int], np.dtype[np.float32]],
) -> None:
    rounded = round_to_int8(weight)
    if rounded is None:
        slow = weight.copy()
        for column in slow.T:
            step = max(abs(float(value)) for value in column) / 127 or 1.0
            column[:] = [round(float(value) / step) * step for value in column]
        changed = np.linalg.norm(slow - weight) / np.linalg.norm(weight)
        assert changed > 0.0199
    else:
        stored, scale = rounded
        assert stored.dtype == np.int8
        assert np.abs(stored.astype(int)).max() <= 127
        changed = np.linalg.norm(stored * scale - weight)
        assert changed <= 0.02 * np.linalg.norm(weight) + 1e-6


def test_a_layer_near_identity_is_stored_in_fp32(tmp_path: Path) -> None:
    """In int8 the ones would round all else to 0, as steps are of 1/127."""
    path = make_model(tmp_path / "model", dimension=256) / "model.safetensors"
    state = load_file(path)
    for part in ("q_lin", "k_lin", "v_lin"):
        name = f"transformer.layer.0.attention.{part}.weight"
        noise = torch.randn(256, 256, generator=torch.Generator().manual_seed(1))
        state[name] = torch.eye(256) + 0.003 * noise
    save_file(state, path, metadata={"format": "pt"})
    folder, spec = find_checkpoint(str(path.parent))
    transformer = load_model(folder, spec).transformer
    weights = read_weights(transformer.config, transformer.state_dict())
    stored = {
        constant.name: onnx.helper.tensor_dtype_to_np_dtype(constant.data_type)
        for constant in build_graph(weights, spec, "int8").graph.initializer
        if constant.name.startswith("layer.") and len(constant.dims) == 2
    }
    in_fp32 = [name for name, kind in stored.items() if kind == np.float32]
    assert in_fp32 == ["layer.0.query_key_value.weight"]
    assert len(stored) > 4
