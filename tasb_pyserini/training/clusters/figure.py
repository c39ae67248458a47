"""The paper's Figure 1: a t-SNE map of some clusters, with example queries."""

from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.evaluation.figures.output import Table, check_outputs, write_figure
from tasb_pyserini.evaluation.figures.style import MARKERS, shorten
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.clusters.queries import QueryClusters

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN = 8  # as in Figure 1
EXAMPLES = 2
MOST_QUERIES = 250  # of one cluster; more would cover each other
LEAST_QUERIES = 3
PERPLEXITY = 30.0
MOST_LETTERS = 44  # of a query


def draw_clusters(clusters: QueryClusters, path: Path, *, seed: int = 42) -> list[int]:
    """Draw Figure 1 of the TAS-B paper; return the numbers of the clusters on it.

    Eight clusters drawn at random, of those with three queries or more, mapped to two
    dimensions together by t-SNE, with the two queries nearest to each cluster's mean.
    Beside the picture, under the same name, ``.csv`` holds the points: x, y, cluster,
    qid, query.

    Parameters
    ----------
    clusters
        Queries with vectors.
    path
        Ends in ``.png``, ``.svg`` or ``.pdf``.
    seed
        Of the choice of clusters and queries, and of t-SNE.

    Raises
    ------
    TasbError
        If the name ends otherwise, or no cluster has enough queries.
    """
    check_outputs([path])
    rng = np.random.default_rng(seed)
    shown = choose_clusters(clusters, rng)
    members = [_sample(clusters.clusters[cluster], rng) for cluster in shown]
    points = _map(clusters.vectors[np.concatenate(members)], seed)
    groups = np.split(points, np.cumsum([len(group) for group in members])[:-1])
    labels = [_label(clusters, cluster) for cluster in shown]
    draw = partial(_draw, shown=shown, groups=groups, labels=labels)
    table = _table(clusters, shown, members, groups)
    write_figure([path], table, draw, size=(10, 6.5))
    return shown


def choose_clusters(clusters: QueryClusters, rng: np.random.Generator) -> list[int]:
    """Return the numbers of at most eight clusters with enough queries, rising.

    Raises
    ------
    TasbError
        If there is none.
    """
    enough = [n for n, c in enumerate(clusters.clusters) if len(c) >= LEAST_QUERIES]
    if not enough:
        raise TasbError(
            f"no cluster has {LEAST_QUERIES} queries or more, so there is nothing to "
            "draw; choose a smaller k"
        )
    chosen: list[int] = rng.choice(enough, min(SHOWN, len(enough)), False).tolist()
    return sorted(chosen)


def _sample(members: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    if len(members) <= MOST_QUERIES:
        return members
    return np.sort(rng.choice(members, MOST_QUERIES, replace=False))


def _map(vectors: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    manifold = import_module("sklearn.manifold")
    # scikit-learn wants a perplexity below the number of points.
    perplexity = min(PERPLEXITY, (len(vectors) - 1) / 3)
    tsne = manifold.TSNE(perplexity=perplexity, init="pca", random_state=seed)
    return np.asarray(tsne.fit_transform(vectors), dtype=np.float32)


def _table(
    clusters: QueryClusters,
    shown: list[int],
    members: list[NDArray[np.int64]],
    groups: list[NDArray[np.float32]],
) -> Table:
    items = list(clusters.topics.items())
    rows: list[list[object]] = [["x", "y", "cluster", "qid", "query"]]
    for cluster, positions, points in zip(shown, members, groups, strict=True):
        for position, (x, y) in zip(positions, points.tolist(), strict=True):
            rows.append([f"{x:.4f}", f"{y:.4f}", cluster, *items[position]])
    return rows


def _label(clusters: QueryClusters, cluster: int) -> str:
    queries = [query for _, query in clusters.central(cluster, EXAMPLES)]
    size = len(clusters.clusters[cluster])
    shortened = [shorten(query, MOST_LETTERS) for query in queries]
    return "\n".join([f"{cluster} ({size:,} queries)", *shortened])


def _draw(
    axes: "Axes",
    shown: list[int],
    groups: list[NDArray[np.float32]],
    labels: list[str],
) -> None:
    viridis = import_module("matplotlib").colormaps["viridis"]
    colours = viridis(np.linspace(0, 0.95, len(shown)))
    for number, points in enumerate(groups):
        style: dict[str, Any] = {"color": [colours[number]], "edgecolors": "black"}
        style |= {"marker": MARKERS[number], "s": 30, "linewidths": 0.4}
        axes.scatter(*points.T, label=labels[number], **style)
        box = {"boxstyle": "round,pad=0.2", "facecolor": "white", "alpha": 0.8}
        x, y = np.median(points, axis=0).tolist()
        axes.annotate(str(shown[number]), (x, y), ha="center", va="center", bbox=box)
    axes.set_xticks([])
    axes.set_yticks([])
    place: dict[str, Any] = {"loc": "center left", "bbox_to_anchor": (1.01, 0.5)}
    axes.legend(**place, fontsize=8, labelspacing=1.2, frameon=False)
