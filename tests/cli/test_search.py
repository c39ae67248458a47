"""``tasb search``: feedback, several folders as one, and mistakes in one line."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tasb_pyserini.bindings.faiss_library import describe_faiss
from tasb_pyserini.cli.main import main
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.runs import read_run
from tasb_pyserini.indexing.lucene_dense import build_lucene_dense
from tasb_pyserini.search import dense
from tests.bindings.conftest import PASSAGES, QUERIES
from tests.checkpoints import make_checkpoint
from tests.prebuilt.small_indexes import encoded_queries_archive

faiss = pytest.importorskip("faiss")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of all passages, of two halves, topics and a model."""
    folder = tmp_path_factory.mktemp("search")
    make_checkpoint(folder / "model")
    ids = list(PASSAGES)
    for name, part in ("I", ids), ("left", ids[:2]), ("right", ids[2:]):
        lines = [
            json.dumps({"id": docid, "contents": PASSAGES[docid]}) for docid in part
        ]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
        words = [
            "--corpus",
            folder / f"{name}.jsonl",
            "--embeddings",
            folder / f"E-{name}",
        ]
        words += ["--encoder", f"tasb:{folder / 'model'}", "--device", "cpu"]
        assert main(["encode", *map(str, words)]) == 0
        words = ["--input", folder / f"E-{name}", "--output", folder / name]
        assert main(["index", *map(str, words)]) == 0
    rows = "".join(f"{qid}\t{query}\n" for qid, query in QUERIES.items())
    (folder / "topics.tsv").write_text(rows)
    return folder


def search(
    built: Path, output: Path, *words: str, index: tuple[str, ...] = ("I",)
) -> int:
    source = (
        [] if "--encoded-queries" in words else ["--encoder", f"tasb:{built / 'model'}"]
    )
    folders = [str(built / name) for name in index]
    topics = str(built / "topics.tsv")
    return main(
        ["search", "--index", *folders, *source, "--device", "cpu", "--topics", topics,
         "--output", str(output), *words]
    )  # fmt: skip


def vectors(built: Path) -> tuple[np.ndarray, np.ndarray]:
    index = faiss.read_index(str(built / "I" / "index"))
    encoder = Encoder.load(f"tasb:{built / 'model'}")
    queries = encoder.encode_queries(list(QUERIES.values()))
    return queries, index.reconstruct_n(0, len(PASSAGES))


def tag_of(run: Path) -> str:
    [tag] = {line.split()[5] for line in run.read_text().splitlines()}
    return tag


def test_average_feedback_by_hand(built: Path, tmp_path: Path) -> None:
    assert search(built, tmp_path / "run", "--prf-depth", "2") == 0
    queries, passages = vectors(built)
    for row, (qid, hits) in enumerate(read_run(tmp_path / "run").items()):
        assert qid == list(QUERIES)[row]
        first = np.argsort(-passages @ queries[row])[:2]
        moved = (queries[row] + passages[first].sum(axis=0)) / 3
        expected = dict(zip(PASSAGES, passages @ moved, strict=True))
        assert list(hits) == sorted(PASSAGES, key=lambda d: -expected[d])
        assert hits == pytest.approx(expected, rel=1e-5)
    assert tag_of(tmp_path / "run") == "tasb-avg-prf-depth=2"


def test_rocchio_feedback_by_hand(built: Path, tmp_path: Path) -> None:
    words = ["--prf-depth", "4", "--prf-method", "Rocchio", "--rocchio-alpha", "0.5"]
    words += ["--rocchio-beta", "0.7", "--rocchio-gamma", "0.2"]
    words += ["--rocchio-topk", "1", "--rocchio-bottomk", "2", "--hits", "3"]
    assert search(built, tmp_path / "run", *words) == 0
    queries, passages = vectors(built)
    for row, hits in enumerate(read_run(tmp_path / "run").values()):
        first = np.argsort(-passages @ queries[row])[:4]
        top, bottom = passages[first[0]], passages[first[2:]].mean(axis=0)
        moved = 0.5 * queries[row] + 0.7 * top - 0.2 * bottom
        expected = dict(zip(PASSAGES, passages @ moved, strict=True))
        assert list(hits) == sorted(PASSAGES, key=lambda d: -expected[d])[:3]
        assert hits == pytest.approx({d: expected[d] for d in hits}, rel=1e-5)
    assert tag_of(tmp_path / "run") == (
        "tasb-rocchio-prf-depth=4-alpha=0.5-beta=0.7-topk=1-gamma=0.2-bottomk=2"
    )


def test_rocchios_defaults_are_pyserinis(built: Path, tmp_path: Path) -> None:
    assert (
        search(built, tmp_path / "1", "--prf-depth", "3", "--prf-method", "rocchio")
        == 0
    )
    words = ["--rocchio-alpha", "0.9", "--rocchio-beta", "0.1", "--rocchio-topk", "3"]
    words += ["--prf-depth", "3", "--prf-method", "rocchio", "--rocchio-gamma", "7"]
    assert search(built, tmp_path / "2", *words, "--rocchio-bottomk", "0") == 0
    assert (tmp_path / "1").read_text() == (tmp_path / "2").read_text()


def test_without_depth_there_is_no_feedback(built: Path, tmp_path: Path) -> None:
    assert search(built, tmp_path / "plain") == 0
    assert search(built, tmp_path / "0", "--prf-depth", "0") == 0
    assert (tmp_path / "plain").read_text() == (tmp_path / "0").read_text()
    assert tag_of(tmp_path / "plain") == "tasb"


def test_a_method_of_feedback_needs_a_depth(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert search(built, tmp_path / "run", "--prf-method", "rocchio") == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "--prf-method rocchio without --prf-depth: expected --prf-depth N" in line
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("words", [(), ("--prf-depth", "2")])
def test_a_run_found_in_parts_has_the_same_bytes(
    built: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    assert search(built, tmp_path / "whole", *words) == 0
    monkeypatch.setattr(dense, "BLOCK", 2)
    capsys.readouterr()
    assert search(built, tmp_path / "parts", "--json", *words) == 0
    assert json.loads(capsys.readouterr().out)["queries"] == len(QUERIES)
    assert (tmp_path / "whole").read_bytes() == (tmp_path / "parts").read_bytes()


@pytest.mark.parametrize("words", [(), ("--prf-depth", "2")])
def test_encoded_queries_give_the_encoders_run(
    built: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    archive, table = tmp_path / "encoded.tar.gz", tmp_path / "mine.pkl"
    found = vectors(built)[0]
    archive.write_bytes(encoded_queries_archive(QUERIES, found))
    columns = {"id": [*QUERIES], "text": [*QUERIES.values()], "embedding": [*found]}
    pd.DataFrame(columns).to_pickle(table)  # as pyserini.encode.query does
    assert search(built, tmp_path / "one", *words) == 0
    for encoded in archive, table:
        named = ["--encoded-queries", str(encoded)]
        assert search(built, tmp_path / "two", *words, *named) == 0
        assert (tmp_path / "one").read_text() == (tmp_path / "two").read_text()


@pytest.mark.parametrize("words", [(), ("--prf-depth", "3")])
def test_two_folders_are_searched_as_one(
    built: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    assert search(built, tmp_path / "one", *words) == 0
    assert search(built, tmp_path / "two", *words, index=("left", "right")) == 0
    one, two = read_run(tmp_path / "one"), read_run(tmp_path / "two")
    assert [list(hits) for hits in one.values()] == [
        list(hits) for hits in two.values()
    ]
    for qid, hits in one.items():
        assert two[qid] == pytest.approx(hits, rel=1e-5)


@pytest.fixture(scope="module")
def lucene(built: Path) -> str:
    pytest.importorskip("pyserini")
    build_lucene_dense(built / "E-I", built / "L", "lucene-flat", threads=1)
    return "L"


@pytest.mark.pyserini
def test_a_lucene_index_gives_the_faiss_indexs_hits(
    built: Path, lucene: str, tmp_path: Path
) -> None:
    assert search(built, tmp_path / "one") == 0
    assert search(built, tmp_path / "two", index=(lucene,)) == 0
    one, two = read_run(tmp_path / "one"), read_run(tmp_path / "two")
    assert list(one) == list(two)
    for qid, hits in one.items():
        assert two[qid] == pytest.approx(hits, rel=1e-4)


@pytest.mark.pyserini
@pytest.mark.parametrize(
    ("index", "words", "message"),
    [
        (("L",), ("--prf-depth", "3"), "L: feedback reads the passages' vectors"),
        (("I", "L"), (), "L: a Lucene index is searched alone"),
        (("L",), ("--search-device", "cuda"), "L: Lucene can't search on 'cuda'"),
    ],
)
def test_what_a_lucene_index_cant_do_is_said_in_one_line(
    built: Path,
    lucene: str,
    tmp_path: Path,
    index: tuple[str, ...],
    words: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert search(built, tmp_path / "run", *words, index=index) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(describe_faiss().gpus > 0, reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_said_in_one_line(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert search(built, tmp_path / "run", "--search-device", "cuda") == 1
    error = capsys.readouterr().err
    assert "no device 'cuda': Faiss can use 0 GPUs" in error
    if describe_faiss().kind == "cpu":
        assert "run: pip uninstall -y faiss-cpu, then: pip install" in error
    assert error.count("\n") == 1


def test_an_unknown_folder_among_several_is_named(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert search(built, tmp_path / "run", index=("left", "nowhere")) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"tasb search: {built / 'nowhere'}: ")
    assert error.count("\n") == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("--prf-depth", "-1"),
        ("--prf-depth", "x"),
        ("--prf-method", "ance-prf"),
        ("--rocchio-alpha", "nan"),
        ("--rocchio-topk", "0"),
        ("--rocchio-bottomk", "-2"),
    ],
)
def test_what_makes_no_sense_is_refused(
    built: Path,
    tmp_path: Path,
    words: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        search(built, tmp_path / "run", *words)
    assert ended.value.code == 2
    assert f"argument {words[0]}" in capsys.readouterr().err
