"""fetch: one download, whole or absent, whatever happens on the way."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.download.state import part_path
from tasb_pyserini.prebuilt.fetch import fetch
from tests.formats.disks import small_disk
from tests.prebuilt.archives.hostile import tar, zipped
from tests.prebuilt.entries import (
    INDEX,
    contents,
    entry,
    index_archive,
    lucene,
    random_archive,
    remote,
    unpacked,
)
from tests.prebuilt.fetching import places, start
from tests.prebuilt.server import FileServer


def test_an_index_is_fetched_once_and_then_found_without_a_request(
    server: FileServer, environ: dict[str, str]
) -> None:
    known = lucene(server)
    path = fetch(known, environ, progress=False)
    folder, work = places(known, environ)
    assert path == folder
    assert contents(path) == INDEX
    assert not work.exists()
    assert len(server.requests) == 1
    assert fetch(known, environ | {"TASB_OFFLINE": "1"}) == path
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "tar.zst", "zip"])
def test_every_kind_of_archive_is_unpacked(
    kind: str, server: FileServer, environ: dict[str, str]
) -> None:
    if kind == "zip":
        archive = zipped(("c/d.tsv", b"1\ttext\n", 0o644))
    else:
        archive = tar(("c/d.tsv", b"1\ttext\n"), kind=kind)
    known = entry("c", "collection", remote(server, f"c.{kind}", archive))
    assert contents(fetch(known, environ, progress=False)) == {"d.tsv": b"1\ttext\n"}


def test_an_archive_without_a_top_folder_is_a_folder_too(
    server: FileServer, environ: dict[str, str]
) -> None:
    archive = tar(("a.tsv", b"a"), ("b.tsv", b"b"), kind="tar.gz")
    known = entry("c", "collection", remote(server, "c.tar.gz", archive))
    path = fetch(known, environ, progress=False)
    assert contents(path) == {"a.tsv": b"a", "b.tsv": b"b"}


def test_several_files_are_there_together(
    server: FileServer, environ: dict[str, str]
) -> None:
    files = [remote(server, name, name.encode()) for name in ("a.tsv", "b.tsv.gz")]
    known = entry("s", "teacher-scores", *files)
    server.files["b.tsv.gz"] = b"else"
    with pytest.raises(TasbError, match=r"b\.tsv\.gz"):
        fetch(known, environ, progress=False)
    folder, _ = places(known, environ)
    assert not folder.exists()
    server.files["b.tsv.gz"] = b"b.tsv.gz"
    assert fetch(known, environ, progress=False) == folder
    assert contents(folder) == {"a.tsv": b"a.tsv", "b.tsv.gz": b"b.tsv.gz"}
    asked = [request.path for request in server.requests]
    assert asked.count("/a.tsv") == 1


def test_it_is_unpacked_while_it_comes(
    server: FileServer, environ: dict[str, str], tmp_path: Path
) -> None:
    known = lucene(server, random_archive(1 << 20))
    server.faults.slow = 1 << 20
    process = start(known, environ, tmp_path)
    folder, work = places(known, environ)
    first = work / "contents" / "mini" / "a"
    part = part_path(work / known.files[0].filename)
    while not first.exists():
        assert process.poll() is None
    assert part.exists()  # still on its way
    assert not folder.exists()
    process.communicate(timeout=60)
    assert contents(folder) == unpacked(server.files[known.files[0].filename])


def test_a_wrong_digest_discards_what_was_unpacked(
    server: FileServer, environ: dict[str, str]
) -> None:
    known = lucene(server)
    right = server.files["mini.20260101.tar.gz"]
    server.files["mini.20260101.tar.gz"] = index_archive({"evil": os.urandom(4000)})
    with pytest.raises(TasbError):
        fetch(known, environ, progress=False)
    folder, work = places(known, environ)
    assert not folder.exists()
    assert not (work / "contents").exists()
    server.files["mini.20260101.tar.gz"] = right
    assert contents(fetch(known, environ, progress=False)) == INDEX


def test_a_mirror_with_another_archive_is_left_for_the_next(
    server: FileServer, environ: dict[str, str]
) -> None:
    # As long as the right one, and whole: unpacked before it is known to be wrong.
    right, wrong = (tar(("mini/f", text)) for text in (b"right", b"wrong"))
    urls = (server.url("wrong.tar"), server.url("mini.tar"))
    file = remote(server, "mini.tar", right, urls=urls)
    server.files["wrong.tar"] = wrong
    path = fetch(entry("mini", "lucene", file), environ, progress=False)
    assert contents(path) == {"f": b"right"}


def test_a_hostile_archive_leaves_nothing_and_is_asked_for_anew(
    server: FileServer, environ: dict[str, str], tmp_path: Path
) -> None:
    known = lucene(server, tar(("m/a", b"1"), ("m/../../../evil", b"2"), kind="tar.gz"))
    for _ in range(2):
        with pytest.raises(TasbError, match=r"mini.*\.\./evil' has '\.\.' in its path"):
            fetch(known, environ, progress=False)
        assert [Path(name).suffix for name in contents(tmp_path)] == [".lock"]
    assert len(server.requests) == 2


def test_a_bomb_stops_at_the_size_that_the_catalogue_says(
    server: FileServer, environ: dict[str, str]
) -> None:
    archive = index_archive({"a": bytes(1000)})
    known = lucene(server, archive, unpacked_size=999)
    with pytest.raises(TasbError, match="more than the 999 bytes"):
        fetch(known, environ, progress=False)


def test_offline_says_how_to_get_it_and_asks_nobody(
    server: FileServer, environ: dict[str, str]
) -> None:
    known = lucene(server)
    with pytest.raises(TasbError, match="tasb prebuilt get mini") as error:
        fetch(known, environ | {"TASB_OFFLINE": "1"})
    assert str(places(known, environ)[0]) in str(error.value)
    assert server.requests == []


def test_a_shared_cache_is_used_and_never_written_to(
    server: FileServer, environ: dict[str, str], tmp_path: Path
) -> None:
    known = lucene(server)
    shared = {"PYSERINI_CACHE": str(tmp_path / "shared")}
    path = fetch(known, shared, progress=False)
    shutil.rmtree(path.parent / ".tasb")
    asked = len(server.requests)
    environ |= {"TASB_SHARED_CACHE": str(tmp_path / "shared"), "TASB_OFFLINE": "1"}
    assert fetch(known, environ) == path
    assert len(server.requests) == asked
    assert not (tmp_path / "cache").exists()
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("unpacked_size", "how"),
    [(8008, "8,008 unpacked; free"), (None, "unpacked (an estimate: the catalogue")],
)
def test_a_small_disk_is_noticed_before_anything_is_asked_for(
    unpacked_size: int | None,
    how: str,
    server: FileServer,
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = lucene(server, unpacked_size=unpacked_size)
    size = known.files[0].size
    assert size is not None
    usage = shutil.disk_usage("/")._replace(free=size)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(TasbError, match=f"has {size:,} bytes free") as error:
        fetch(known, environ, progress=False)
    assert how in str(error.value)
    assert server.requests == []


def test_an_archive_that_is_too_large_for_the_disk_is_kept_until_there_is_room(
    server: FileServer, environ: dict[str, str], tmp_path: Path
) -> None:
    files = {"a": bytes(4 << 20), "b": os.urandom(100_000)}
    known = lucene(server, index_archive(files))
    with small_disk(tmp_path / "disk", "1m") as disk:
        environ |= {"PYSERINI_CACHE": str(disk)}
        folder, work = places(known, environ)
        for _ in range(2):
            with pytest.raises(TasbError) as full:
                fetch(known, environ, progress=False)
            assert str(full.value).startswith(f"{folder}: not written: No space left")
            assert not (work / "contents").exists()
        subprocess.run(["mount", "-o", "remount,size=8m", str(disk)], check=True)
        assert contents(fetch(known, environ, progress=False)) == files
        assert not work.exists()
    first, *further = server.ranges
    assert not any(f"{asked}".startswith("bytes=0-") for asked in further), first


def test_a_full_disk_is_told_of_the_entry_not_of_where_it_grows(
    server: FileServer, environ: dict[str, str], tmp_path: Path
) -> None:
    parts = {f"p{number}.tsv": os.urandom(400_000) for number in range(3)}
    remotes = [remote(server, *part, size=None) for part in parts.items()]
    known = entry("plain", "collection", *remotes)
    with small_disk(tmp_path / "disk", "1m") as disk:
        environ |= {"PYSERINI_CACHE": str(disk)}
        with pytest.raises(TasbError) as full:
            fetch(known, environ, progress=False)
        folder = disk / "tasb" / "collection" / "plain"
        assert str(full.value).startswith(f"{folder}: not written: No space left")
        asked = len(server.requests)
        subprocess.run(["mount", "-o", "remount,size=8m", str(disk)], check=True)
        assert contents(fetch(known, environ, progress=False)) == parts
        assert len(server.requests) == asked + 1


def test_a_folder_that_can_not_be_written_is_one_line(
    server: FileServer, environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file where the cache should be")
    with pytest.raises(TasbError, match="not written"):
        fetch(lucene(server), environ, progress=False)
