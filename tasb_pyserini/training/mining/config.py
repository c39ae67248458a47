"""How negatives are drawn."""

from dataclasses import dataclass

from tasb_pyserini.formats.errors import TasbError


@dataclass(frozen=True, slots=True, kw_only=True)
class MiningConfig:
    """Which hits of a query may become its negatives, and how many do.

    Parameters
    ----------
    negatives
        How many hits to draw for a query.
    depth, skip
        Negatives come from the ranks ``skip + 1`` to `depth`. Near the top of a BM25
        run many hits are relevant, only nobody has judged them. TCT-ColBERT draws its
        hard negatives from the top 200 (Lin et al., RepL4NLP 2021, §4.1.2).
    seed
        At least 0.
    relevance_level
        Lowest grade of a positive. A passage of any grade above 0 is no negative.
    with_replacement
        Whether a hit may be drawn again for the same query, as TCT-ColBERT does
        (§4.1.2). By default it may not, and a query with fewer candidates than
        `negatives` keeps them all: no triple comes twice. Training takes equal
        triples once: what is drawn again doesn't weigh more, and its query has fewer
        pairs.

    Raises
    ------
    TasbError
        If a number is out of range.
    """

    negatives: int = 10
    depth: int = 100
    skip: int = 0
    seed: int = 42
    relevance_level: int = 1
    with_replacement: bool = False

    def __post_init__(self) -> None:
        if self.negatives < 1:
            raise TasbError(f"negatives {self.negatives}: expected at least 1")
        if not 0 <= self.skip < self.depth:
            raise TasbError(
                f"skip {self.skip}, depth {self.depth}: expected 0 ≤ skip < depth"
            )
        if self.seed < 0:
            raise TasbError(f"seed {self.seed}: expected at least 0")
        if self.relevance_level < 1:
            raise TasbError(
                f"relevance level {self.relevance_level}: expected at least 1"
            )
