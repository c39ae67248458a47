"""The new vector is the plain mean."""

import numpy as np

from tasb_pyserini.search.prf.average import average


def test_the_query_counts_as_much_as_one_passage() -> None:
    passages = np.array([[4.0, 0.0], [0.0, 8.0], [2.0, 2.0]], np.float32)
    found = average(np.array([6.0, -2.0], np.float32), passages)
    assert found.tolist() == [3.0, 2.0]
    assert found.dtype == np.float32


def test_one_passage_moves_the_query_half_way() -> None:
    found = average(
        np.array([1.0, 1.0], np.float32), np.array([[3.0, 5.0]], np.float32)
    )
    assert found.tolist() == [2.0, 3.0]
