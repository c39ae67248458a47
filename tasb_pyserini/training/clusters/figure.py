"""The paper's Figure 1: a t-SNE map of some clusters, with example queries."""

import csv
import io
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.replace import replace_bytes, replace_file
from tasb_pyserini.training.clusters.queries import QueryClusters

SHOWN = 8  # as in Figure 1
EXAMPLES = 2
MOST_QUERIES = 250  # of one cluster; more would cover each other
LEAST_QUERIES = 3
PERPLEXITY = 30.0
ENDINGS = (".png", ".svg")

MARKERS = "os^vDPX*"
"""One a cluster: they can be told apart without colours."""


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
        Ends in ``.png`` or ``.svg``.
    seed
        Of the choice of clusters and queries, and of t-SNE.

    Raises
    ------
    TasbError
        If the name ends otherwise, no cluster has enough queries, or scikit-learn or
        Matplotlib is not installed.
    """
    check_figure(path)
    rng = np.random.default_rng(seed)
    shown = choose_clusters(clusters, rng)
    members = [_sample(clusters.clusters[cluster], rng) for cluster in shown]
    points = _map(clusters.vectors[np.concatenate(members)], seed)
    groups = np.split(points, np.cumsum([len(group) for group in members])[:-1])
    _write_points(path.with_suffix(".csv"), clusters, shown, members, groups)
    labels = [_label(clusters, cluster) for cluster in shown]
    picture = _draw(shown, groups, labels, path.suffix.lower()[1:])
    with replace_bytes(path) as file:
        file.write(picture)
    return shown


def check_figure(path: Path) -> None:
    """Refuse early what :func:`draw_clusters` could not write.

    Raises
    ------
    TasbError
        As there.
    """
    if path.suffix.lower() not in ENDINGS:
        raise TasbError(f"{path}: expected a name that ends in {' or '.join(ENDINGS)}")
    _library("sklearn.manifold", "scikit-learn")
    _library("matplotlib.figure", "matplotlib")


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
    manifold = _library("sklearn.manifold", "scikit-learn")
    # scikit-learn wants a perplexity below the number of points.
    perplexity = min(PERPLEXITY, (len(vectors) - 1) / 3)
    tsne = manifold.TSNE(perplexity=perplexity, init="pca", random_state=seed)
    return np.asarray(tsne.fit_transform(vectors), dtype=np.float32)


def _write_points(
    path: Path,
    clusters: QueryClusters,
    shown: list[int],
    members: list[NDArray[np.int64]],
    groups: list[NDArray[np.float32]],
) -> None:
    items = list(clusters.topics.items())
    with replace_file(path) as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["x", "y", "cluster", "qid", "query"])
        for cluster, positions, points in zip(shown, members, groups, strict=True):
            for position, (x, y) in zip(positions, points.tolist(), strict=True):
                rows.writerow([f"{x:.4f}", f"{y:.4f}", cluster, *items[position]])


def _label(clusters: QueryClusters, cluster: int) -> str:
    queries = [query for _, query in clusters.central(cluster, EXAMPLES)]
    size = len(clusters.clusters[cluster])
    return "\n".join([f"{cluster} ({size:,} queries)", *map(_shorten, queries)])


def _shorten(query: str, most: int = 44) -> str:
    return query if len(query) <= most else query[: most - 1].rstrip() + "…"


def _draw(
    shown: list[int], groups: list[NDArray[np.float32]], labels: list[str], form: str
) -> bytes:
    matplotlib = _library("matplotlib", "matplotlib")
    figure = _library("matplotlib.figure", "matplotlib").Figure(figsize=(10, 6.5))
    axes = figure.add_axes((0.02, 0.03, 0.58, 0.94))
    colours = matplotlib.colormaps["viridis"](np.linspace(0, 0.95, len(shown)))
    for number, points in enumerate(groups):
        style: dict[str, Any] = {"color": [colours[number]], "edgecolors": "black"}
        style |= {"marker": MARKERS[number], "s": 30, "linewidths": 0.4}
        axes.scatter(*points.T, label=labels[number], **style)
        box = {"boxstyle": "round,pad=0.2", "facecolor": "white", "alpha": 0.8}
        middle = np.median(points, axis=0)
        axes.annotate(str(shown[number]), middle, ha="center", va="center", bbox=box)
    axes.set_xticks([])
    axes.set_yticks([])
    place = {"loc": "center left", "bbox_to_anchor": (1.01, 0.5)}
    legend = axes.legend(**place, fontsize=8, labelspacing=1.2, frameon=False)
    for text in legend.get_texts():
        text.set_parse_math(False)  # a query may hold $
    buffer = io.BytesIO()
    # The same points give the same bytes: no random ids and no date.
    with matplotlib.rc_context({"svg.hashsalt": "clusters"}):
        metadata = {"Date": None} if form == "svg" else {}
        figure.savefig(buffer, format=form, dpi=150, metadata=metadata)
    return buffer.getvalue()


def _library(module: str, distribution: str) -> ModuleType:
    try:
        return import_module(module)
    except ImportError as error:
        raise TasbError(
            f"{distribution} is needed to draw the figure ({error}); run: "
            f"pip install {distribution}"
        ) from error
