"""BERT_DOT as an ONNX graph: token ids in, vectors out."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tasb_pyserini.encoders.export.precision import WeightPrecision, round_to_int8
from tasb_pyserini.encoders.export.weights import Affine, Weights
from tasb_pyserini.encoders.spec import EncoderSpec

OPSET, IR_VERSION = 20, 9
"""Of 2024: the newest with all operators that are needed here."""


def build_graph(
    weights: Weights, spec: EncoderSpec, precision: WeightPrecision = "fp32"
) -> onnx.ModelProto:
    """Return a model with pooling and normalisation inside.

    Inputs are ``input_ids`` and, where texts are padded, ``attention_mask`` (1 unless
    given), both int64, ``(batch, tokens)``; the output is ``pooler_output``, fp32,
    ``(batch, dimension)``: the names of Anserini's ``CosDprDistilEncoder``.

    Tokens of all texts stand in one matrix between the attentions. Where [CLS] alone is
    pooled, the last layer is computed for [CLS] alone. With int8, the weights of matrix
    products are stored as `round_to_int8` has them.

    Parameters
    ----------
    weights
        From :func:`~tasb_pyserini.encoders.export.weights.read_weights`.
    spec
        For pooling, normalisation and dimension.
    precision
        Of the weights; with fp16 all is computed so.
    """
    return _Builder(weights, spec, precision).model()


class _Builder:
    """Collects nodes and constants; every method returns the name of its result."""

    def __init__(
        self, weights: Weights, spec: EncoderSpec, precision: WeightPrecision
    ) -> None:
        self.weights, self.spec, self.precision = weights, spec, precision
        self.float = np.float16 if precision == "fp16" else np.float32
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def model(self) -> onnx.ModelProto:
        ids = "input_ids"
        self.mask = self.op(
            "Expand", "attention_mask", self.op("Shape", ids), name="mask"
        )
        self.bias = self._attention_bias()
        x = self._embeddings(ids)
        for number, layer in enumerate(self.weights.layers):
            last = number == len(self.weights.layers) - 1
            x = self._layer(x, layer, f"layer.{number}", cls_only=last and self._cls)
        vectors = self._pooled(x)
        if self.spec.normalize:
            norm = self.op("ReduceL2", vectors, self.ints("last", [-1]))
            vectors = self.op("Div", vectors, norm)
        self.nodes.append(
            helper.make_node("Cast", [vectors], ["pooler_output"], to=TensorProto.FLOAT)
        )
        return self._assemble()

    @property
    def _cls(self) -> bool:
        return self.spec.pooling == "cls"

    def _embeddings(self, ids: str) -> str:
        length = self.op("Shape", ids, start=1, end=2)
        positions = self.op(
            "Slice",
            self.constant("positions", self.weights.positions),
            *(self.ints("zero", [0]), length, self.ints("zero", [0])),
        )
        tokens = self.op("Gather", self.constant("tokens", self.weights.tokens), ids)
        x = self.norm(self.op("Add", tokens, positions), self.weights.norm, "norm")
        return self._rows(x)

    def _layer(
        self, x: str, layer: dict[str, Affine], name: str, *, cls_only: bool
    ) -> str:
        query, key, value = (layer[part] for part in ("query", "key", "value"))
        scale = np.float32((len(query.bias) // self.weights.heads) ** -0.5)
        query = Affine(query.weight * scale, query.bias * scale)
        if cls_only:
            # From here on one row a text: that of [CLS].
            key_value = self.affine(x, _joined(key, value), f"{name}.key_value")
            x = self._first_rows(x)
            parts = self._split(self._by_text(key_value, 2), 2)
            projected = self.affine(x, query, f"{name}.query")
            heads = [self.op("Unsqueeze", projected, self.ints("one", [1])), *parts]
        else:
            joined = _joined(query, key, value)
            every = self.affine(x, joined, f"{name}.query_key_value")
            heads = self._split(self._by_text(every, 3), 3)
        attended = self._rows(self._attention(*heads))
        output = self.affine(attended, layer["output"], f"{name}.output")
        x = self.norm(
            self.op("Add", x, output), layer["attention_norm"], f"{name}.attention_norm"
        )
        up = self.affine(x, layer["up"], f"{name}.up")
        up = self.op("Gelu", up, approximate=self.weights.gelu)
        down = self.affine(up, layer["down"], f"{name}.down")
        return self.norm(self.op("Add", x, down), layer["norm"], f"{name}.norm")

    def _attention(self, query: str, key: str, value: str) -> str:
        query, value = (
            self._heads(query, [0, 2, 1, 3]),
            self._heads(value, [0, 2, 1, 3]),
        )
        scores = self.op("MatMul", query, self._heads(key, [0, 2, 3, 1]))
        shares = self.op("Softmax", self.op("Add", scores, self.bias), axis=-1)
        return self.op("Transpose", self.op("MatMul", shares, value), perm=[0, 2, 1, 3])

    def _attention_bias(self) -> str:
        """0 for tokens, the lowest number for padding: ``(batch, 1, 1, tokens)``."""
        padding = self.op("Sub", self.ints("one.0", 1), self.mask)
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(self.float))
        wide = self.op("Unsqueeze", padding, self.ints("middle", [1, 2]))
        lowest = self.constant("lowest", np.array(np.finfo(self.float).min))
        return self.op("Mul", self.op("Cast", wide, to=kind), lowest)

    def _pooled(self, x: str) -> str:
        if self._cls:
            return x
        mask = self.op("Unsqueeze", self.mask, self.ints("last", [-1]))
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(self.float))
        mask = self.op("Cast", mask, to=kind)
        total = self.op(
            "ReduceSum",
            self.op("Mul", self._by_text(x, 1), mask),
            self.ints("one", [1]),
            keepdims=0,
        )
        count = self.op("ReduceSum", mask, self.ints("one", [1]), keepdims=0)
        return self.op("Div", total, count)

    def _rows(self, x: str) -> str:
        """All tokens below each other: ``(batch * tokens, dimension)``."""
        return self.op("Reshape", x, self.ints("rows", [-1, self.spec.dimension]))

    def _by_text(self, x: str, width: int) -> str:
        shape = self.op(
            "Concat",
            self.op("Shape", "input_ids"),
            self.ints(f"width.{width}", [width * self.spec.dimension]),
            axis=0,
        )
        return self.op("Reshape", x, shape)

    def _first_rows(self, x: str) -> str:
        texts = self._by_text(x, 1)
        return self.op("Gather", texts, self.ints("zero.0", 0), axis=1)

    def _heads(self, x: str, order: list[int]) -> str:
        size = self.spec.dimension // self.weights.heads
        shape = self.ints("heads", [0, 0, self.weights.heads, size])
        return self.op("Transpose", self.op("Reshape", x, shape), perm=order)

    def _split(self, x: str, count: int) -> list[str]:
        names = [f"split.{len(self.nodes)}.{part}" for part in range(count)]
        node = helper.make_node("Split", [x], names, axis=-1, num_outputs=count)
        self.nodes.append(node)
        return names

    def affine(self, x: str, part: Affine, name: str) -> str:
        if self.precision == "int8" and (rounded := round_to_int8(part.weight)):
            stored, scale = rounded
            weight = self.op(
                "DequantizeLinear",
                self.add(f"{name}.weight", stored),
                self.constant(f"{name}.scale", scale),
                axis=1,
            )
        else:
            weight = self.constant(f"{name}.weight", part.weight)
        product = self.op("MatMul", x, weight)
        return self.op("Add", product, self.constant(f"{name}.bias", part.bias))

    def norm(self, x: str, part: Affine, name: str) -> str:
        scale = self.constant(f"{name}.weight", part.weight)
        shift = self.constant(f"{name}.bias", part.bias)
        epsilon = self.weights.epsilon
        return self.op("LayerNormalization", x, scale, shift, axis=-1, epsilon=epsilon)

    def op(self, kind: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        name = name or f"{kind}.{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, name: str, values: NDArray[np.floating]) -> str:
        with np.errstate(over="ignore"):  # the proof finds what fp16 can't hold
            return self.add(name, np.asarray(values, self.float))

    def ints(self, name: str, values: int | list[int]) -> str:
        return self.add(f"ints.{name}", np.array(values, np.int64))

    def add(self, name: str, values: NDArray[np.generic]) -> str:
        if name not in self.constants:
            # Of one dimension at least it would be, from `ascontiguousarray`.
            values = np.array(values, order="C")
            self.constants[name] = numpy_helper.from_array(values, name)
        return name

    def _assemble(self) -> onnx.ModelProto:
        self.add("attention_mask", np.ones((1, 1), np.int64))
        texts = ["batch", "tokens"]
        graph = helper.make_graph(
            self.nodes,
            "bert_dot",
            [
                helper.make_tensor_value_info(name, TensorProto.INT64, texts)
                for name in ("input_ids", "attention_mask")
            ],
            [
                helper.make_tensor_value_info(
                    "pooler_output", TensorProto.FLOAT, ["batch", self.spec.dimension]
                )
            ],
            list(self.constants.values()),
        )
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)


def _joined(*parts: Affine) -> Affine:
    return Affine(
        np.concatenate([part.weight for part in parts], axis=1),
        np.concatenate([part.bias for part in parts]),
    )
