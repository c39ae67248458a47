"""Clusters by query number."""

from collections.abc import Collection
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.training.clusters.file import CLUSTERS_FILE, read_clusters
from tasb_pyserini.training.ids import IdTable


def read_numbered_clusters(
    path: Path, qids: IdTable, known_qids: Collection[str] | None = None
) -> list[NDArray[np.int64]]:
    """Return the query numbers of each cluster, in stored order.

    Queries that have no number are left out: not every clustered query has pairs.

    Parameters
    ----------
    path
        Cluster file, or the folder of ``tasb cluster``.
    qids
        Their numbers: a pair store's.
    known_qids
        All queries that the file may name; None: any.

    Raises
    ------
    InputError
        If the file is bad, names an unknown query, or no query that has a number.
    """
    file = path / CLUSTERS_FILE if path.is_dir() else path
    clusters = read_clusters(file, known_qids)
    numbers = qids.find(IdTable.of(chain.from_iterable(clusters)))
    if (numbers < 0).all():
        raise InputError(
            file,
            None,
            "not one of its queries has pairs",
            f"queries such as {qids[0]}",
            "give the clusters and pairs of the same topics",
        )
    remaining = iter(numbers.tolist())
    own = (list(islice(remaining, len(cluster))) for cluster in clusters)
    return [np.array([n for n in some if n >= 0], dtype=np.int64) for some in own]
