"""Parity as counted by hand, and its bounds."""

from dataclasses import replace
from math import nan

import numpy as np
import pytest
from numpy.typing import NDArray

from tasb_pyserini.encoders.export.parity import (
    BOUNDS,
    DEPTH,
    Encoded,
    Parity,
    measure_parity,
    shortfalls,
)


def encoded(vectors: NDArray[np.float32]) -> Encoded:
    """Twenty passages; the query is the first of them."""
    return vectors[:1], vectors


def circle() -> NDArray[np.float32]:
    """Twenty directions, a degree apart; the first scores the others in their order."""
    angles = np.radians(np.arange(20))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_equal_encoders() -> None:
    parity = measure_parity(encoded(circle()), [encoded(circle())])
    assert parity.cosine == pytest.approx(1, abs=1e-6)
    assert (parity.difference, parity.overlap) == (0, 1)


def test_one_vector_of_twenty_turned_about() -> None:
    other = circle()
    other[3] *= -1
    parity = measure_parity(encoded(circle()), [encoded(other)])
    assert parity.cosine == pytest.approx(-1)
    # Of the fourth (cos 3°, sin 3°) the first number turns from .9986 to -.9986; of all
    # numbers, the 1 of the first is the largest.
    assert parity.difference == pytest.approx(2 * np.cos(np.radians(3)))
    assert parity.overlap == pytest.approx((DEPTH - 1) / DEPTH)


def test_several_encoders_count_as_the_worst_and_nan_as_worse() -> None:
    turned, broken = circle(), circle()
    turned[3] *= -1
    broken[5] = nan
    others = [encoded(vectors) for vectors in (circle(), turned, circle())]
    parity = measure_parity(encoded(circle()), others)
    assert parity.overlap == pytest.approx((DEPTH - 1) / DEPTH)
    others = [encoded(circle()), encoded(broken), encoded(circle())]
    parity = measure_parity(encoded(circle()), others)
    assert np.isnan([parity.cosine, parity.difference]).all()
    assert shortfalls(parity, "int8")[:2] == [
        "cosine nan (at least 0.95)",
        "difference nan (at most 0.3)",
    ]


def test_passages_of_equal_scores_are_equally_good() -> None:
    same = np.ones((20, 2), np.float32)
    tilted = same + np.linspace(0, 1e-4, 20, dtype=np.float32)[:, None]
    assert measure_parity(encoded(same), [encoded(tilted)]).overlap == 1


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
