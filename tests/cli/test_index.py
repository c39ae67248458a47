"""``tasb index`` builds what is asked for and says what it is."""

import contextlib
import json
from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.cli.main import main
from tests.indexing.vectors import uneven_vectors, write_vectors

faiss = pytest.importorskip("faiss")


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    write_vectors(tmp_path / "E", uneven_vectors(1000, 32), shard_size=300)
    return ["index", "--input", str(tmp_path / "E"), "--output", str(tmp_path / "I")]


def test_json_tells_kind_bytes_seconds_and_why(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """1,000 x 32: 128,000 bytes in fp32, 64,000 in fp16, both beyond 40K."""
    assert main([*words, "--kind", "auto", "--memory", "40K", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["kind"], report["passages"]) == ("int8", 1000)
    files = ("index", "docid", "encoder.json")
    assert report["bytes"] == sum((tmp_path / "I" / f).stat().st_size for f in files)
    assert report["seconds"] > 0
    assert report["why"] == (
        "int8: 1,000 x 32 take 32 kB, of 41 kB; "
        "flat would take 128 kB and fp16 would take 64 kB"
    )


def test_the_kind_is_flat_unless_said(words: list[str], tmp_path: Path) -> None:
    assert main(words) == 0
    index = faiss.read_index(str(tmp_path / "I" / "index"))
    assert isinstance(index, faiss.IndexFlatIP)


def test_parameters_reach_the_index(words: list[str], tmp_path: Path) -> None:
    assert main([*words, "--kind", "ivf", "--nlist", "9", "--nprobe", "2"]) == 0
    index = faiss.read_index(str(tmp_path / "I" / "index"))
    assert (index.nlist, index.nprobe, index.ntotal) == (9, 2, 1000)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--M", "8"], "a flat index has no parameter links; expected it with hnsw"),
        (["--memory", "8G"], "--memory is for --kind auto"),
        (["--kind", "lucene-flat", "--M", "8"], "--M is for Faiss indexes"),
        (["--kind", "hnsw", "--M", "1"], "links (--M) 1; expected 2 to 512"),
        (["--kind", "hnsw", "--M", "513"], "links (--M) 513; expected 2 to 512"),
    ],
)
def test_a_mistake_ends_in_one_line(
    words: list[str],
    more: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    assert main([*words, *more]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "I").exists()


@pytest.mark.parametrize("kind", ["flat", "auto", "lucene-flat"])
def test_a_folder_without_vectors_is_one_line(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    for name, missing in (("none", "no such folder"), ("empty", "no ")):
        words = ["--input", f"{tmp_path / name}", "--output", f"{tmp_path / 'I'}"]
        assert main(["index", *words, "--kind", kind]) == 1
        [line] = capsys.readouterr().err.splitlines()
        assert line.startswith(f"tasb index: {tmp_path / name}: {missing}")
        assert line.endswith("; expected a folder of 'tasb encode'")


def test_a_stopped_build_leaves_the_old_index(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tasb_pyserini.indexing import faiss_index

    assert main(words) == 0
    before = (tmp_path / "I" / "index").read_bytes()

    def stop(*arguments: object) -> None:
        raise KeyboardInterrupt

    for name in ("write_codes", "write_refined"):
        monkeypatch.setattr(faiss_index, name, stop)
    for kind in ("fp16", "pq"):
        with contextlib.suppress(KeyboardInterrupt):
            main([*words, "--kind", kind])
        assert (tmp_path / "I" / "index").read_bytes() == before
        assert sorted(path.name for path in tmp_path.glob("[!t]*")) == ["E", "I"]
        assert not list(tmp_path.glob(".I*"))
    np.testing.assert_equal(
        faiss.read_index(str(tmp_path / "I" / "index")).ntotal, 1000
    )
