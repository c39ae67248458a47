"""What a user may say about an index, under Pyserini's names."""

from dataclasses import dataclass

from tasb_pyserini.formats.errors import TasbError

MOST_LINKS = 512
"""Beyond it a graph takes more room than what it links."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Parameters of the approximate kinds; None takes the kind's own default.

    Parameters
    ----------
    links
        HNSW: links of a passage, ``--M`` of ``pyserini.index.faiss``; 2
        to `MOST_LINKS`. Faiss ends in a crash with one.
    ef_construction
        HNSW: candidates looked at for a new passage's links, ``--efC``.
    nlist
        IVF: number of lists.
    nprobe
        IVF: lists that a query looks into; kept in the index file.
    pq_m
        PQ: 4-bit codes of a passage.

    Raises
    ------
    TasbError
        If `links` is out of range.
    """

    links: int | None = None
    ef_construction: int | None = None
    nlist: int | None = None
    nprobe: int | None = None
    pq_m: int | None = None

    def __post_init__(self) -> None:
        if self.links is not None and not 2 <= self.links <= MOST_LINKS:
            raise TasbError(f"links (--M) {self.links}; expected 2 to {MOST_LINKS}")
