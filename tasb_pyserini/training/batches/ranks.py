"""A batch as several processes part it."""

from torch import Tensor

from tasb_pyserini.training.batches.compose import PairBatch, Texts


def share_of(batch: PairBatch, rank: int, world_size: int) -> PairBatch:
    """Return the share of one process: every `world_size`-th query from `rank` on.

    As :meth:`~tasb_pyserini.training.sampling.sampler.IndexBatch.share` parts the
    numbers, so that a process may compose its share alone or take it of the whole.
    """
    return take_rows(batch, slice(rank, None, world_size))


def take_rows(batch: PairBatch, rows: slice) -> PairBatch:
    """Return some queries of a batch with all that belongs to them."""

    def texts(part: Texts) -> Texts:
        return Texts(part.input_ids[rows], part.attention_mask[rows])

    def scores(part: Tensor | None) -> Tensor | None:
        return None if part is None else part[rows]

    return PairBatch(
        batch.number,
        texts(batch.query),
        texts(batch.pos),
        texts(batch.neg),
        scores(batch.pos_score),
        scores(batch.neg_score),
    )
