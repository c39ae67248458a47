"""What both sides bring for the queries that are tuned on."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from tqdm import tqdm

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Qrels
from tasb_pyserini.search.fusion.rule import Fusion
from tasb_pyserini.search.tuning.objective import Objective
from tasb_pyserini.search.tuning.pool import Hits, Pool, make_pool


class Setting(NamedTuple):
    """BM25's parameters; None where the sparse side is a given run."""

    k1: float | None = None
    b: float | None = None


Side = Mapping[str, Hits]
"""qid → docid → score; a query without hits may be absent."""


class Candidates:
    """The lists and pools of the queries, those of one setting in memory at a time.

    Parameters
    ----------
    search_sparse
        Returns the sparse side of a setting, the same each time.
    dense
        The dense side.
    qids, qrels
        Queries to tune on, and judgments of each.
    fusion
        An interpolation or a convex combination; its alpha does not matter.
    objective
        What is tuned for.
    progress
        Whether to show a bar.
    """

    def __init__(
        self,
        search_sparse: Callable[[Setting], Side],
        dense: Side,
        qids: Sequence[str],
        qrels: Qrels,
        fusion: Fusion,
        objective: Objective,
        *,
        progress: bool = False,
    ) -> None:
        self.dense, self.qids, self.qrels = dense, qids, qrels
        self.fusion, self.objective = fusion, objective
        self._search, self._progress = search_sparse, progress
        self._kept: tuple[Setting, Side, dict[str, Pool]] | None = None

    def lists(self, setting: Setting, qid: str) -> tuple[Hits, Hits]:
        """Return a query's sparse and dense hits."""
        return self._of(setting)[1].get(qid, {}), self.dense.get(qid, {})

    def pools(self, setting: Setting) -> dict[str, Pool]:
        """Return qid → pool.

        Raises
        ------
        TasbError
            If one side has no hits at all.
        """
        return self._of(setting)[2]

    def digest(self, setting: Setting) -> str:
        """Return a hash of what tuning looks at: queries, scores and relevance."""
        digest = hashlib.sha256()
        for qid, pool in self.pools(setting).items():
            digest.update(f"{qid} {pool.scores.shape[1]}\n".encode())
            for array in (pool.scores, pool.relevant, pool.worths):
                digest.update(array.tobytes())
        return f"sha256:{digest.hexdigest()}"

    def _of(self, setting: Setting) -> tuple[Setting, Side, dict[str, Pool]]:
        if self._kept is None or self._kept[0] != setting:
            self._kept = None
            sparse = self._search(setting)
            for name, side in (("sparse", sparse), ("dense", self.dense)):
                if not any(side.get(qid) for qid in self.qids):
                    raise TasbError(
                        f"{name} side: no hits for any of the {len(self.qids):,} "
                        "queries; expected hits of the same queries on both sides"
                    )
            self._kept = setting, sparse, self._make_pools(sparse)
        return self._kept

    def _make_pools(self, sparse: Side) -> dict[str, Pool]:
        bar = tqdm(
            self.qids,
            desc="fusing",
            unit=" queries",
            leave=False,
            disable=not self._progress,
        )
        return {
            qid: make_pool(
                sparse.get(qid, {}),
                self.dense.get(qid, {}),
                self.qrels[qid],
                self.fusion,
                self.objective,
            )
            for qid in bar
        }
