"""The same batches for any number of workers and ranks; errors come through."""

import os
import signal
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import ScoredTriple
from tasb_pyserini.training.batches.compose import PairBatch
from tasb_pyserini.training.batches.loader import load_batches
from tasb_pyserini.training.data import TrainingData, tokenize_triples
from tasb_pyserini.training.pairs.store import Pairs
from tasb_pyserini.training.sampling.sampler import IndexBatch, Sampler, Sampling
from tests.training.toy import make_toy
from tests.training.wordpieces import TOKENIZER

SPEC = EncoderSpec(checkpoint="c", query_max_length=8, passage_max_length=12)
CLUSTERS = [np.arange(0, 20), np.arange(20, 48)]


@pytest.fixture(scope="module")
def data() -> TrainingData:
    toy = make_toy()
    rows = [
        ScoredTriple(t.qid, t.pos, t.neg, float(i % 7), float(i % 3))
        for i, t in enumerate(toy.triples)
    ]
    return tokenize_triples(rows, toy.queries, toy.passages, TOKENIZER, SPEC)


def make_sampler(pairs: Pairs) -> Sampler:
    return Sampler(pairs, Sampling(batch_size=8, seed=3), CLUSTERS)


def flat(batches: Iterable[PairBatch]) -> list[list[list[int]]]:
    """Return all numbers of each batch: query, pos and neg token ids, and scores."""
    flattened = []
    for batch in batches:
        assert batch.pos_score is not None
        texts = [batch.query, batch.pos, batch.neg]
        ids = [row for part in texts for row in part.input_ids.tolist()]
        flattened.append([[batch.number], *ids, batch.pos_score.tolist()])
    return flattened


@pytest.mark.filterwarnings("ignore:This DataLoader will create")
def test_batches_are_the_same_for_0_2_and_4_workers(data: TrainingData) -> None:
    sampler = make_sampler(data.pairs)
    alone = flat(load_batches(data, sampler, 0, 25))
    assert [batch[0] for batch in alone] == [[number] for number in range(25)]
    for workers in (2, 4):
        assert flat(load_batches(data, sampler, 0, 25, workers=workers)) == alone


def test_stopped_at_any_batch_the_rest_goes_on_with_workers(data: TrainingData) -> None:
    sampler = make_sampler(data.pairs)
    alone = flat(load_batches(data, sampler, 0, 12))
    assert flat(load_batches(data, sampler, 7, 12, workers=2)) == alone[7:]


@pytest.mark.parametrize("world_size", [1, 2, 4])
def test_the_shares_of_all_ranks_make_up_each_global_batch(
    data: TrainingData, world_size: int
) -> None:
    sampler = make_sampler(data.pairs)

    def queries(rank: int) -> list[list[list[int]]]:
        batches = load_batches(
            data, sampler, 0, 6, rank=rank, world_size=world_size, workers=rank % 2
        )
        return [
            [
                ids[mask == 1].tolist()
                for ids, mask in zip(
                    batch.query.input_ids, batch.query.attention_mask, strict=True
                )
            ]
            for batch in batches
        ]

    shares = [queries(rank) for rank in range(world_size)]
    for number in range(6):
        union = [ids for share in shares for ids in share[number]]
        drawn = data.query_rows[sampler.batch(number).query]
        assert sorted(union) == sorted(data.queries[row].tolist() for row in drawn)


class Failing(Sampler):
    """Fails at one batch, in whatever process that is composed."""

    def batch(self, number: int) -> IndexBatch:
        if number == 4:
            raise TasbError("batch 4 is not to be had")
        return super().batch(number)


class Dying(Sampler):
    """Kills the process that composes one batch, as the kernel does out of memory."""

    def batch(self, number: int) -> IndexBatch:
        if number == 4:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().batch(number)


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_in_a_worker_comes_through_with_its_type_and_cause(
    data: TrainingData, workers: int
) -> None:
    sampler = Failing(data.pairs, Sampling(batch_size=8), CLUSTERS)
    batches = load_batches(data, sampler, 0, 9, workers=workers)
    assert [next(batches).number for _ in range(4)] == [0, 1, 2, 3]
    with pytest.raises(TasbError, match="batch 4 is not to be had"):
        next(batches)


def test_a_killed_worker_is_an_error_that_says_what_to_do(data: TrainingData) -> None:
    sampler = Dying(data.pairs, Sampling(batch_size=8), CLUSTERS)
    with pytest.raises(TasbError, match=r"was killed.*fewer workers"):
        list(load_batches(data, sampler, 0, 9, workers=1))


def test_no_more_than_the_bound_is_composed_ahead(
    data: TrainingData, tmp_path: Path
) -> None:
    class Counting(Sampler):
        def batch(self, number: int) -> IndexBatch:
            (tmp_path / str(number)).touch()
            return super().batch(number)

    sampler = Counting(data.pairs, Sampling(batch_size=8), CLUSTERS)
    batches = load_batches(data, sampler, 0, 1_000, workers=1)
    for _ in range(3):
        next(batches)
    batches.close()
    assert 3 <= len(list(tmp_path.iterdir())) <= 3 + 8 + 1
