"""From topics to a folder of clusters.

The folder holds ``clusters.tsv`` (the authors' cluster file), ``clusters.json`` (what
made it, and how large the clusters are) and ``vectors`` (the queries' vectors, so that
clustering again with another k encodes nothing). ``clusters.json`` is written last and
holds the hash of ``clusters.tsv``: after a crash between the two, they are made anew.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini import __version__
from tasb_pyserini.bindings.faiss_library import describe_faiss
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.checksum import file_sha256
from tasb_pyserini.formats.json_file import (
    read_object,
    read_object_or_none,
    write_object,
)
from tasb_pyserini.formats.outputs import refuse_other_files
from tasb_pyserini.formats.records import Topics
from tasb_pyserini.indexing.shards import read_manifest, read_spec
from tasb_pyserini.training.clusters.encode import encode_topics
from tasb_pyserini.training.clusters.file import (
    CLUSTERS_FILE,
    read_clusters,
    write_clusters,
)
from tasb_pyserini.training.clusters.kmeans import (
    CLUSTERS,
    ITERATIONS,
    Metric,
    check_settings,
    cluster_vectors,
)

REPORT, VECTORS = "clusters.json", "vectors"

TINY = 32
"""The authors' default batch (matchmaker's ``config/train/defaults.yaml``)."""


@dataclass(frozen=True, slots=True)
class QueryClusters:
    """Queries in clusters, with their vectors.

    Parameters
    ----------
    topics
        The queries.
    vectors
        fp32, shape ``(n_queries, dim)``, in the order of the topics.
    clusters
        Positions in the topics of each cluster's queries, int64, rising.
    report
        What ``clusters.json`` holds.
    """

    topics: Topics
    vectors: NDArray[np.float32]
    clusters: list[NDArray[np.int64]]
    report: dict[str, Any]

    def central(self, cluster: int, most: int) -> list[tuple[str, str]]:
        """Return the ``(qid, query)`` nearest to a cluster's mean, nearest first."""
        members = self.clusters[cluster]
        vectors = self.vectors[members]
        away = np.linalg.norm(vectors - vectors.mean(axis=0), axis=1)
        nearest = members[np.argsort(away, kind="stable")[:most]]
        items = list(self.topics.items())
        return [items[position] for position in nearest]


def cluster_queries(
    topics: Topics,
    output: Path,
    encoder: Encoder,
    *,
    k: int = CLUSTERS,
    metric: Metric = "inner-product",
    seed: int = 42,
    iterations: int = ITERATIONS,
    starts: int = 1,
    progress: bool = True,
) -> QueryClusters:
    """Encode queries, cluster them, and write a folder of clusters.

    What an earlier call has left in `output` is used again: its vectors always, its
    clusters where nothing has changed.

    Parameters
    ----------
    topics
        The training queries.
    output
        A new folder, or one that an earlier call for the same queries and encoder has
        begun or ended.
    encoder
        Makes the vectors: for TAS-B a BERT_DOT trained without clusters.
    k, metric, seed, iterations, starts
        As of :func:`~tasb_pyserini.training.clusters.kmeans.cluster_vectors`.
    progress
        Whether to show the encoder's progress on stderr.

    Raises
    ------
    TasbError
        If a setting cannot be, `output` holds something else, or Faiss is not there.
    """
    check_settings(len(topics), k=k, seed=seed)
    # Before the queries are encoded: without Faiss, that time would be lost.
    library = describe_faiss()
    _check_folder(output)
    vectors = encode_topics(topics, output / VECTORS, encoder, progress=progress)
    settings: dict[str, Any] = {
        "k": k,
        "metric": metric,
        "seed": seed,
        "iterations": iterations,
        "starts": starts,
    }
    made_by = settings | {
        "fingerprint": read_manifest(output / VECTORS).fingerprint,
        "encoder": asdict(read_spec(output / VECTORS)),
        "backend": encoder.backend,
    }
    if not _is_made(output, made_by):
        gpu = encoder.device != "cpu" and library.gpus > 0
        clustering = cluster_vectors(vectors, **settings, gpu=gpu)
        versions = {"tasb-pyserini": __version__, "faiss": library.version}
        results = {"objective": clustering.objective, "versions": versions}
        clusters = _group(clustering.assignment, k)
        _write(output, list(topics), clusters, made_by | results)
    return _read(output, topics, vectors)


def sizes_report(sizes: Sequence[int]) -> dict[str, float]:
    """Summarise how many queries clusters have.

    Examples
    --------
    >>> sizes_report([0, 4, 40])
    {'min': 0, 'p5': 0.4, 'median': 4.0, 'p95': 36.4, 'max': 40, 'empty': 1, 'tiny': 1}
    """
    p5, median, p95 = np.percentile(sizes, [5, 50, 95]).round(6).tolist()
    return {
        "min": min(sizes),
        "p5": p5,
        "median": median,
        "p95": p95,
        "max": max(sizes),
        "empty": sum(size == 0 for size in sizes),
        "tiny": sum(0 < size < TINY for size in sizes),
    }


def _group(assignment: NDArray[np.int32], k: int) -> list[NDArray[np.int64]]:
    order = np.argsort(assignment, kind="stable")
    ends = np.cumsum(np.bincount(assignment, minlength=k))
    return np.split(order, ends[:-1])


def _check_folder(output: Path) -> None:
    refuse_other_files(
        output,
        lambda folder: (folder / VECTORS).is_dir(),
        f"folder {VECTORS!r}",
        "clusters of the same queries and encoder",
    )


def _is_made(output: Path, made_by: dict[str, Any]) -> bool:
    report = read_object_or_none(output / REPORT)
    if report is None or not (output / CLUSTERS_FILE).is_file():
        return False
    wanted = made_by | {"sha256": file_sha256(output / CLUSTERS_FILE)}
    return wanted.items() <= report.items()


def _write(
    output: Path,
    qids: list[str],
    clusters: list[NDArray[np.int64]],
    report: dict[str, Any],
) -> None:
    write_clusters(
        output / CLUSTERS_FILE, ((qids[i] for i in members) for members in clusters)
    )
    sizes = sizes_report([len(members) for members in clusters])
    measured = {
        "queries": len(qids),
        "sizes": sizes,
        "sha256": file_sha256(output / CLUSTERS_FILE),
    }
    write_object(output / REPORT, report | measured)


def _read(output: Path, topics: Topics, vectors: NDArray[np.float32]) -> QueryClusters:
    position = {qid: number for number, qid in enumerate(topics)}
    clusters = [
        np.array([position[qid] for qid in cluster], dtype=np.int64)
        for cluster in read_clusters(output / CLUSTERS_FILE, position)
    ]
    report = read_object(output / REPORT, "what tasb cluster wrote")
    return QueryClusters(topics, vectors, clusters, report)
