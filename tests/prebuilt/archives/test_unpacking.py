"""unpack: honest archives come out as they went in."""

import io
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasb_pyserini.prebuilt.archives.unpacking import unpack
from tasb_pyserini.prebuilt.entry import ArchiveKind
from tests.prebuilt.archives.hostile import KINDS, around, pack_tree, tar


def test_rights_are_those_of_new_files_but_for_execution(tmp_path: Path) -> None:
    source = tar(
        ("suid", {"mode": 0o6777}), ("none", {"mode": 0}), ("plain", {"mode": 0o666})
    )
    unpack(io.BytesIO(source), "tar", tmp_path / "out", most_bytes=None)
    new = tmp_path / "new"
    new.touch()
    usual = stat.S_IMODE(new.stat().st_mode)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in around(tmp_path / "out")
    }
    assert modes["none"] == modes["plain"] == usual
    assert modes["suid"] & 0o7100 == 0o100


def test_the_record_has_bytes_and_checksum_of_each_file(tmp_path: Path) -> None:
    # CRC-32 of "123456789" is the check value of its definition.
    source = io.BytesIO(tar(("a/b", b"123456789"), ("a/c", b"")))
    record = unpack(source, "tar", tmp_path / "out", most_bytes=9)
    assert record == {"a/b": (9, 0xCBF43926), "a/c": (0, 0)}


NAMES = st.text("ab.é -", min_size=1, max_size=3).filter(
    lambda name: name not in (".", "..")
)
TREES: st.SearchStrategy[Any] = st.recursive(
    st.binary(max_size=2000),
    lambda children: st.dictionaries(NAMES, children, max_size=3),
    max_leaves=5,
)


def build(path: Path, tree: Any) -> None:
    if isinstance(tree, bytes):
        path.write_bytes(tree)
    else:
        path.mkdir()
        for name, child in tree.items():
            build(path / name, child)


def read(path: Path) -> Any:
    if path.is_dir():
        return {child.name: read(child) for child in path.iterdir()}
    return path.read_bytes()


@given(st.dictionaries(NAMES, TREES, max_size=3))
@settings(max_examples=15)
@pytest.mark.parametrize("kind", KINDS)
def test_any_tree_comes_out_as_it_went_in(kind: ArchiveKind, tree: Any) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder / "in", tree)
        packed = io.BytesIO(pack_tree(folder / "in", kind))
        unpack(packed, kind, folder / "out", most_bytes=None)
        assert read(folder / "out") == tree


@pytest.mark.parametrize("kind", KINDS)
def test_links_within_the_folder_are_kept(kind: ArchiveKind, tmp_path: Path) -> None:
    inside = tmp_path / "in" / "top" / "d"
    inside.mkdir(parents=True)
    (inside / "f").write_text("text")
    (inside.parent / "soft").symlink_to("d/f")
    (inside / "folder").symlink_to("../d")
    if kind != "zip":
        (inside.parent / "hard").hardlink_to(inside / "f")
    packed = io.BytesIO(pack_tree(tmp_path / "in", kind))
    unpack(packed, kind, tmp_path / "out", most_bytes=4)
    out = tmp_path / "out" / "top"
    assert (out / "soft").readlink() == Path("d/f")
    assert (out / "d" / "folder" / "f").read_text() == "text"
    if kind != "zip":
        assert (out / "hard").samefile(out / "d" / "f")
