"""Queries are encoded once, clustered as asked, and written so that all agrees."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from filelock import FileLock

from tasb_pyserini.encoders.backends.pytorch import TorchBackend
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.shards import read_shards
from tasb_pyserini.training.clusters.file import read_clusters
from tasb_pyserini.training.clusters.kmeans import cluster_vectors
from tasb_pyserini.training.clusters.queries import cluster_queries, sizes_report
from tests.checkpoints import make_checkpoint
from tests.training.clusters.questions import make_topics, placed_clusters

pytest.importorskip("faiss")

TOPICS = make_topics(60)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("model") / "wide", dimension=128)


@pytest.fixture(scope="module")
def encoder(checkpoint: Path) -> Encoder:
    return Encoder.load(f"tasb:{checkpoint}")


def written(folder: Path) -> dict[Path, int]:
    """Return when each file was written."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: path.stat().st_mtime_ns for path in files if path.name != ".lock"}


def test_the_folder_holds_the_clusters_of_the_encoded_queries(
    encoder: Encoder, tmp_path: Path
) -> None:
    output = tmp_path / "C"
    found = cluster_queries(TOPICS, output, encoder, k=4, progress=False)

    vectors = encoder.encode_queries(list(TOPICS.values()))
    np.testing.assert_array_equal(found.vectors, vectors)
    expected = cluster_vectors(vectors, k=4)
    qids = np.array(list(TOPICS))
    of_cluster = [qids[expected.assignment == n].tolist() for n in range(4)]
    assert read_clusters(output / "clusters.tsv", TOPICS) == of_cluster
    assert [qids[members].tolist() for members in found.clusters] == of_cluster

    report = json.loads((output / "clusters.json").read_text())
    assert report == found.report
    assert {key: report[key] for key in ("k", "metric", "seed", "queries")} == {
        "k": 4,
        "metric": "inner-product",
        "seed": 42,
        "queries": 60,
    }
    assert report["objective"] == expected.objective
    assert report["encoder"]["weights"] == encoder.spec.weights
    assert report["sizes"] == sizes_report(list(map(len, of_cluster)))


def test_the_same_call_again_writes_nothing(encoder: Encoder, tmp_path: Path) -> None:
    first = cluster_queries(TOPICS, tmp_path / "C", encoder, k=4, progress=False)
    before = written(tmp_path)
    again = cluster_queries(TOPICS, tmp_path / "C", encoder, k=4, progress=False)
    assert written(tmp_path) == before
    assert again.report == first.report
    for one, other in zip(first.clusters, again.clusters, strict=True):
        np.testing.assert_array_equal(one, other)


def fill_weights(encoder: Encoder, value: float) -> None:
    assert isinstance(encoder.engine, TorchBackend)
    with torch.inference_mode():
        for weights in encoder.engine.model.parameters():
            weights.fill_(value)


def test_another_k_encodes_nothing(checkpoint: Path, tmp_path: Path) -> None:
    encoder = Encoder.load(f"tasb:torch:{checkpoint}")
    cluster_queries(TOPICS, tmp_path / "C", encoder, k=4, progress=False)
    before = written(tmp_path / "C" / "vectors")
    # An encoder that could not make these vectors any more.
    fill_weights(encoder, 0.0)
    other = cluster_queries(
        TOPICS, tmp_path / "C", encoder, k=7, metric="euclidean", progress=False
    )
    assert written(tmp_path / "C" / "vectors") == before
    assert (len(other.clusters), other.report["k"]) == (7, 7)
    assert len(read_clusters(tmp_path / "C" / "clusters.tsv", TOPICS)) == 7
    whole = Encoder.load(f"tasb:torch:{checkpoint}")
    vectors = whole.encode_queries(list(TOPICS.values()))
    expected = cluster_vectors(vectors, k=7, metric="euclidean")
    assert other.report["objective"] == expected.objective


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "clusters.tsv").write_text("q1\n"),
        lambda folder: (folder / "clusters.tsv").unlink(),
        lambda folder: (folder / "clusters.json").unlink(),
        lambda folder: (folder / "clusters.json").write_text('{"k": 4'),
        lambda folder: (folder / "clusters.json").write_text("[" * 100_000),
    ],
)
def test_clusters_that_are_not_whole_are_made_again(
    encoder: Encoder, tmp_path: Path, damage: object
) -> None:
    assert callable(damage)
    output = tmp_path / "C"
    cluster_queries(TOPICS, output, encoder, k=4, progress=False)
    whole = {name: (output / name).read_bytes() for name in FILES}
    damage(output)
    cluster_queries(TOPICS, output, encoder, k=4, progress=False)
    assert {name: (output / name).read_bytes() for name in FILES} == whole


FILES = ("clusters.tsv", "clusters.json")


ENCODING = """
import sys
from pathlib import Path
from tasb_pyserini.encoders.backends.pytorch import TorchBackend
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.training.clusters.encode import encode_topics

topics, name, folder = read_topics(Path(sys.argv[1])), *sys.argv[2:]
encode_topics(topics, Path(folder), Encoder.load(name), shard_size=200, progress=False)
"""


def test_a_killed_run_goes_on_and_ends_as_an_undisturbed_one(
    checkpoint: Path, tmp_path: Path
) -> None:
    """All in processes of their own: tests before this one set numbers of threads."""
    topics = make_topics(6000)
    file = tmp_path / "topics.tsv"
    file.write_text("".join(f"{qid}\t{query}\n" for qid, query in topics.items()))
    command = [sys.executable, "-c", ENCODING, str(file), f"tasb:{checkpoint}"]
    killed, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    process = subprocess.Popen([*command, str(killed)])
    deadline = time.monotonic() + 120
    while len(list(killed.glob("0*.npy"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    done = {path: path.stat().st_mtime_ns for path in killed.glob("0*.npy")}
    assert 2 <= len(done) < 30

    for folder in (killed, undisturbed):
        subprocess.run([*command, str(folder)], check=True)
    assert {path: path.stat().st_mtime_ns for path in done} == done
    shards, expected = list(read_shards(killed)), list(read_shards(undisturbed))
    assert [qid for ids, _ in shards for qid in ids] == list(topics)
    for (_, vectors), (_, others) in zip(shards, expected, strict=True):
        np.testing.assert_array_equal(vectors, others)


def test_other_queries_or_encoders_are_kept_out(
    encoder: Encoder, tmp_path: Path
) -> None:
    output = tmp_path / "C"
    cluster_queries(TOPICS, output, encoder, k=4, progress=False)
    before = written(output)
    changed = TOPICS | {"q7": "another query"}
    with pytest.raises(TasbError, match=r"other work \(fingerprint: there "):
        cluster_queries(changed, output, encoder, k=4, progress=False)
    other = make_checkpoint(tmp_path / "other", dimension=128, seed=1)
    with pytest.raises(TasbError, match=r"other work \(weights: "):
        cluster_queries(TOPICS, output, Encoder.load(f"tasb:{other}"), k=4)
    assert written(output) == before


def test_a_folder_of_other_files_is_left_alone(
    encoder: Encoder, tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(TasbError, match="holds files but no folder 'vectors'"):
        cluster_queries(TOPICS, tmp_path, encoder, k=4)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_too_many_clusters_are_refused_before_anything_is_written(
    encoder: Encoder, tmp_path: Path
) -> None:
    with pytest.raises(TasbError, match="2,000 clusters of 60 queries"):
        cluster_queries(TOPICS, tmp_path / "C", encoder)
    assert not (tmp_path / "C").exists()


def test_a_broken_checkpoint_is_found(checkpoint: Path, tmp_path: Path) -> None:
    encoder = Encoder.load(f"tasb:torch:{checkpoint}")
    fill_weights(encoder, torch.nan)
    with pytest.raises(TasbError, match="the vector of q0 holds NaN or infinity"):
        cluster_queries(TOPICS, tmp_path / "C", encoder, k=4, progress=False)
    assert not (tmp_path / "C" / "clusters.tsv").exists()


def test_two_processes_do_not_write_into_one_folder(
    encoder: Encoder, tmp_path: Path
) -> None:
    cluster_queries(TOPICS, tmp_path / "C", encoder, k=4, progress=False)
    with (
        FileLock(tmp_path / "C" / "vectors" / ".lock"),
        pytest.raises(TasbError, match="another process is writing into it"),
    ):
        cluster_queries(TOPICS, tmp_path / "C", encoder, k=4, progress=False)


def test_central_queries_are_those_nearest_to_the_mean() -> None:
    clusters = placed_clusters([5, 9])
    (first, _), (second, _) = clusters.central(1, 2)
    assert first == "q5"
    members = clusters.vectors[5:]
    away = ((members - members.mean(axis=0)) ** 2).sum(axis=1)
    assert second == f"q{5 + sorted(range(9), key=away.__getitem__)[1]}"


def test_empty_and_tiny_clusters_are_counted() -> None:
    report = sizes_report([0, 0, 1, 31, 32, 500])
    assert report == {
        "min": 0,
        "p5": 0.0,
        "median": 16.0,
        "p95": 383.0,
        "max": 500,
        "empty": 2,
        "tiny": 2,
    }
