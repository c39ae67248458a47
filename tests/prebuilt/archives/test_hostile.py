"""Archives that would do harm, or are damaged, write nothing."""

import io
import os
import stat
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.archives.unpacking import unpack
from tasb_pyserini.prebuilt.entry import ArchiveKind
from tests.prebuilt.archives.hostile import (
    KINDS,
    Member,
    around,
    compressed,
    pack_tree,
    pax_chain,
    tar,
    zipped,
)

TAR_KINDS: tuple[ArchiveKind, ...] = KINDS[:3]


def link(target: str, kind: bytes = tarfile.SYMTYPE) -> dict[str, Any]:
    return {"type": kind, "linkname": target}


def hard(target: str) -> dict[str, Any]:
    return link(target, tarfile.LNKTYPE)


FOLDER = {"type": tarfile.DIRTYPE}

HOSTILE: dict[str, tuple[list[Member], str]] = {
    "absolute": ([("/tmp/evil", b"x")], "'/tmp/evil' has an absolute path"),
    "parent": ([("a/../../evil", b"x")], "'a/../../evil' has '..' in its path"),
    "parent folder": ([("../evil", FOLDER)], "'../evil' has '..' in its path"),
    "link to absolute": ([("l", link("/etc/passwd"))], "'l' is a link to '/etc/pas"),
    "link to parent": ([("a/l", link("../../evil"))], "which leaves the folder"),
    "link out of the top folder": (
        [("a/f", b"x"), ("b", b"y"), ("a/l", link("../b"))],
        "'a/l' is a link to '../b', which leaves the folder",
    ),
    "link through a link": (
        # a/up leads to a; a/up/../.. is then above it, though it does not look so.
        [
            ("a/b/c/f", b""),
            ("a/b/c/up", link("../..")),
            ("a/l", link("b/c/up/../..")),
        ],
        "which leaves the folder",
    ),
    "write through a link": (
        [("l", link(".")), ("l/evil", b"x")],
        "'l' comes twice, or is both a file and a folder",
    ),
    "link that leads to nothing": ([("l", link("none"))], "which leads to nothing"),
    "links in a circle": (
        [("l", link("m")), ("m", link("l"))],
        "which leads to nothing",
    ),
    "hard link to the outside": (
        [("l", hard("/etc/passwd"))],
        "'/etc/passwd' has an absolute path",
    ),
    "hard link to a parent": ([("l", hard("../secret"))], "has '..' in its path"),
    "hard link to nothing": ([("l", hard("none"))], "'none', which is no file"),
    "device": (
        [("null", {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 3})],
        "'null' is neither a file, a folder nor a link",
    ),
    "block device": ([("d", {"type": tarfile.BLKTYPE})], "is neither a file"),
    "fifo": ([("pipe", {"type": tarfile.FIFOTYPE})], "'pipe' is neither a file"),
    "twice": ([("a", b"1"), ("./a", b"2")], "'./a' comes twice"),
    "file and folder": ([("a", b"1"), ("a/b", b"2")], "'a/b' comes twice, or is both"),
    "folder and file": ([("a/b", b"1"), ("a", b"2")], "'a' comes twice, or is both"),
    "file in place of the root": ([(".", b"x")], "'.' comes twice, or is both"),
    "too many bytes": ([("a", bytes(600)), ("b", bytes(500))], "'b' brings more than"),
    "long name": ([("n" * 300, b"x")], "has a name that can't be had here"),
    "deep name": ([("n/" * 3000 + "n", b"x")], "has a name that can't be had here"),
}


@pytest.mark.parametrize("kind", TAR_KINDS)
@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_tar_gets_its_error_and_writes_nothing(
    what: str, kind: ArchiveKind, tmp_path: Path
) -> None:
    members, message = HOSTILE[what]
    (tmp_path / "secret").write_text("s")
    source = tmp_path / f"evil.{kind}"
    source.write_bytes(tar(*members, kind=kind))
    before = around(tmp_path)
    with source.open("rb") as file, pytest.raises(TasbError) as error:
        unpack(file, kind, tmp_path / "into", most_bytes=1000)
    text = str(error.value)
    assert text.startswith(f"evil.{kind}: member ")
    assert message in text
    assert "\n" not in text
    assert around(tmp_path) == before
    assert not Path("/tmp/evil").exists()


@pytest.mark.parametrize("kind", TAR_KINDS)
def test_headers_that_extend_one_another_are_damage(
    kind: ArchiveKind, tmp_path: Path
) -> None:
    source = io.BytesIO(compressed(pax_chain(1_500), kind))
    with pytest.raises(TasbError, match=r"cut short, damaged, or .*fetch it again$"):
        unpack(source, kind, tmp_path / "into", most_bytes=None)
    assert around(tmp_path) == []


HOSTILE_ZIPS = {
    "absolute": (("/tmp/evil", b"x", 0), "has an absolute path"),
    "parent": (("a/../../evil", b"x", 0), "has '..' in its path"),
    "link out": (("l", b"../evil", stat.S_IFLNK | 0o777), "which leaves the folder"),
    "device": (("d", b"", stat.S_IFCHR | 0o666), "is neither a file"),
    "twice": (("first", b"x", 0), "'first' comes twice"),
    "file and folder": (("first/b", b"x", 0), "'first/b' comes twice, or is both"),
    "too many bytes": (("bomb", bytes(5_000_000), 0), "'bomb' brings more than"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("what", HOSTILE_ZIPS)
def test_a_hostile_zip_gets_its_error_and_writes_nothing(
    what: str, tmp_path: Path
) -> None:
    member, message = HOSTILE_ZIPS[what]
    source = io.BytesIO(zipped(("first", b"1", 0o644), member))
    with pytest.raises(TasbError, match=r"the zip archive: member ") as error:
        unpack(source, "zip", tmp_path / "into", most_bytes=1000)
    assert message in str(error.value)
    assert around(tmp_path) == []


def test_a_zip_that_lies_about_its_size_is_counted_not_trusted(tmp_path: Path) -> None:
    # The size of the contents stands in both headers; made small, it deceives a check
    # of sizes before unpacking.
    bomb = zipped(("bomb", bytes(100_000), 0o644))
    lie = bomb.replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lie != bomb
    with pytest.raises(TasbError):
        unpack(io.BytesIO(lie), "zip", tmp_path / "into", most_bytes=1000)
    assert around(tmp_path) == []


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped(("a", b"x", 0o644)))
    content[content.index(b"PK\1\2") + 8] |= 1
    with pytest.raises(TasbError, match="'a' is encrypted"):
        unpack(io.BytesIO(content), "zip", tmp_path / "into", most_bytes=None)


def test_a_sparse_file_is_refused_whatever_size_it_claims(tmp_path: Path) -> None:
    old = {"type": tarfile.GNUTYPE_SPARSE, "size": 0}
    with pytest.raises(TasbError, match="neither a file, a folder nor a link"):
        unpack(io.BytesIO(tar(("s", old))), "tar", tmp_path / "x", most_bytes=None)


def test_a_huge_header_is_not_read_into_memory(tmp_path: Path) -> None:
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 50 << 30
    source = io.BytesIO(header.tobuf(tarfile.GNU_FORMAT) + bytes(5000))
    with pytest.raises(TasbError, match="a header of 53,687,091,200 bytes"):
        unpack(source, "tar", tmp_path / "x", most_bytes=None)


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_cut_anywhere_is_an_error(kind: ArchiveKind, tmp_path: Path) -> None:
    (tmp_path / "in" / "a").mkdir(parents=True)
    for name, length in (("f", 700), ("g", 0), ("h", 512)):
        (tmp_path / "in" / "a" / name).write_bytes(os.urandom(length))
    whole = pack_tree(tmp_path / "in", kind)
    end = len(whole.rstrip(b"\0")) + 512 if kind == "tar" else len(whole)
    cuts = {*range(0, end, 97), *range(0, end, 512), end - 1} - {end}
    for cut in sorted(cuts):
        with pytest.raises(TasbError, match="cut short, damaged, or no"):
            unpack(io.BytesIO(whole[:cut]), kind, tmp_path / "out", most_bytes=None)
        assert not (tmp_path / "out").exists(), cut
    unpack(io.BytesIO(whole), kind, tmp_path / "out", most_bytes=1212)


def test_a_damaged_header_in_the_middle_is_an_error(tmp_path: Path) -> None:
    # tarfile takes it for the end of the archive and says nothing.
    content = bytearray(tar(("a", b"x"), ("b", b"y")))
    content[1024] ^= 1
    with pytest.raises(TasbError, match="bad checksum"):
        unpack(io.BytesIO(content), "tar", tmp_path / "out", most_bytes=None)


def test_a_damaged_map_of_a_sparse_file_is_an_error(tmp_path: Path) -> None:
    sparse = {"pax_headers": {"GNU.sparse.map": "0,x", "GNU.sparse.size": "5"}}
    with pytest.raises(TasbError, match=r"damaged, .*invalid literal for int"):
        unpack(io.BytesIO(tar(("s", sparse))), "tar", tmp_path / "x", most_bytes=None)
    assert around(tmp_path) == []


def test_damaged_lzma_in_a_zip_is_an_error(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a", b"text " * 100)
    content = bytearray(buffer.getvalue())
    # A local header of 30 bytes, the name, LZMA's own header of 9, and a first byte 0.
    content[30 + 1 + 9] = 0xFF
    with pytest.raises(TasbError, match=r"damaged, .*Corrupt input data"):
        unpack(io.BytesIO(content), "zip", tmp_path / "x", most_bytes=None)


def test_a_damaged_name_in_a_zip_is_an_error(tmp_path: Path) -> None:
    content = zipped(("é", b"x", 0o644)).replace("é".encode(), b"\xff\xff")
    with pytest.raises(TasbError, match=r"damaged, .*can't decode byte 0xff"):
        unpack(io.BytesIO(content), "zip", tmp_path / "x", most_bytes=None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_web_page_is_no_archive(kind: ArchiveKind, tmp_path: Path) -> None:
    page = io.BytesIO(b"<html>Please log in</html>" * 50)
    with pytest.raises(TasbError, match=f"no {kind} archive"):
        unpack(page, kind, tmp_path / "out", most_bytes=None)


@pytest.mark.parametrize("kind", ["tar.gz", "tar.zst"])
def test_what_follows_the_end_without_end_is_refused(
    kind: ArchiveKind, tmp_path: Path
) -> None:
    bomb = compressed(tar(("a", b"x")) + bytes(70 << 20), kind)
    with pytest.raises(TasbError, match="data after its end"):
        unpack(io.BytesIO(bomb), kind, tmp_path / "out", most_bytes=None)
