import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from urllib.request import urlopen

import pytest

from tasb_pyserini.bindings.offline import (
    PREFIX,
    Catalogues,
    bundled_catalogue,
    served_catalogues,
)
from tasb_pyserini.prebuilt.cache import cache_home

INVERTED = "abc123/lucene/msmarco-v1-passage-inverted.json"
IMPACT = "abc123/lucene/msmarco-v1-passage-impact.json"


class GitHub(ThreadingHTTPServer):
    """A server of catalogues that counts what it is asked for."""

    answers: dict[str, tuple[int, bytes]]
    asked: Counter[str]

    @property
    def prefix(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    server: GitHub

    def do_GET(self) -> None:
        path = self.path[1:]
        self.server.asked[path] += 1
        status, content = self.server.answers.get(path, (404, b"not here"))
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *ignored: object) -> None:
        pass


@pytest.fixture
def github() -> Iterator[GitHub]:
    server = GitHub(("127.0.0.1", 0), Handler)
    server.answers, server.asked = {}, Counter()
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def read(catalogues: Catalogues, path: str) -> object:
    with catalogues.urlopen(catalogues.prefix + path, timeout=2) as response:
        return json.load(response)


def test_a_catalogue_is_fetched_once_and_kept(github: GitHub, tmp_path: Path) -> None:
    github.answers[INVERTED] = (200, '[{"name": "ünï"}]'.encode())
    for _ in range(2):
        catalogues = Catalogues(urlopen, tmp_path, github.prefix)
        assert read(catalogues, INVERTED) == [{"name": "ünï"}]
    assert github.asked == {INVERTED: 1}
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [tmp_path / INVERTED]


def test_a_copy_serves_without_a_network(tmp_path: Path) -> None:
    (tmp_path / INVERTED).parent.mkdir(parents=True)
    (tmp_path / INVERTED).write_text('[{"name": "kept"}]')
    catalogues = Catalogues(urlopen, tmp_path, "http://127.0.0.1:9/")
    assert read(catalogues, INVERTED) == [{"name": "kept"}]


def test_without_a_network_one_attempt_is_made(tmp_path: Path) -> None:
    attempts = []

    def refuse(url: str, timeout: float) -> None:
        attempts.append(url)
        raise TimeoutError("timed out")

    catalogues = Catalogues(refuse, tmp_path)
    with pytest.warns(UserWarning, match="impact.json could not be read .timed out"):
        assert read(catalogues, IMPACT) == json.loads(
            bundled_catalogue("lucene", "msmarco-v1-passage-impact.json")
        )
    assert read(catalogues, INVERTED) == []
    assert read(catalogues, "abc123/faiss/msmarco-faiss.json") == {}
    assert attempts == [PREFIX + IMPACT]
    assert list(tmp_path.iterdir()) == []


def test_a_missing_catalogue_does_not_mean_that_there_is_no_network(
    github: GitHub, tmp_path: Path
) -> None:
    github.answers[INVERTED] = (200, b"[]")
    catalogues = Catalogues(urlopen, tmp_path, github.prefix)
    with pytest.warns(UserWarning, match="HTTP Error 404"):
        read(catalogues, IMPACT)
    read(catalogues, INVERTED)
    assert github.asked == {IMPACT: 1, INVERTED: 1}


def test_the_log_in_page_of_a_network_is_not_kept(
    github: GitHub, tmp_path: Path
) -> None:
    github.answers[INVERTED] = (200, b"<html>Welcome to the airport</html>")
    catalogues = Catalogues(urlopen, tmp_path, github.prefix)
    with pytest.warns(UserWarning, match="could not be read"):
        assert read(catalogues, INVERTED) == []
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written_to_is_done_without(
    github: GitHub, tmp_path: Path
) -> None:
    github.answers[INVERTED] = (200, b'[{"name": "new"}]')
    (tmp_path / "abc123").write_text("a file where a folder should be")
    catalogues = Catalogues(urlopen, tmp_path, github.prefix)
    assert read(catalogues, INVERTED) == [{"name": "new"}]


@pytest.mark.parametrize(
    "path", ["other.txt", "abc123/lucene/../../x.json", "abc123/faiss/a/b.json"]
)
def test_other_urls_are_passed_on(github: GitHub, tmp_path: Path, path: str) -> None:
    github.answers[path] = (200, b"[1]")
    catalogues = Catalogues(urlopen, tmp_path, github.prefix)
    assert read(catalogues, path) == [1]
    assert list(tmp_path.iterdir()) == []


def test_urllib_is_as_before_once_the_module_is_imported(tmp_path: Path) -> None:
    import urllib.request

    before = urllib.request.urlopen
    module = SimpleNamespace(catalogue=SimpleNamespace(_info={"few": 1}))
    environ = {"PYSERINI_CACHE": str(tmp_path)}
    with served_catalogues(module, environ):
        during = urllib.request.urlopen
        # No network is used, so no warning either.
        assert json.load(during(PREFIX + INVERTED, timeout=10)) == []
    assert during is not before
    assert urllib.request.urlopen is before
    assert module.catalogue._info is None


def test_the_cache_is_where_pyserini_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_home({}) == tmp_path / "home" / ".cache" / "pyserini"
    (tmp_path / ".cache").mkdir()
    assert cache_home({"PYSERINI_CACHE": ""}) == tmp_path / ".cache" / "pyserini"
    assert cache_home({"PYSERINI_CACHE": "/mine"}) == Path("/mine")


def test_what_pyserini_looks_up_while_it_is_imported_is_bundled() -> None:
    for catalogue, name in (
        ("msmarco-v1-passage-impact.json", "msmarco-v1-passage.unicoil"),
        ("msmarco-v2-passage-impact.json", "msmarco-v2-passage.unicoil-0shot"),
    ):
        entries = json.loads(bundled_catalogue("lucene", catalogue))
        assert [entry["name"] for entry in entries] == [name]
        assert set(entries[0]) >= {"description", "filename", "urls", "md5", "size"}
