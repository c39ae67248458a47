"""Bookkeeping of spans against a plain set of bytes."""

from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.prebuilt.download.segments import (
    Spans,
    add,
    cut,
    gaps,
    prefix,
    total,
)

SIZE = 60
spans = st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)).map(sorted)


def bytes_of(*some: tuple[int, int]) -> set[int]:
    return {at for start, stop in some for at in range(start, stop)}


@given(st.lists(spans, max_size=12))
def test_any_order_of_spans_gives_the_bytes_that_a_set_has(
    added: list[list[int]],
) -> None:
    done: Spans = ()
    there: set[int] = set()
    for start, stop in added:
        done = add(done, start, stop)
        there |= set(range(start, stop))
        assert bytes_of(*done) == there
        # Disjoint, in order, and merged where they touch.
        ends = [end for span in done for end in span]
        assert ends == sorted(set(ends))
        assert total(done) == len(there)
        assert prefix(done) == next(at for at in range(SIZE + 1) if at not in there)
        assert bytes_of(*gaps(done, SIZE)) == set(range(SIZE)) - there


@given(st.lists(spans, max_size=6), st.integers(1, 20), st.randoms())
def test_fetching_all_segments_in_any_order_leaves_no_gap(
    added: list[list[int]], length: int, random: "object"
) -> None:
    done: Spans = ()
    for start, stop in added:
        done = add(done, start, stop)
    segments = list(cut(gaps(done, SIZE), length))
    assert all(0 < stop - start <= length for start, stop in segments)
    random.shuffle(segments)  # type: ignore[attr-defined]
    for start, stop in segments:
        done = add(done, start, stop)
    assert list(gaps(done, SIZE)) == []
    assert prefix(done) >= SIZE
