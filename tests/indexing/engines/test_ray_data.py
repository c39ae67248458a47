"""Through Ray the shards are those of one process, also when a machine is lost."""

import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.encode import encode_collection
from tasb_pyserini.indexing.engines.ray_data import encode_with_ray, for_cluster
from tasb_pyserini.indexing.engines.worker import EncoderSource, Work
from tasb_pyserini.indexing.shards import open_vectors, read_manifest, read_shards
from tests.indexing.engines.work import encode_plainly, shard_bytes, write_collection

ROOT = Path(__file__).parents[3]


@pytest.fixture
def workers_find_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray's processes import this checkout, wherever pytest was started."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{ROOT / 'tests'}")


@pytest.mark.slow
@pytest.mark.usefixtures("workers_find_the_tests")
def test_what_one_process_began_ray_ends_with_the_same_bytes(
    source: EncoderSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On relative paths, which mean nothing to workers in other folders."""
    monkeypatch.chdir(tmp_path)
    collection = write_collection(Path("c.jsonl"), 2_000)
    folder = Path(source.name.removeprefix("tasb:torch:"))
    relative = os.path.relpath(folder, tmp_path)
    source = replace(source, name=f"tasb:torch:{relative}")
    expected = encode_plainly(collection, Path("plain"), source, 100)
    encode_plainly(collection, Path("E"), source, 100)
    for number in range(5, 20):
        Path("E", f"{number:05}.npy").unlink()
    encode_collection(
        collection,
        Path("E"),
        source.load(),
        shard_size=100,
        engine=partial(encode_with_ray, source=source, workers=2),
        progress=False,
    )
    assert shard_bytes(Path("E")) == expected


def test_a_folder_called_tasb_is_not_the_public_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("tasb", "other"):
        Path(folder).mkdir()
    for name, expected in (
        ("tasb", "tasb"),
        ("tasb:int8", "tasb:int8"),
        ("tasb:other", f"tasb:{tmp_path}/other"),
        ("tasb:int8:other", f"tasb:int8:{tmp_path}/other"),
    ):
        ray = Machines([{"CPU": 1.0}])
        assert for_cluster(ray, EncoderSource(name)).name == expected


class Machines:
    """What Ray says of its machines."""

    def __init__(self, resources: list[dict[str, float]]) -> None:
        self.resources = resources

    def nodes(self) -> list[dict[str, object]]:
        return [{"Alive": True, "Resources": each} for each in self.resources]


@pytest.mark.slow
@pytest.mark.usefixtures("workers_find_the_tests")
def test_where_ray_has_gpus_a_backend_for_cpus_runs_on_cores(
    source: EncoderSource, tmp_path: Path
) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray

    collection = write_collection(tmp_path / "c.jsonl", 30)
    folder = source.name.removeprefix("tasb:torch:")
    ray.init(num_cpus=2, num_gpus=1, include_dashboard=False, log_to_driver=False)
    try:
        words = ["--corpus", f"{collection}", "--embeddings", f"{tmp_path / 'E'}"]
        words += ["--encoder", f"tasb:openvino:{folder}", "--engine", "ray"]
        assert main(["encode", *words]) == 0
    finally:
        ray.shutdown()
    assert read_manifest(tmp_path / "E").backend == "openvino"
    assert len([id for ids, _ in read_shards(tmp_path / "E") for id in ids]) == 30


@pytest.fixture
def two_nodes(workers_find_the_tests: None) -> Iterator[tuple[object, object]]:
    """Give a Ray of two nodes, of a core each, that this process is connected to."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 1, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        second = cluster.add_node(num_cpus=1)
        ray.init(
            address=cluster.address, log_to_driver=False, logging_level=logging.ERROR
        )
        yield cluster, second
    finally:
        ray.shutdown()
        cluster.shutdown()  # type: ignore[no-untyped-call]  # has no types


@pytest.mark.slow
def test_100_000_passages_are_complete_though_one_of_two_nodes_is_killed(
    two_nodes: tuple[object, object], source: EncoderSource, tmp_path: Path
) -> None:
    cluster, second = two_nodes
    collection = write_collection(tmp_path / "c.jsonl", 100_000)
    expected = encode_plainly(collection, tmp_path / "plain", source, 2_000)
    killed = []

    def engine(work: Work, numbers: list[int]) -> Iterator[int]:
        running = encode_with_ray(work, numbers, source=source)
        for done, number in enumerate(running, start=1):
            yield number
            if done == 25:
                cluster.remove_node(second, allow_graceful=False)  # type: ignore[attr-defined]
                killed.append(done)

    encode_collection(
        collection,
        tmp_path / "E",
        source.load(),
        shard_size=2_000,
        engine=engine,  # type: ignore[arg-type]
        progress=False,
    )
    assert killed == [25]
    docids = [docid for ids, _ in read_shards(tmp_path / "E") for docid in ids]
    assert docids == [f"d{number}" for number in range(100_000)]
    assert shard_bytes(tmp_path / "E") == expected


@pytest.mark.slow
@pytest.mark.usefixtures("two_nodes")
def test_a_workers_mistake_is_told_as_it_is(
    source: EncoderSource, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 30)
    encoder = source.load()
    manifest = encode_collection(
        collection, tmp_path / "plain", encoder, shard_size=10, progress=False
    )
    work = Work(collection, tmp_path / "E", manifest)
    open_vectors(work.output, manifest, encoder.spec)
    collection.write_text("no json\n")
    with pytest.raises(TasbError, match=r"c\.jsonl:1: not JSON .*; expected one JSON"):
        list(encode_with_ray(work, range(3), source=source))


def test_without_ray_one_line_says_what_to_install(
    source: EncoderSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    collection = write_collection(tmp_path / "c.jsonl", 3)
    engine = partial(encode_with_ray, source=source)
    with pytest.raises(TasbError, match=r'pip install "tasb-pyserini\[ray\]"'):
        encode_collection(
            collection, tmp_path / "E", source.load(), engine=engine, progress=False
        )
