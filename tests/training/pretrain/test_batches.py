import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.pretrain.batches import LengthBatches


@given(
    st.lists(st.integers(1, 100), min_size=8, max_size=60),
    st.integers(1, 8),
    st.integers(1, 4),
)
def test_an_epoch_reads_no_text_twice_and_leaves_out_less_than_a_batch(
    lengths: list[int], batch_size: int, pool: int
) -> None:
    batches = LengthBatches(np.array(lengths), batch_size, seed=1, pool=pool)

    for epoch in range(2):
        numbers = range(epoch * batches.per_epoch, (epoch + 1) * batches.per_epoch)
        rows = [row for n in numbers for row in batches.rows(n).tolist()]
        assert len(set(rows)) == len(rows) > len(lengths) - batch_size


def test_batches_hold_texts_of_similar_length() -> None:
    lengths = np.random.default_rng(0).integers(10, 128, size=6_400)
    batches = LengthBatches(lengths, 64, seed=1)

    padded = sum(lengths[batches.rows(n)].max() * 64 for n in range(100))

    assert 1 <= padded / lengths.sum() < 1.05


def test_a_batch_is_known_by_its_number_alone() -> None:
    lengths = np.arange(50) % 7
    one, other = (LengthBatches(lengths, 4, seed=3) for _ in range(2))
    forward = [one.rows(n).tolist() for n in range(30)]

    assert [other.rows(n).tolist() for n in reversed(range(30))] == forward[::-1]
    assert LengthBatches(lengths, 4, seed=4).rows(0).tolist() != forward[0]


def test_fewer_texts_than_a_batch_are_refused() -> None:
    with pytest.raises(TasbError, match="batch_size 4, but 3 texts to learn from"):
        LengthBatches(np.ones(3, dtype=np.int64), 4, seed=0)
