"""Tensors hold the token ids of the texts that were drawn, and nothing else."""

from itertools import chain

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.records import ScoredTriple
from tasb_pyserini.training.batches.compose import Texts, compose, pad
from tasb_pyserini.training.data import TrainingData
from tasb_pyserini.training.pairs.store import pairs_of
from tasb_pyserini.training.sampling.sampler import Sampler, Sampling
from tasb_pyserini.training.tokens import TokenTable

TEXTS = st.lists(st.lists(st.integers(1, 60_000), min_size=1, max_size=9), min_size=1)


def table(texts: list[list[int]]) -> TokenTable:
    offsets = np.cumsum([0, *map(len, texts)])
    return TokenTable(np.array([*chain(*texts)], dtype=np.uint16), offsets)


def unpadded(texts: Texts) -> list[list[int]]:
    return [
        ids[mask == 1].tolist()
        for ids, mask in zip(texts.input_ids, texts.attention_mask, strict=True)
    ]


@given(TEXTS, st.randoms(use_true_random=False))
def test_rows_are_padded_to_the_longest_of_them_and_no_further(
    texts: list[list[int]], random: st.DataObject
) -> None:
    rows = [random.randrange(len(texts)) for _ in range(4)]  # type: ignore[attr-defined]
    padded = pad(table(texts), np.array(rows))
    assert unpadded(padded) == [texts[row] for row in rows]
    assert padded.input_ids.shape[1] == max(len(texts[row]) for row in rows)
    assert (padded.input_ids[padded.attention_mask == 0] == 0).all()


def test_each_query_stands_beside_its_own_passages_and_scores() -> None:
    rows = [
        ScoredTriple(f"q{i}", f"p{i}", f"p{(i + 1) % 5}", 10.0 + i, float(i))
        for i in range(5)
    ]
    # Token 100 + i stands for query i, 200 + i for passage i; tables in other orders.
    data = TrainingData(
        pairs_of(rows),
        table([[100 + i] for i in (4, 2, 0, 1, 3)]),
        table([[200 + i, 7] for i in (1, 0, 4, 3, 2)]),
        np.array([2, 3, 1, 4, 0]),
        np.array([1, 0, 4, 3, 2]),
        EncoderSpec(checkpoint="c"),
    )
    sampler = Sampler(data.pairs, Sampling(strategy="random", batch_size=5))
    batch = compose(data, 3, sampler.batch(3))
    numbers = (batch.query.input_ids[:, 0] - 100).tolist()
    assert batch.number == 3
    assert sorted(numbers) == list(range(5))
    assert (batch.pos.input_ids[:, 0] - 200).tolist() == numbers
    assert (batch.neg.input_ids[:, 0] - 200).tolist() == [(i + 1) % 5 for i in numbers]
    assert batch.pos_score is not None
    assert batch.neg_score is not None
    assert batch.pos_score.tolist() == [10.0 + i for i in numbers]
    assert batch.neg_score.tolist() == [float(i) for i in numbers]
