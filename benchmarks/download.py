"""Downloading beside curl and beside the hash alone.

A process of its own serves one file of random bytes on the loopback interface, with
ranges. By turns: ``curl`` writes it, a loop hashes the file that lies there, and
`download` fetches it with that hash checked, over one connection and over several.
`download` also brings its file onto the disk, which curl does not; ``dd`` shows what
the disk takes. Medians; the promise: 0.8 of the slower of curl and the hash alone.
"""

import argparse
import hashlib
import multiprocessing
import os
import random
import re
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

from figures import seconds
from results_file import at_least, print_promises, write_results
from scratch import made_folder

from tasb_pyserini.prebuilt.download.download import CONNECTIONS, download

SHARE = 0.8
BLOCK = 1 << 20


def serve(path: Path, ports: "SimpleQueue[int]") -> None:
    """Serve one file as fast as the machine can."""
    size = path.stat().st_size

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
            start = int(asked[1]) if asked else 0
            stop = min(int(asked[2]) + 1, size) if asked and asked[2] else size
            self.send_response(206 if asked else 200)
            if asked:
                self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{size}")
            self.send_header("Content-Length", str(stop - start))
            self.send_header("ETag", f'"{size}"')
            self.end_headers()
            out = self.connection.fileno()
            with path.open("rb") as file:
                while start < stop:
                    count = min(stop - start, BLOCK)
                    start += os.sendfile(out, file.fileno(), start, count)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ports.put(server.server_port)
    server.serve_forever()


def write_random(path: Path, size: int) -> None:
    """Write `size` random bytes."""
    draw = random.Random(1)
    with path.open("wb") as file:
        for start in range(0, size, BLOCK):
            file.write(draw.randbytes(min(BLOCK, size - start)))


def hash_alone(path: Path, algorithm: str) -> str:
    """Return the digest of a file, read as `download` reads it."""
    running, block = hashlib.new(algorithm), bytearray(BLOCK)
    with path.open("rb", buffering=0) as file:
        while read := file.readinto(block):
            running.update(memoryview(block)[:read])
    return running.hexdigest()


def by_turns(url: str, served: Path, algorithm: str, rounds: int) -> dict[str, float]:
    """Return the median MB/s of each way."""
    folder, size = served.parent, served.stat().st_size
    digests = {algorithm: hash_alone(served, algorithm)}

    def ours(connections: int) -> None:
        target = folder / "ours"
        arguments: dict[str, Any] = {"size": size, "digests": digests}
        download([url], target, connections=connections, progress=False, **arguments)

    def curl() -> None:
        output = ["--output", f"{folder / 'curl'}"]
        subprocess.run(["curl", "--silent", "--fail", *output, url], check=True)

    def disk() -> None:
        words = [f"if={served}", f"of={folder / 'dd'}", "bs=1M", "conv=fsync"]
        subprocess.run(["dd", *words, "status=none"], check=True)

    ways: dict[str, Callable[[], object]] = {
        "curl": curl,
        "hash": lambda: hash_alone(served, algorithm),
        "disk": disk,
        "one": lambda: ours(1),
        "several": lambda: ours(CONNECTIONS),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, call in ways.items():
            for written in ("curl", "dd", "ours"):
                (folder / written).unlink(missing_ok=True)
            taken[name].append(seconds(call))
    return {
        name: size / 1e6 / statistics.median(times) for name, times in taken.items()
    }


def measure(
    megabytes: int, rounds: int, scratch: Path | None
) -> dict[str, dict[str, float]]:
    """Return the rates by digest."""
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        served = Path(name) / "served"
        write_random(served, megabytes << 20)
        context = multiprocessing.get_context("spawn")
        ports: SimpleQueue[int] = context.SimpleQueue()
        server = context.Process(target=serve, args=(served, ports), daemon=True)
        server.start()
        try:
            url = f"http://127.0.0.1:{ports.get()}/served"
            return {
                algorithm: by_turns(url, served, algorithm, rounds)
                for algorithm in ("md5", "sha256")
            }
        finally:
            server.terminate()
            server.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=2048, help="of the file")
    parser.add_argument("--rounds", type=int, default=5, help="medians of so many")
    parser.add_argument(
        "--scratch", type=made_folder, help="where four such files may be put"
    )
    parser.add_argument("--json", type=Path, help="results/download.json else")
    args = parser.parse_args()
    rates = measure(args.megabytes, args.rounds, args.scratch)
    names = ("curl", "hash", "disk", "one", "several")
    promises = []
    for algorithm, row in rates.items():
        print(
            algorithm, *(f"{name} {row[name]:.0f}" for name in names), "MB/s", sep="  "
        )
        slower = min(row["curl"], row["hash"])
        for name in ("one", "several"):
            what = f"{algorithm}, {name}: of the slower of curl and hash"
            promises.append(at_least(what, SHARE, row[name] / slower, ""))
    print_promises(promises)
    write_results(
        "download",
        [
            {"digest": algorithm, **{f"{name}, MB/s": row[name] for name in names}}
            for algorithm, row in rates.items()
        ],
        promises,
        settings={
            "megabytes": args.megabytes,
            "rounds": args.rounds,
            "several connections": CONNECTIONS,
        },
        libraries=["requests", "urllib3"],
        path=args.json,
    )


if __name__ == "__main__":
    main()
