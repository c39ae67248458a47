from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.training.ids import IdTable
from tasb_pyserini.training.sampling.numbers import read_numbered_clusters

QIDS = IdTable.of(["a", "b", "c"])


def test_queries_become_numbers_in_stored_order_and_those_without_pairs_are_left_out(
    tmp_path: Path,
) -> None:
    file = tmp_path / "clusters.tsv"
    file.write_text("c\tx\ta\n\nx2\nb\n")
    numbered = [cluster.tolist() for cluster in read_numbered_clusters(file, QIDS)]
    assert numbered == [[2, 0], [], [], [1]]


def test_a_folder_is_read_by_its_cluster_file(tmp_path: Path) -> None:
    (tmp_path / "clusters.tsv").write_text("a\tb\n")
    numbered = [cluster.tolist() for cluster in read_numbered_clusters(tmp_path, QIDS)]
    assert numbered == [[0, 1]]


def test_an_unknown_query_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "clusters.tsv"
    file.write_text("a\nb\tz\n")
    with pytest.raises(InputError, match=r"clusters\.tsv:2: unknown query z"):
        read_numbered_clusters(file, QIDS, {"a", "b", "c"})


def test_clusters_of_other_queries_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "clusters.tsv"
    file.write_text("x\ty\n")
    with pytest.raises(InputError, match="not one of its queries has pairs"):
        read_numbered_clusters(file, QIDS)
