"""The cache: Pyserini's places, so that both find each other's files."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.cache import (
    entry_folder,
    find_cached,
    is_archive,
    shared_caches,
)
from tasb_pyserini.prebuilt.entry import Prebuilt, RemoteFile
from tasb_pyserini.prebuilt.fetch import fetch
from tests.prebuilt.entries import INDEX, contents, entry, lucene, remote
from tests.prebuilt.server import FileServer


def file(name: str, **more: Any) -> RemoteFile:
    return RemoteFile(filename=name, urls=(f"http://localhost/{name}",), **more)


MD5 = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("known", "folder"),
    [
        (entry("i", "faiss", file("f.x.1.tar.gz", md5=MD5)), f"indexes/f.x.1.{MD5}"),
        (entry("i", "lucene", file("l.tar.gz", md5=MD5)), f"indexes/l.{MD5}"),
        (entry("q", "encoded-queries", file("q.tar.gz", md5=MD5)), f"queries/q.{MD5}"),
        (entry("t", "topics", file("t.tsv", md5=MD5)), f"tasb/topics/t.{MD5}"),
        (entry("r", "qrels", file("r.txt")), "tasb/qrels/r"),
        (
            entry("c", "collection", file("c.tar.gz", md5=MD5)),
            f"tasb/collection/c.{MD5}",
        ),
        (
            entry("s", "teacher-scores", file("a.tsv", md5=MD5), file("b.tsv")),
            "tasb/teacher-scores/s",
        ),
    ],
)
def test_each_kind_has_its_place(known: Prebuilt, folder: str) -> None:
    assert entry_folder(Path("cache"), known) == Path("cache") / folder


def test_an_archive_among_other_files_is_refused() -> None:
    mixed = entry("m", "collection", file("a.tar.gz"), file("b.tsv"))
    with pytest.raises(TasbError, match="m: the catalogue lists 2 files, some of them"):
        is_archive(mixed)


def test_shared_caches_come_in_their_order() -> None:
    assert shared_caches({"TASB_SHARED_CACHE": "/b::/a"}) == [Path("/b"), Path("/a")]
    assert shared_caches({}) == []


def test_the_own_cache_counts_before_shared_ones_and_those_in_order(
    tmp_path: Path,
) -> None:
    known = entry("i", "lucene", file("i.tar.gz", md5=MD5))
    environ = {
        "PYSERINI_CACHE": str(tmp_path / "own"),
        "TASB_SHARED_CACHE": f"{tmp_path / 'first'}:{tmp_path / 'second'}",
    }
    assert find_cached(known, environ) is None
    for cache in ("second", "first", "own"):
        folder = tmp_path / cache / "indexes" / f"i.{MD5}"
        folder.mkdir(parents=True)
        assert find_cached(known, environ) == folder


def test_what_pyserini_1_has_in_the_home_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Pyserini 2 prefers .cache in the current folder, which Pyserini 1 does not know.
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".cache").mkdir()
    known = entry("i", "lucene", file("i.tar.gz", md5=MD5))
    folder = tmp_path / "home" / ".cache" / "pyserini" / "indexes" / f"i.{MD5}"
    folder.mkdir(parents=True)
    assert find_cached(known, {}) == folder


@pytest.fixture
def pyserini(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SimpleNamespace:
    """Pyserini's own functions, with the test's cache."""
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path / "cache"))
    from pyserini import encoded_query_info, prebuilt_index_info, util

    return SimpleNamespace(
        util=util,
        indexes=prebuilt_index_info.TF_INDEX_INFO,
        queries=encoded_query_info.QUERY_INFO,
    )


def pyserini_entry(known: Prebuilt) -> dict[str, Any]:
    (file,) = known.files
    size = {"size": file.size, "size compressed (bytes)": file.size}
    return {
        "filename": file.filename,
        "urls": list(file.urls),
        "md5": file.md5,
        "downloaded": False,
        **size,
    }


@pytest.mark.pyserini
def test_pyserini_finds_what_we_fetched(
    server: FileServer,
    pyserini: SimpleNamespace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = lucene(server)
    if not isinstance(pyserini.indexes, dict):
        pytest.skip("Pyserini 2 lists indexes in a mapping that can't be added to")
    monkeypatch.setitem(pyserini.indexes, "mini", pyserini_entry(known))
    assert not pyserini.util.check_downloaded("mini")
    path = fetch(known, {"PYSERINI_CACHE": str(tmp_path / "cache")}, progress=False)
    assert pyserini.util.check_downloaded("mini")
    asked = len(server.requests)
    assert pyserini.util.download_prebuilt_index("mini", verbose=False) == str(path)
    assert len(server.requests) == asked
    assert contents(path) == INDEX


@pytest.mark.pyserini
@pytest.mark.parametrize("kind", ["lucene", "encoded-queries"])
def test_we_find_what_pyserini_fetched(
    kind: str,
    server: FileServer,
    pyserini: SimpleNamespace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = lucene(server)
    if not isinstance(pyserini.indexes, dict):
        pytest.skip("Pyserini 2 lists indexes in a mapping that can't be added to")
    if kind == "lucene":
        monkeypatch.setitem(pyserini.indexes, "mini", pyserini_entry(known))
        path = pyserini.util.download_prebuilt_index("mini", verbose=False)
    else:
        known = entry("mini", "encoded-queries", *known.files)
        monkeypatch.setitem(pyserini.queries, "mini", pyserini_entry(known))
        path = pyserini.util.download_encoded_queries("mini", verbose=False)
    asked = len(server.requests)
    environ = {"PYSERINI_CACHE": str(tmp_path / "cache"), "TASB_OFFLINE": "1"}
    assert fetch(known, environ) == Path(path)
    assert len(server.requests) == asked


def test_ours_and_pyserinis_files_do_not_mix(
    server: FileServer, tmp_path: Path
) -> None:
    topics = entry("t", "topics", remote(server, "t.tsv", b"1\tquery\n"))
    environ = {"PYSERINI_CACHE": str(tmp_path)}
    fetch(lucene(server), environ, progress=False)
    path = fetch(topics, environ, progress=False)
    assert path.read_bytes() == b"1\tquery\n"
    assert path.is_relative_to(tmp_path / "tasb")
    visible = [path.name for path in (tmp_path / "indexes").glob("[!.]*")]
    assert visible == [lucene(server).folder_name]
