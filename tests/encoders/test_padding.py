"""On a GPU texts of nearly one length share a batch, and vectors are the same."""

from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.encoders.backends.backend import Backend, Ids, OutOfMemory, Vectors
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.padding import (
    FREE_TOKENS,
    PADDING,
    near_length_batches,
)
from tests.encoders.models import Kind, make_model


@given(st.lists(st.integers(0, 600), max_size=200), st.integers(1, 20_000))
def test_every_text_is_in_one_batch_that_fits_and_holds_little_padding(
    lengths: list[int], budget: int
) -> None:
    batches = list(near_length_batches(lengths, budget))
    assert sorted(chain.from_iterable(batches)) == list(range(len(lengths)))
    for batch in batches:
        own = [lengths[position] for position in batch]
        padded = len(own) * max(own)
        assert own == sorted(own, reverse=True)
        assert len(own) == 1 or padded <= budget
        assert padded <= FREE_TOKENS or sum(own) >= 7 / 8 * padded
    firsts = [lengths[batch[0]] for batch in batches]
    assert firsts == sorted(firsts, reverse=True)


def test_of_many_texts_batches_are_as_large_as_they_may_be() -> None:
    """Batches of one length would have 2,000 of these tokens."""
    lengths = [length for length in range(96, 101) for _ in range(20)]
    batches = near_length_batches(lengths, 6_500)
    assert [len(batch) for batch in batches] == [65, 35]


class OnGpu:
    """A backend of a CPU that is asked as one of a GPU, with room for few tokens."""

    device = "cuda"

    def __init__(self, engine: Backend, room: int) -> None:
        self.engine, self.name, self.room = engine, engine.name, room
        self.shapes: list[tuple[int, ...]] = []
        self.padded = 0

    def forward(self, ids: Ids) -> Vectors:
        self.shapes.append(ids.shape)
        if ids.size > self.room:
            raise OutOfMemory
        self.padded += int((ids == PADDING).sum())
        return self.engine.forward(ids)


@pytest.mark.parametrize("name", ["torch", "onnx"])
@pytest.mark.parametrize(("kind", "pooling"), [("distilbert", "cls"), ("bert", "mean")])
def test_padded_vectors_are_those_of_each_text_alone(
    name: str, kind: Kind, pooling: str, tmp_path: Path
) -> None:
    model = make_model(tmp_path / "model", kind, pooling=pooling)
    alone = Encoder.load(f"tasb:{name}:{model}")
    engine = OnGpu(alone.engine, room=2_500)
    together = Encoder(engine, alone.tokenizer, alone.spec)
    rng = np.random.default_rng(3)
    ids = [rng.integers(5, 76, n).tolist() for n in rng.integers(2, 60, 80)]
    found = together.encode_ids(ids)
    expected = np.concatenate([alone.encode_ids([text]) for text in ids])
    atol = 2e-6 * np.abs(expected).max()
    np.testing.assert_allclose(found, expected, rtol=0, atol=atol)
    assert found.dtype == np.float32
    assert engine.padded > 0
    assert engine.shapes[0][0] * engine.shapes[0][1] > engine.room  # halved after it
    assert len(engine.shapes) < 8
