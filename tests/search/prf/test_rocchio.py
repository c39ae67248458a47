"""The new vector is Rocchio's, computed by hand."""

import numpy as np
import pytest

from tasb_pyserini.search.prf.rocchio import rocchio

QUERY = np.array([10.0, 0.0], np.float32)
PASSAGES = np.array([[1.0, 3.0], [3.0, 5.0], [5.0, 1.0], [7.0, 7.0]], np.float32)


def test_pyserinis_defaults_take_the_first_three_and_no_negatives() -> None:
    found = rocchio(QUERY, PASSAGES)
    # 0.9 · (10, 0) + 0.1 · (3, 3)
    np.testing.assert_allclose(found, [9.3, 0.3], rtol=1e-6)
    assert found.dtype == np.float32


@pytest.mark.parametrize(
    ("topk", "bottomk", "expected"),
    [
        (1, 0, [12.0, 6.0]),  # 10 + 2 · 1, 0 + 2 · 3
        (2, 1, [10.5, 4.5]),  # 10 + 2 · 2 - ½ · 7, 0 + 2 · 4 - ½ · 7
        (4, 2, [15.0, 6.0]),  # 10 + 2 · 4 - ½ · 6, 0 + 2 · 4 - ½ · 4
        (9, 9, [16.0, 6.0]),  # 10 + 2 · 4 - ½ · 4, 0 + 2 · 4 - ½ · 4: all in both
    ],
)
def test_top_and_bottom_are_weighted_means(
    topk: int, bottomk: int, expected: list[float]
) -> None:
    weights = {"alpha": 1.0, "beta": 2.0, "gamma": 0.5}
    found = rocchio(QUERY, PASSAGES, **weights, topk=topk, bottomk=bottomk)
    assert found.tolist() == expected


def test_what_goes_in_stays_as_it_is() -> None:
    query, passages = QUERY.copy(), PASSAGES.copy()
    rocchio(query, passages, bottomk=2)
    np.testing.assert_array_equal(query, QUERY)
    np.testing.assert_array_equal(passages, PASSAGES)
