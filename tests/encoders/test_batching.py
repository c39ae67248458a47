"""Every text is in one batch, and batches are not padded."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.encoders.batching import equal_length_batches


@given(st.lists(st.integers(1, 40)), st.integers(1, 200))
def test_every_text_is_in_one_batch_of_its_length(
    lengths: list[int], budget: int
) -> None:
    batches = list(equal_length_batches(lengths, budget))
    assert sorted(chain.from_iterable(batches)) == list(range(len(lengths)))
    for batch in batches:
        length = lengths[batch[0]]
        assert {lengths[position] for position in batch} == {length}
        assert len(batch) == 1 or len(batch) * length <= budget
    assert [lengths[batch[0]] for batch in batches] == sorted(
        (lengths[batch[0]] for batch in batches), reverse=True
    )
