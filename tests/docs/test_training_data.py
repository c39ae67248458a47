"""The commands of docs/training-data.md run as they stand there."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tasb_pyserini.training.clusters.file import read_clusters
from tasb_pyserini.training.pairs.store import open_pairs
from tests.checkpoints import make_checkpoint
from tests.docs.pages import environment, marked_commands
from tests.teachers import make_teacher


@pytest.mark.slow
@pytest.mark.pyserini
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("name", "queries", "mined"),
    # BM25 finds nothing but the positive, or nothing, for six queries of the first.
    [("msmarco-mini", 6000, 5994), ("scifact", 809, 809)],
)
def test_from_a_bm25_run_to_a_thousand_batches(
    name: str,
    queries: int,
    mined: int,
    collections: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    models = {
        "TEACHER": str(make_teacher(tmp_path / "teacher")),
        "BASELINE": f"tasb:{make_checkpoint(tmp_path / 'baseline')}",
    }

    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", marked_commands("training-data.md")],
        cwd=tmp_path,
        env=environment(tmp_path, collections(name)) | models,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr[-3000:]
    pairs = open_pairs(tmp_path / "pairs")
    assert pairs.n_queries == mined
    assert 9 * mined <= len(pairs)
    clusters = read_clusters(tmp_path / "clusters" / "clusters.tsv")
    assert len(clusters) == 60
    assert sum(map(len, clusters)) == queries
    assert (tmp_path / "clusters.png").stat().st_size > 10_000
    assert "1,000 batches" in run.stdout
    print(run.stdout)
