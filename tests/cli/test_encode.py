"""``tasb encode``: types of vectors, several processes, mistakes in one line."""

import json
from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.indexing.shards import read_shards
from tests.checkpoints import make_checkpoint
from tests.indexing.engines.work import shard_bytes, write_collection


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("m") / "m")


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    return write_collection(tmp_path / "c.jsonl", 30)


def encode(collection: Path, checkpoint: Path, output: Path, *words: str) -> int:
    paths = ["--corpus", f"{collection}", "--embeddings", f"{output}"]
    return main(["encode", *paths, "--encoder", f"tasb:torch:{checkpoint}", *words])


def test_json_tells_what_there_is(
    collection: Path,
    checkpoint: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["--device", "cpu", "--shard-size", "20", "--json"]
    assert encode(collection, checkpoint, tmp_path / "E", *words) == 0
    report = json.loads(capsys.readouterr().out)
    assert report == {
        "embeddings": str(tmp_path / "E"),
        "passages": 30,
        "shards": 2,
        "dimension": 32,
        "backend": "torch",
        "dtype": "fp32",
    }


def test_half_precision_on_disk_is_fp32_rounded(
    collection: Path, checkpoint: Path, tmp_path: Path
) -> None:
    for dtype in ("fp32", "fp16"):
        words = ["--device", "cpu", "--dtype", dtype]
        assert encode(collection, checkpoint, tmp_path / dtype, *words) == 0
    [(docids, whole)] = read_shards(tmp_path / "fp32")
    [(same_docids, half)] = read_shards(tmp_path / "fp16")
    assert docids == same_docids
    assert half.dtype == np.float16
    np.testing.assert_array_equal(half, whole.astype(np.float16))


@pytest.mark.slow
def test_processes_make_the_same_bytes(
    collection: Path, checkpoint: Path, tmp_path: Path
) -> None:
    words = ["--device", "cpu", "--shard-size", "10", "--dtype", "fp16"]
    assert encode(collection, checkpoint, tmp_path / "1", *words) == 0
    assert encode(collection, checkpoint, tmp_path / "2", *words, "--processes=2") == 0
    assert shard_bytes(tmp_path / "1") == shard_bytes(tmp_path / "2")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--devices=cpu,cpu", "--processes=2"], "--devices with --device or"),
        (["--devices=cpu,cpu", "--device=cpu"], "--devices with --device or"),
        (["--devices=cpu", "--engine=ray"], "--devices with --engine ray"),
        (["--devices=cuda:0,cuda:77"], "no device 'cuda:"),
        (["--devices=cpu,tpu"], "no device 'tpu'"),
    ],
)
def test_mistakes_end_in_one_line(
    words: list[str],
    message: str,
    collection: Path,
    checkpoint: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert encode(collection, checkpoint, tmp_path / "E", *words) == 1
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "E").exists()


def test_an_empty_device_is_wrong_usage(collection: Path, checkpoint: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        encode(collection, checkpoint, Path("E"), "--devices=cuda:0,")


def test_vectors_of_another_type_are_not_mixed(
    collection: Path,
    checkpoint: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["--device", "cpu"]
    assert encode(collection, checkpoint, tmp_path / "E", *words) == 0
    before = shard_bytes(tmp_path / "E")
    assert encode(collection, checkpoint, tmp_path / "E", *words, "--dtype=fp16") == 1
    assert "dtype: there 'fp32', now 'fp16'" in capsys.readouterr().err
    assert shard_bytes(tmp_path / "E") == before
