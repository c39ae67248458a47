"""Vectors on disk are what was given, in the type that was asked for."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.indexing.shards import (
    Manifest,
    missing_shards,
    open_vectors,
    read_manifest,
    read_shards,
    write_shard,
)

SPEC = EncoderSpec(checkpoint="x", dimension=8)
MANIFEST = Manifest(
    passages=5,
    fingerprint="f",
    shard_size=3,
    passage_max_length=200,
    backend="torch",
    dtype="fp16",
    arithmetic="fp32",
)


def test_fp16_on_disk_is_numpys_rounding_of_fp32(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    vectors = rng.normal(scale=100, size=(5, 8)).astype(np.float32)
    # The largest of fp16, its smallest, and what rounds to the largest and to zero.
    vectors[0, :4] = 65504, 6e-8, 65519, 1e-9
    open_vectors(tmp_path, MANIFEST, SPEC)
    write_shard(tmp_path, 0, ["a", "b", "c"], vectors[:3], "fp16")
    assert missing_shards(tmp_path, MANIFEST) == [1]
    write_shard(tmp_path, 1, ["d", "e"], vectors[3:], "fp16")
    docids, shards = zip(*read_shards(tmp_path), strict=True)
    assert docids == (["a", "b", "c"], ["d", "e"])
    assert [shard.dtype for shard in shards] == [np.float16, np.float16]
    np.testing.assert_array_equal(np.concatenate(shards), vectors.astype(np.float16))
    assert (tmp_path / "00000.npy").stat().st_size == 128 + 2 * 3 * 8


def test_what_fp16_cannot_hold_is_refused_and_nothing_written(tmp_path: Path) -> None:
    vectors = np.zeros((3, 8), np.float32)
    vectors[1, 6] = -70_000
    with pytest.raises(TasbError, match=r"passage b: its vector has -70000, beyond"):
        write_shard(tmp_path, 0, ["a", "b", "c"], vectors, "fp16")
    assert list(tmp_path.iterdir()) == []
    write_shard(tmp_path, 0, ["a", "b", "c"], vectors)
    np.testing.assert_array_equal(np.load(tmp_path / "00000.npy"), vectors)


def test_the_manifest_comes_back_as_it_was_written(tmp_path: Path) -> None:
    open_vectors(tmp_path, MANIFEST, SPEC)
    assert read_manifest(tmp_path) == MANIFEST


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (replace(MANIFEST, backend="int8"), "backend: there 'torch', now 'int8'"),
        (replace(MANIFEST, arithmetic="bf16"), "arithmetic: there 'fp32', now 'bf16'"),
        (replace(MANIFEST, dtype="fp32"), "dtype: there 'fp16', now 'fp32'"),
        (replace(MANIFEST, shard_size=4), "shard_size: there 3, now 4"),
    ],
)
def test_other_arithmetic_is_never_put_together(
    changed: Manifest, message: str, tmp_path: Path
) -> None:
    open_vectors(tmp_path, MANIFEST, SPEC)
    with pytest.raises(TasbError, match=message):
        open_vectors(tmp_path, changed, SPEC)
    assert read_manifest(tmp_path) == MANIFEST


def test_a_folder_from_before_arithmetic_was_recorded_goes_on(tmp_path: Path) -> None:
    open_vectors(tmp_path, MANIFEST, SPEC)
    path = tmp_path / "manifest.json"
    old = json.loads(path.read_text())
    del old["arithmetic"]
    path.write_text(json.dumps(old))
    open_vectors(tmp_path, MANIFEST, SPEC)
    with pytest.raises(TasbError, match="backend: there 'torch', now 'int8'"):
        open_vectors(tmp_path, replace(MANIFEST, backend="int8"), SPEC)


@pytest.mark.parametrize(
    ("array", "there"),
    [
        (np.ones(2, np.float16), "float16, shape (2,)"),
        (np.ones((2, 5), np.float16), "float16, shape (2, 5)"),
        (np.ones((3, 8), np.float16), "float16, shape (3, 8)"),
        (np.ones((2, 8), np.float32), "float32, shape (2, 8)"),
        (np.full((2, 8), "x"), "<U1, shape (2, 8)"),
    ],
)
def test_other_arrays_are_named(
    tmp_path: Path, array: NDArray[Any], there: str
) -> None:
    open_vectors(tmp_path, replace(MANIFEST, passages=2), SPEC)
    (tmp_path / "00000.docid").write_text("a\nb\n")
    np.save(tmp_path / "00000.npy", array)
    with pytest.raises(InputError) as caught:
        list(read_shards(tmp_path))
    assert str(caught.value) == (
        f"{tmp_path}/00000.npy: an array of {there}; expected 2 vectors of 8 numbers, "
        "fp16; delete it and run the command that made it again"
    )


@pytest.mark.parametrize(
    "content",
    ["a\nb", "a\n", "a\nb\nc\n", "a\n\n", "a\nb c\n", "a\nb\0\n", "a\n\xe9\n"],
)
def test_damaged_ids_are_named(tmp_path: Path, content: str) -> None:
    open_vectors(tmp_path, replace(MANIFEST, passages=2), SPEC)
    (tmp_path / "00000.docid").write_bytes(content.encode("latin-1"))
    np.save(tmp_path / "00000.npy", np.ones((2, 8), np.float16))
    with pytest.raises(
        InputError, match=r"00000\.docid: .*; expected 2 lines of an id"
    ):
        list(read_shards(tmp_path))


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("passages", "5", 'passages is "5"'),
        ("passages", -1, "passages is -1"),
        ("shard_size", 0, "shard_size is 0"),
        ("dtype", "fp8", 'dtype is "fp8"'),
    ],
)
def test_a_damaged_manifest_is_named(
    tmp_path: Path, key: str, value: object, problem: str
) -> None:
    open_vectors(tmp_path, MANIFEST, SPEC)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(InputError) as caught:
        read_manifest(tmp_path)
    assert str(caught.value).startswith(f"{path}: {problem}; expected what 'tasb enc")


@pytest.mark.parametrize("wild", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused_and_nothing_written(
    tmp_path: Path, wild: float
) -> None:
    vectors = np.zeros((3, 8), np.float32)
    vectors[2, 1] = wild
    with pytest.raises(TasbError, match="the vector of c holds NaN or infinity"):
        write_shard(tmp_path, 0, ["a", "b", "c"], vectors)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("00001.npy", b"", "not an array"),
        ("00001.npy", b"\x93NUMPY\x01\x00v\x00{'descr'", "not an array"),
        ("00001.docid", b"d\n", "1 lines"),
        ("00001.docid", b"d\n\xff\n", "not UTF-8"),
        ("00001.docid", None, "no such file"),
    ],
)
def test_a_damaged_shard_is_named_with_what_makes_it_anew(
    name: str, content: bytes | None, problem: str, tmp_path: Path
) -> None:
    open_vectors(tmp_path, MANIFEST, SPEC)
    vectors = np.ones((5, 8), np.float32)
    write_shard(tmp_path, 0, ["a", "b", "c"], vectors[:3], "fp16")
    write_shard(tmp_path, 1, ["d", "e"], vectors[3:], "fp16")
    path = tmp_path / name
    path.unlink() if content is None else path.write_bytes(content)
    what = "it" if name.endswith("npy") else ".*/00001.npy"
    with pytest.raises(
        TasbError, match=f"{name}: {problem}; .*; delete {what} and run"
    ):
        list(read_shards(tmp_path))
    (tmp_path / "00001.npy").unlink()
    assert missing_shards(tmp_path, MANIFEST) == [1]
    write_shard(tmp_path, 1, ["d", "e"], vectors[3:], "fp16")
    assert [docids for docids, _ in read_shards(tmp_path)][1] == ["d", "e"]


def test_a_run_killed_at_its_very_start_goes_on(tmp_path: Path) -> None:
    SPEC.write(tmp_path)
    (tmp_path / ".manifest.json.x1y2").write_text("{")
    open_vectors(tmp_path, MANIFEST, SPEC)
    assert read_manifest(tmp_path) == MANIFEST
