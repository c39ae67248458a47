"""Write a checkpoint as ONNX, if it still ranks the same."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from tasb_pyserini.encoders.backends.backend import Backend
from tasb_pyserini.encoders.backends.onnx_runtime import OnnxBackend
from tasb_pyserini.encoders.backends.pytorch import TorchBackend
from tasb_pyserini.encoders.batching import TOKENS_PER_BATCH, encode_by_length
from tasb_pyserini.encoders.checkpoint import hash_weights
from tasb_pyserini.encoders.config import check_sizes, read_config
from tasb_pyserini.encoders.export.graph import build_graph
from tasb_pyserini.encoders.export.parity import (
    Encoded,
    Parity,
    measure_parity,
    shortfalls,
)
from tasb_pyserini.encoders.export.precision import WeightPrecision
from tasb_pyserini.encoders.export.texts import docstrings, first_sentences
from tasb_pyserini.encoders.export.weights import read_weights
from tasb_pyserini.encoders.model import load_model
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.encoders.threads import default_threads
from tasb_pyserini.encoders.tokenizer import read_tokenizer, tokenize
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.replace import replace_bytes
from tasb_pyserini.formats.temporary import temporary_folder

TEXTS = 64
"""Queries and passages that an export is proven on where none are given."""
PASSAGE_TOKENS = 64
"""Passages are cut there for the proof."""


def export_checkpoint(
    folder: Path,
    spec: EncoderSpec,
    path: Path,
    precision: WeightPrecision = "fp32",
    *,
    queries: Sequence[str] | None = None,
    passages: Sequence[str] | None = None,
) -> Parity:
    """Write a checkpoint as one ONNX file; return how near it is to PyTorch in fp32.

    Its metadata hold the spec (``tasb.spec``), the hash of the weights
    (``tasb.weights``), the precision and the parity.

    Parameters
    ----------
    folder, spec
        From :func:`~tasb_pyserini.encoders.checkpoint.find_checkpoint`.
    path
        The file; there as a whole or not at all.
    precision
        Of the weights.
    queries, passages
        Texts of the proof; by default what Python's functions say they do.

    Raises
    ------
    TasbError
        If the model is not of the family or does not fit its tokenizer, or the file
        would not rank as it does.
    """
    tokenizer, vocabulary = read_tokenizer(folder)
    check_sizes(folder, read_config(folder), vocabulary, spec)
    with replace_bytes(path) as file:
        model = load_model(folder, spec)
        config, state = model.transformer.config, model.transformer.state_dict()
        graph = build_graph(read_weights(config, state), spec, precision)
        docs = docstrings()
        queries = first_sentences(docs[:TEXTS]) if queries is None else queries
        passages = docs[:TEXTS] if passages is None else passages
        limit = min(spec.passage_max_length, PASSAGE_TOKENS)
        ids = (
            tokenize(tokenizer, queries, spec.query_max_length, spec.query_prefix),
            tokenize(tokenizer, passages, limit, spec.passage_prefix),
        )
        exact = _encode(TorchBackend(model), ids, spec.dimension)
        with temporary_folder(path) as temporary:
            candidate = temporary / "model.onnx"
            candidate.write_bytes(graph.SerializeToString())
            others = [
                _encode(backend, ids, spec.dimension)
                for backend in _backends(candidate, spec, precision)
            ]
            parity = measure_parity(exact, others)
        if found := shortfalls(parity, precision):
            raise TasbError(
                f"{folder}: not exported: in {precision} it ranks otherwise than in "
                f"PyTorch: {', '.join(found)}; use 'tasb:torch:…' or another precision"
            )
        metadata = {
            "tasb.spec": json.dumps(asdict(spec)),
            "tasb.weights": spec.weights or hash_weights(folder),
            "tasb.precision": precision,
            "tasb.parity": json.dumps(asdict(parity)),
        }
        for key, value in metadata.items():
            graph.metadata_props.add(key=key, value=value)
        file.write(graph.SerializeToString())
    return parity


def _encode(
    backend: Backend, ids: tuple[list[list[int]], list[list[int]]], dimension: int
) -> Encoded:
    """Return the vectors of queries and of passages."""
    queries, passages = (
        encode_by_length(texts, dimension, TOKENS_PER_BATCH["cpu"], backend.forward)
        for texts in ids
    )
    return queries, passages


def _backends(
    path: Path, spec: EncoderSpec, precision: WeightPrecision
) -> list[Backend]:
    """Return all that may run such a file here."""
    threads = default_threads()
    found: list[Backend] = [OnnxBackend(path, "cpu", threads)]
    if precision != "fp16" and find_spec("openvino") is not None:
        from tasb_pyserini.encoders.backends.openvino_cpu import OpenVinoBackend

        name = "int8" if precision == "int8" else "openvino"
        backend = OpenVinoBackend(path, threads, dimension=spec.dimension, name=name)
        found.append(backend)
    return found
