"""What is remembered is what a list of the last queries would hold."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tasb_pyserini.encoders.recent import RecentVectors


def squares(keys: list[int]) -> NDArray[np.float32]:
    return np.array([[key, key * key] for key in keys], np.float32).reshape(-1, 2)


@given(
    capacity=st.integers(1, 5),
    calls=st.lists(st.lists(st.integers(0, 9), max_size=8), max_size=12),
)
def test_it_is_a_plain_list_of_the_last_keys(
    capacity: int, calls: list[list[int]]
) -> None:
    recent, last = RecentVectors(capacity), list[int]()
    for keys in calls:
        asked: list[int] = []

        def encode(missing: list[int], asked: list[int] = asked) -> NDArray[np.float32]:
            asked += missing
            return squares(missing)

        np.testing.assert_array_equal(recent.get(keys, encode), squares(keys))
        assert asked == list(dict.fromkeys(key for key in keys if key not in last))
        for key in keys:
            last = [*(other for other in last if other != key), key]
        last = last[-capacity:]


def test_what_a_caller_does_to_its_vectors_is_not_remembered() -> None:
    recent = RecentVectors()
    recent.get([3], squares)[:] = 0
    np.testing.assert_array_equal(recent.get([3], squares), [[3, 9]])


def test_threads_share_it() -> None:
    recent = RecentVectors(3)
    with ThreadPoolExecutor(8) as threads:
        found = threads.map(lambda key: recent.get([key % 7, 1], squares), range(500))
        for key, vectors in enumerate(found):
            np.testing.assert_array_equal(vectors, squares([key % 7, 1]))
