"""Batches as a person would read them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.training.sampling.sampler import IndexBatch

if TYPE_CHECKING:
    from tasb_pyserini.training.pairs.store import Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPair:
    """A pair of a batch, by its names.

    Parameters
    ----------
    qid, pos, neg
        Ids.
    cluster, bin
        Where it was drawn from; cluster -1 without clusters.
    margin
        The teacher's; None where the pairs have no scores.
    """

    qid: str
    cluster: int
    pos: str
    neg: str
    margin: float | None
    bin: int


def name_pairs(pairs: "Pairs", batch: IndexBatch) -> list[DrawnPair]:
    """Return the pairs of a batch, those of a cluster together, by rising margin."""
    scored = pairs.pos_score is not None
    margins = pairs.margins(batch.row).tolist() if scored else [None] * len(batch.row)
    drawn = [
        DrawnPair(
            qid=pairs.qids[query],
            cluster=cluster,
            pos=pairs.docids[int(pairs.pos[row])],
            neg=pairs.docids[int(pairs.neg[row])],
            margin=margin,
            bin=bin_,
        )
        for query, row, cluster, bin_, margin in zip(
            *(column.tolist() for column in batch), margins, strict=True
        )
    ]
    return sorted(drawn, key=lambda pair: (pair.cluster, pair.margin or 0.0, pair.qid))


def texts_of(
    batches: Iterable[Sequence[DrawnPair]], collection: Path
) -> Mapping[str, str]:
    """Return the texts of all passages of some batches; reads the collection once."""
    wanted = {
        docid for batch in batches for pair in batch for docid in (pair.pos, pair.neg)
    }
    return {
        p.docid: p.contents for p in read_collection(collection) if p.docid in wanted
    }
