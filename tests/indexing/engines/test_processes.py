"""Several processes make the bytes of one, and a killed one costs its shard."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.encode import encode_collection
from tasb_pyserini.indexing.engines.processes import encode_in_processes
from tasb_pyserini.indexing.engines.worker import EncoderSource, Work
from tasb_pyserini.indexing.shards import missing_shards, open_vectors
from tests.formats.processes import child
from tests.indexing.engines.work import encode_plainly, shard_bytes, write_collection


def test_what_one_process_began_two_end_with_the_same_bytes(
    source: EncoderSource, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 95)
    expected = encode_plainly(collection, tmp_path / "plain", source, 10)
    encode_plainly(collection, tmp_path / "E", source, 10)
    for number in (0, 3, 4, 5, 6, 9):
        (tmp_path / "E" / f"{number:05}.npy").unlink()
    encode_collection(
        collection,
        tmp_path / "E",
        source.load(),
        shard_size=10,
        engine=partial(encode_in_processes, source=source, devices=["cpu"] * 2),
        progress=False,
    )
    assert shard_bytes(tmp_path / "E") == expected


@pytest.mark.parametrize("before", ["", "import torch; "])
def test_a_worker_limits_pytorch_too(before: str) -> None:
    code = f"""
{before}from tasb_pyserini.indexing.engines.processes import _limit_threads
_limit_threads(1)
import torch
print(torch.get_num_threads())
"""
    environ = {key: of for key, of in os.environ.items() if key != "OMP_NUM_THREADS"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout == "1\n"


def test_a_killed_worker_is_one_line_and_its_shards_alone_are_left_to_do(
    source: EncoderSource, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 3_000)
    encoder = source.load()
    manifest = encode_collection(
        collection, tmp_path / "plain", encoder, shard_size=20, progress=False
    )
    work = Work(collection, tmp_path / "E", manifest)
    open_vectors(work.output, manifest, encoder.spec)
    engine = partial(encode_in_processes, source=source, devices=["cpu"] * 2)
    running = engine(work, range(manifest.shards))
    done = {next(running)}
    killed = multiprocessing.active_children()[0].pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    with pytest.raises(TasbError, match="a worker process ended without a word"):
        done.update(running)
    left = missing_shards(work.output, manifest)
    assert left
    assert done.isdisjoint(left)
    assert not multiprocessing.active_children()
    plain = shard_bytes(tmp_path / "plain")
    for name, content in shard_bytes(work.output).items():
        assert name.endswith(".docid") or content == plain[name]


def test_an_interrupt_of_the_parent_alone_ends_workers_in_the_midst_of_a_shard(
    source: EncoderSource, tmp_path: Path
) -> None:
    code = """
import signal, sys
from pathlib import Path
from tasb_pyserini.indexing.engines.processes import encode_in_processes
from tasb_pyserini.indexing.engines.worker import EncoderSource, Work
from tasb_pyserini.indexing.shards import Manifest, open_vectors
signal.signal(signal.SIGINT, signal.default_int_handler)
name, collection, output = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
source = EncoderSource(name, device="cpu")
of = source.identify()
manifest = Manifest(
    passages=40, fingerprint="", shard_size=10, passage_max_length=200,
    backend=of.backend, arithmetic=of.arithmetic,
)
open_vectors(output, manifest, of.spec)
work = Work(collection, output, manifest)
try:
    list(encode_in_processes(work, range(4), source=source, devices=["cpu"] * 2))
except KeyboardInterrupt:
    print("interrupted")
"""
    collection = tmp_path / "c.jsonl"
    os.mkfifo(collection)  # what is read from it never ends
    process = child(code, source.name, str(collection), str(tmp_path / "E"))
    writer = os.open(collection, os.O_WRONLY)  # once a worker reads
    process.send_signal(signal.SIGINT)
    try:
        assert process.communicate(timeout=60)[0] == "interrupted\n"
    finally:
        process.kill()
        os.close(writer)


@pytest.mark.slow
def test_killed_as_a_whole_no_process_stays_and_any_engine_goes_on(
    source: EncoderSource, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 20_000)
    output = tmp_path / "E"
    command = [sys.executable, "-m", "tasb_pyserini", "encode"]
    command += ["--corpus", f"{collection}", "--encoder", source.name]
    command += ["--device", "cpu", "--shard-size", "100", "--embeddings"]
    process = subprocess.Popen([*command, f"{output}", "--processes", "2"])
    deadline = time.monotonic() + 120
    while len(list(output.glob("0*.npy"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    assert len(children.split()) >= 2
    process.kill()
    assert process.wait() == -signal.SIGKILL
    left = [Path("/proc", pid) for pid in children.split()]
    while any(map(is_alive, left)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(is_alive, left))
    done = {path: path.stat().st_mtime_ns for path in output.glob("0*.npy")}
    assert 3 <= len(done) < 200
    subprocess.run([*command, f"{output}"], check=True)
    assert {path: path.stat().st_mtime_ns for path in done} == done
    plain = tmp_path / "plain"
    subprocess.run([*command, f"{plain}"], check=True)
    assert shard_bytes(output) == shard_bytes(plain)


def is_alive(process: Path) -> bool:
    """Tell whether it runs; one that ended and that nobody waits for does not."""
    try:
        state = (process / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
