"""A hub on this machine: what its library asks of it, answered from folders."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

from tests.encoders.hub_cache import REVISION


class Hub(ThreadingHTTPServer):
    """Serves folders by hub id, each with one commit; counts what is asked."""

    def __init__(self, **models: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.models = {f"o/{name}": folder for name, folder in models.items()}
        self.asked: list[str] = []
        self.lost: list[str] = []  # paths that are answered by an error

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def downloads(self) -> list[str]:
        """Return the names of the files that were downloaded until now."""
        gets = [line.split()[1] for line in self.asked if line.startswith("GET /o/")]
        return sorted(path.partition(f"/{REVISION}/")[2] for path in gets)


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    Thread(target=hub.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        if urlsplit(self.path).path in self.server.lost:
            self._send(403, b"", {})
            return
        parts = unquote(urlsplit(self.path).path).strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            self._answer_about("/".join(parts[2:4]), parts[4:])
        else:
            self._send_file("/".join(parts[:2]), "/".join(parts[4:]))

    do_HEAD = do_GET

    def _answer_about(self, model: str, what: list[str]) -> None:
        folder = self.server.models.get(model)
        if folder is None:
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})
            return
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        names = {path: path.relative_to(folder).as_posix() for path in files}
        if what[:1] == ["tree"]:
            answer: object = [
                {"type": "file", "path": name, "size": path.stat().st_size, "oid": "0"}
                for path, name in names.items()
            ]
        else:
            siblings = [{"rfilename": name} for name in names.values()]
            answer = {"id": model, "sha": REVISION, "siblings": siblings}
        self._send(200, json.dumps(answer).encode(), {})

    def _send_file(self, model: str, name: str) -> None:
        path = self.server.models[model] / name
        if path.is_file():
            content = path.read_bytes()
            self._send(200, content, {"ETag": f'"{sha1(content).hexdigest()}"'})
        else:
            self._send(404, b"", {"X-Error-Code": "EntryNotFound"})

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        headers = {"Content-Length": str(len(content)), **headers}
        for name, value in {"X-Repo-Commit": REVISION, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass
