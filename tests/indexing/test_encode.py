"""Encoding is exact, and an interruption costs a shard, never a passage."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from numpy.typing import NDArray

from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.indexing.encode import encode_collection
from tasb_pyserini.indexing.shards import read_shards
from tests.checkpoints import make_checkpoint
from tests.indexing.engines.work import write_collection


def read_all(folder: Path) -> tuple[list[str], NDArray[np.float32]]:
    shards = list(read_shards(folder))
    docids = [docid for ids, _ in shards for docid in ids]
    return docids, np.concatenate([vectors for _, vectors in shards])


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("model") / "wide", dimension=128)


@pytest.fixture(scope="module")
def encoder(checkpoint: Path) -> Encoder:
    return Encoder.load(f"tasb:torch:{checkpoint}")


def test_shards_hold_each_passages_vector_in_order(
    encoder: Encoder, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 25)
    manifest = encode_collection(
        collection, tmp_path / "E", encoder, shard_size=10, progress=False
    )
    assert (manifest.passages, manifest.shards) == (25, 3)
    docids, vectors = read_all(tmp_path / "E")
    assert docids == [f"d{number}" for number in range(25)]
    texts = [json.loads(line)["contents"] for line in collection.open()]
    alone = np.stack([encoder.encode_passages([text])[0] for text in texts])
    np.testing.assert_array_equal(vectors, alone)


def test_a_killed_run_goes_on_and_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    checkpoint = make_checkpoint(tmp_path / "narrow", dimension=32)
    collection = write_collection(tmp_path / "c.jsonl", 15_000)
    output = tmp_path / "E"
    command = [
        *(sys.executable, "-m", "tasb_pyserini", "encode", "--corpus", str(collection)),
        *("--encoder", f"tasb:torch:{checkpoint}", "--device", "cpu"),
        *("--shard-size", "1000", "--embeddings"),
    ]
    process = subprocess.Popen([*command, str(output)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while len(list(output.glob("0*.npy"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    done = {path: path.stat().st_mtime_ns for path in output.glob("0*.npy")}
    assert 3 <= len(done) < 15
    # What a crash may leave of the shard that was being written.
    (output / ".00014.npy.torn").write_bytes(b"\x93NUMPY")
    (output / "00014.docid").write_text("half\n")

    subprocess.run([*command, str(output)], check=True, capture_output=True)
    assert {path: path.stat().st_mtime_ns for path in done} == done

    # In a process of its own: others may have set this one's number of threads.
    whole = [*command, str(tmp_path / "undisturbed")]
    subprocess.run(whole, check=True, capture_output=True)
    docids, vectors = read_all(output)
    expected_docids, expected = read_all(tmp_path / "undisturbed")
    assert docids == expected_docids == [f"d{number}" for number in range(15_000)]
    np.testing.assert_array_equal(vectors, expected)


@pytest.mark.parametrize("progress", [True, False])
def test_shards_that_are_there_are_not_encoded_again(
    encoder: Encoder, tmp_path: Path, progress: bool
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 9)
    output = tmp_path / "E"
    encode_collection(collection, output, encoder, shard_size=3, progress=False)
    (output / "00001.npy").unlink()
    kept = {n: (output / f"0000{n}.npy").stat().st_mtime_ns for n in (0, 2)}
    encode_collection(collection, output, encoder, shard_size=3, progress=progress)
    assert (output / "00001.npy").is_file()
    assert kept == {n: (output / f"0000{n}.npy").stat().st_mtime_ns for n in kept}


def test_vectors_of_something_else_are_left_alone(
    encoder: Encoder, tmp_path: Path
) -> None:
    first = write_collection(tmp_path / "first.jsonl", 8)
    second = write_collection(tmp_path / "second.jsonl", 9)
    output = tmp_path / "E"
    encode_collection(first, output, encoder, progress=False)
    before = {path: path.read_bytes() for path in sorted(output.iterdir())}
    with pytest.raises(TasbError, match="passages: there 8, now 9; fingerprint"):
        encode_collection(second, output, encoder, progress=False)
    other = Encoder.load(f"tasb:torch:{make_checkpoint(tmp_path / 'm', dimension=128)}")
    other.spec = other.spec.from_dict(
        {"checkpoint": "m", "dimension": 128, "weights": "sha256:0"}, tmp_path
    )
    with pytest.raises(TasbError, match=r"weights: index .*, query encoder sha256:0 "):
        encode_collection(first, output, other, progress=False)
    assert {path: path.read_bytes() for path in sorted(output.iterdir())} == before


def test_a_folder_of_other_files_is_not_written_into(
    encoder: Encoder, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 3)
    with pytest.raises(TasbError, match=r"holds files but no manifest\.json"):
        encode_collection(collection, tmp_path, encoder, progress=False)
    assert list(tmp_path.iterdir()) == [collection]


def test_a_fault_in_the_last_line_is_found_before_anything_is_written(
    encoder: Encoder, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 50)
    with collection.open("a") as file:
        file.write('{"id": "d7", "contents": "the same id again"}\n')
    with pytest.raises(InputError, match=r"c\.jsonl:51: .*d7"):
        encode_collection(collection, tmp_path / "E", encoder, progress=False)
    assert not (tmp_path / "E").exists()


def test_two_processes_do_not_write_into_one_folder(
    encoder: Encoder, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 3)
    encode_collection(collection, tmp_path / "E", encoder, progress=False)
    with (
        FileLock(tmp_path / "E" / ".lock"),
        pytest.raises(TasbError, match="another process is writing into it"),
    ):
        encode_collection(collection, tmp_path / "E", encoder, progress=False)


def test_a_folder_that_another_process_is_about_to_begin_gets_no_manifest(
    encoder: Encoder, tmp_path: Path
) -> None:
    """Else vectors of one type could come to lie under the manifest of another."""
    collection = write_collection(tmp_path / "c.jsonl", 3)
    (tmp_path / "E").mkdir()
    with (
        FileLock(tmp_path / "E" / ".lock"),
        pytest.raises(TasbError, match="another process is writing into it"),
    ):
        encode_collection(
            collection, tmp_path / "E", encoder, dtype="fp16", progress=False
        )
    assert [path.name for path in (tmp_path / "E").iterdir()] in ([], [".lock"])
