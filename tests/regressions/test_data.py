"""An input that comes from a URL is there whole or not at all."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tasb_pyserini.prebuilt.download import retry
from tasb_pyserini.regressions.run import run_spec
from tasb_pyserini.regressions.schema import read_spec
from tests.regressions.tiny import QRELS, copying_spec

CONTENT = QRELS.encode()
HALF = CONTENT[: len(CONTENT) // 2]
RESET = struct.pack("ii", 1, 0)
"""Lingering for 0 seconds: a socket so set sends RST where it would send FIN."""


class Server(ThreadingHTTPServer):
    """Has one file, and a fault until that is mended."""

    daemon_threads = True
    fault = ""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of connections that were broken off on purpose."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        fault = self.server.fault
        content = CONTENT.replace(b"d1", b"d9") if fault == "other" else CONTENT
        self.send_response(200)
        if fault == "chunks":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n" % len(CONTENT) + HALF)
            return
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(HALF if fault in ("short", "reset") else content)
        if fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.connection.close()


@contextmanager
def serving() -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("short", "again and again"),
        ("reset", "Connection reset by peer, again and again"),
        ("chunks", "again and again"),
        ("other", "sha256 "),
    ],
)
def test_a_failed_download_is_not_run_and_the_next_call_succeeds(
    data: Path,
    specs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    why: str,
) -> None:
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.001)
    folder = tmp_path / "work" / "copying"
    path = specs / "copying.yaml"
    with serving() as server:
        url = f"http://127.0.0.1:{server.server_port}/qrels.txt"
        text = copying_spec(data).replace(
            "from: tiny/qrels.txt", f"from: none/qrels.txt\n    url: {url}"
        )
        path.write_text(text)
        spec = read_spec(path)
        server.fault = fault
        result = run_spec(spec, tmp_path / "work", data=data)
        assert {verdict.verdict for verdict in result.verdicts} == {"NOT RUN"}
        said = result.verdicts[0].why
        assert said.startswith(
            "no $TASB_DATA/none/qrels.txt, and copying/qrels.txt: not"
        )
        assert f"{url}: " in said
        assert why in said
        assert "\n" not in said
        assert not (folder / "qrels.txt").exists()
        server.fault = ""
        assert run_spec(spec, tmp_path / "work", data=data).passed
    assert [file.name for file in folder.glob("*qrels*")] == ["qrels.txt"]
