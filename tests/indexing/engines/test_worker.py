"""A worker does what is missing, with the one encoder that the folder is of."""

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.encode import encode_collection
from tasb_pyserini.indexing.engines.worker import EncoderSource, ShardWorker, Work
from tasb_pyserini.indexing.shards import Manifest
from tests.checkpoints import make_checkpoint
from tests.indexing.engines.work import encode_plainly, shard_bytes, write_collection


def make_work(tmp_path: Path, source: EncoderSource) -> Work:
    collection = write_collection(tmp_path / "c.jsonl", 40)
    encoder = source.load()
    manifest = encode_collection(
        collection, tmp_path / "E", encoder, shard_size=10, progress=False
    )
    return Work(collection, tmp_path / "E", manifest)


def test_shards_that_are_gone_are_made_again_to_the_last_bit(
    source: EncoderSource, tmp_path: Path
) -> None:
    work = make_work(tmp_path, source)
    whole = shard_bytes(work.output)
    for number in (0, 2):
        (work.output / f"0000{number}.npy").unlink()
    kept = (work.output / "00001.npy").stat().st_mtime_ns
    worker = ShardWorker(work, source, threads=1)
    assert worker.encode([1, 2]) == [1, 2]
    assert not (work.output / "00000.npy").exists()
    assert worker.encode([0]) == [0]
    assert shard_bytes(work.output) == whole
    assert (work.output / "00001.npy").stat().st_mtime_ns == kept


def test_an_error_is_its_message_alone_for_the_way_between_processes(
    source: EncoderSource, tmp_path: Path
) -> None:
    work = make_work(tmp_path, source)
    (work.output / "00003.npy").unlink()
    with work.collection.open("r+") as file:
        lines = file.readlines()
        file.seek(0)
        file.writelines([*lines[:35], "no json\n"])
        file.truncate()
    with pytest.raises(TasbError, match=r"c\.jsonl:36: not JSON") as caught:
        ShardWorker(work, source, threads=1).encode([3])
    assert type(caught.value) is TasbError
    assert not (work.output / "00003.npy").exists()


@pytest.mark.parametrize("change", ["weights", "backend", "arithmetic", "limit"])
def test_a_worker_with_another_encoder_writes_nothing(
    change: str, source: EncoderSource, tmp_path: Path
) -> None:
    work = make_work(tmp_path, source)
    (work.output / "00003.npy").unlink()
    if change == "weights":
        folder = make_checkpoint(tmp_path / "other", dimension=128, seed=1)
        source = replace(source, name=f"tasb:torch:{folder}")
    elif change == "limit":
        source = replace(source, max_length=5)
        change = "passage_max_length"
    else:
        other = {**asdict(work.manifest), change: "elsewhere"}
        work = replace(work, manifest=Manifest(**other))
    with pytest.raises(TasbError, match=f"a worker loaded another encoder.*{change}"):
        ShardWorker(work, source, threads=1).encode([3])
    assert not (work.output / "00003.npy").exists()


def test_the_limit_of_a_source_lowers_but_never_raises(source: EncoderSource) -> None:
    assert source.load().spec.passage_max_length == 200
    lower, higher = (replace(source, max_length=n).load() for n in (7, 300))
    assert lower.spec.passage_max_length == 7
    assert higher.spec.passage_max_length == 200


def test_a_source_gives_plain_bytes_twice(
    source: EncoderSource, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 25)
    first = encode_plainly(collection, tmp_path / "1", source, 10)
    assert encode_plainly(collection, tmp_path / "2", source, 10) == first


@pytest.mark.parametrize(
    ("name", "fp16", "expected"),
    [
        ("tasb:{}", False, ("torch", "fp32")),
        ("tasb:{}", True, ("fp16", "fp16 products (autocast)")),
        ("tasb:torch:{}", True, ("fp16", "fp16 products (autocast)")),
        ("tasb:bf16:{}", False, ("bf16", "bf16 products (autocast)")),
        ("tasb:onnx:{}", True, ("onnx", "fp16")),
    ],
)
def test_what_a_gpu_will_compute_is_known_without_one(
    source: EncoderSource, name: str, fp16: bool, expected: tuple[str, str]
) -> None:
    folder = source.name.removeprefix("tasb:torch:")
    named = replace(source, name=name.format(folder), fp16=fp16, max_length=9)
    identity = replace(named, device="cuda:0").identify()
    assert (identity.backend, identity.arithmetic) == expected
    assert identity.spec == replace(named, device="cpu").load().spec


def test_a_backend_for_cpus_is_refused_before_a_folder_is_begun(
    source: EncoderSource,
) -> None:
    folder = source.name.removeprefix("tasb:torch:")
    source = EncoderSource(f"tasb:int8:{folder}", device="cuda")
    with pytest.raises(TasbError, match="'tasb:int8' runs on a CPU, not on cuda"):
        source.identify()
