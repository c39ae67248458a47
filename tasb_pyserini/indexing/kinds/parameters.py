"""What a user may say about an index, under Pyserini's names."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Parameters of the approximate kinds; None takes the kind's own default.

    Parameters
    ----------
    links
        HNSW: links of a passage, ``--M`` of ``pyserini.index.faiss``.
    ef_construction
        HNSW: candidates looked at for a new passage's links, ``--efC``.
    nlist
        IVF: number of lists.
    nprobe
        IVF: lists that a query looks into; kept in the index file.
    pq_m
        PQ: 4-bit codes of a passage.
    """

    links: int | None = None
    ef_construction: int | None = None
    nlist: int | None = None
    nprobe: int | None = None
    pq_m: int | None = None
