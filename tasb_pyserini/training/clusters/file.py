"""The authors' cluster file: one cluster a line, its qids parted by tabs.

As ``matchmaker/query_clusterer.py`` writes it and the training loader reads it back
(with ``split()``, so spaces part qids as well). Line ``i + 1`` is cluster ``i``; an
empty line is a cluster to which no query was assigned.
"""

from collections.abc import Collection, Iterable
from pathlib import Path

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.lines import numbered_lines, words_of
from tasb_pyserini.formats.records import is_id
from tasb_pyserini.formats.replace import replace_file

CLUSTERS_FILE = "clusters.tsv"
"""The cluster file in a folder of ``tasb cluster``."""

Clusters = list[list[str]]
"""The qids of each cluster, by cluster number."""


def write_clusters(path: Path, clusters: Iterable[Iterable[str]]) -> None:
    r"""Write a cluster file, whole or not at all.

    Raises
    ------
    TasbError
        If a qid is not one word.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "clusters.tsv"
    >>> write_clusters(path, [["q1", "q7"], [], ["q4"]])
    >>> path.read_text()
    'q1\tq7\n\nq4\n'
    >>> read_clusters(path)
    [['q1', 'q7'], [], ['q4']]
    """
    with replace_file(path) as file:
        for cluster in clusters:
            qids = list(cluster)
            for qid in qids:
                if not is_id(qid):
                    raise TasbError(f"{path}: qid {qid!r}; expected one word")
            file.write("\t".join(qids) + "\n")


def read_clusters(path: Path, known_qids: Collection[str] | None = None) -> Clusters:
    """Read a cluster file, plain or ``.gz``.

    Parameters
    ----------
    path
        One cluster a line, qids parted by white space.
    known_qids
        The queries that there are (a dict or set, for speed); None where any qid will
        do.

    Returns
    -------
    Clusters
        The qids of each cluster in the order of the file; empty clusters are kept.

    Raises
    ------
    InputError
        If a qid comes twice or is not in `known_qids`, a line is not UTF-8, or there
        is no qid at all.
    """
    clusters: Clusters = []
    lines: dict[str, int] = {}
    for number, line in numbered_lines(path):
        cluster = words_of(path, number, line)
        for qid in cluster:
            if qid in lines:
                problem = f"qid {qid} again, first on line {lines[qid]}"
                raise InputError(path, number, problem, "each qid in one cluster")
            if known_qids is not None and qid not in known_qids:
                raise InputError(
                    path,
                    number,
                    f"unknown query {qid}",
                    f"one of the {len(known_qids):,} topics",
                    "give the topics that were clustered",
                )
            lines[qid] = number
        clusters.append(cluster)
    if not lines:
        raise InputError(path, None, "no queries", "one cluster of qids a line")
    return clusters
