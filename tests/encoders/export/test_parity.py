"""Parity as counted by hand, and its bounds."""

from dataclasses import replace
from math import nan

import numpy as np
import pytest
from numpy.typing import NDArray

from tasb_pyserini.encoders.backends.backend import Ids
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.export.parity import (
    BOUNDS,
    DEPTH,
    Parity,
    measure_parity,
    shortfalls,
)
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.encoders.tokenizer import wordpiece_tokenizer

WORDS = [f"w{number}" for number in range(20)]
VOCABULARY = {
    word: number
    for number, word in enumerate(
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    )
}


class Table:
    """Gives a text of one word the vector of that word."""

    name, device = "table", "cpu"

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        self.vectors = vectors

    def forward(self, ids: Ids) -> NDArray[np.float32]:
        return self.vectors[ids[:, 1] - 5]


def encoder(vectors: NDArray[np.float32]) -> Encoder:
    spec = EncoderSpec(checkpoint="x", dimension=vectors.shape[1])
    return Encoder(Table(vectors), wordpiece_tokenizer(VOCABULARY), spec)


def circle() -> NDArray[np.float32]:
    """Twenty directions, a degree apart; w0 scores the others in their order."""
    angles = np.radians(np.arange(20))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_equal_encoders() -> None:
    parity = measure_parity(encoder(circle()), [encoder(circle())], ["w0"], WORDS)
    assert parity.cosine == pytest.approx(1, abs=1e-6)
    assert (parity.difference, parity.overlap) == (0, 1)


def test_one_vector_of_twenty_turned_about() -> None:
    other = circle()
    other[3] *= -1
    parity = measure_parity(encoder(circle()), [encoder(other)], ["w0"], WORDS)
    assert parity.cosine == pytest.approx(-1)
    # Of w3 (cos 3°, sin 3°) the first number turns from .9986 to -.9986; of all
    # numbers, the 1 of w0 is the largest.
    assert parity.difference == pytest.approx(2 * np.cos(np.radians(3)))
    assert parity.overlap == pytest.approx((DEPTH - 1) / DEPTH)


def test_several_encoders_count_as_the_worst_and_nan_as_worse() -> None:
    turned, broken = circle(), circle()
    turned[3] *= -1
    broken[5] = nan
    others = [encoder(vectors) for vectors in (circle(), turned, circle())]
    parity = measure_parity(encoder(circle()), others, ["w0"], WORDS)
    assert parity.overlap == pytest.approx((DEPTH - 1) / DEPTH)
    others = [encoder(circle()), encoder(broken), encoder(circle())]
    parity = measure_parity(encoder(circle()), others, ["w0"], WORDS)
    assert np.isnan([parity.cosine, parity.difference]).all()
    assert shortfalls(parity, "int8")[:2] == [
        "cosine nan (at least 0.95)",
        "difference nan (at most 0.3)",
    ]


def test_passages_of_equal_scores_are_equally_good() -> None:
    same = np.ones((20, 2), np.float32)
    tilted = same + np.linspace(0, 1e-4, 20, dtype=np.float32)[:, None]
    assert measure_parity(encoder(same), [encoder(tilted)], ["w0"], WORDS).overlap == 1


def test_each_bound_is_kept_and_named() -> None:
    bounds = BOUNDS["fp32"]
    assert shortfalls(bounds, "fp32") == []
    worse = Parity(cosine=0.9, difference=0.5, overlap=0.5)
    for field, words in (
        ("cosine", "cosine 0.90000 (at least 0.99999)"),
        ("difference", "difference 0.50000 (at most 0.001)"),
        ("overlap", "top-10 overlap 0.500 (at least 0.99)"),
    ):
        one = replace(bounds, **{field: getattr(worse, field)})
        assert shortfalls(one, "fp32") == [words]
