"""tasb pipeline: the single commands' runs, resumed, and clear words on misuse."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.evaluation.measures import Measure, evaluate, mean
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.runs import read_run
from tests.search.pipeline.toy import NAMES, STAGES, make_inputs, write_pipeline

pytest.importorskip("faiss")
pytest.importorskip("pyserini")
pytestmark = pytest.mark.pyserini


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pipeline")
    make_inputs(folder)
    write_pipeline(folder / "all.yaml")
    return folder


@pytest.fixture(scope="module")
def whole(folder: Path) -> Path:
    """The output of all stages."""
    assert tasb(folder / "all.yaml", folder / "whole") == 0
    return folder / "whole"


def tasb(file: Path, output: Path, *words: str) -> int:
    where = ["--output", str(output), "--device", "cpu"]
    return main(["pipeline", str(file), *where, *words])


def runs(output: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted(output.glob("*.txt"))}


def without_tag(run: Path) -> list[list[str]]:
    return [line.split()[:-1] for line in run.read_text().splitlines()]


def test_a_pipeline_writes_the_runs_of_the_single_commands(
    folder: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    topics = ["--topics", "topics.tsv"]
    search = [*topics, "--hits", "8"]
    cpu = ["--device", "cpu"]
    student = ["--encoder", "tasb:student"]
    rule = ["--method", "hybrid", "--alpha", "0.3", "--k", "9"]
    # Java looks relative names up where the process was when Java started.
    index = ["--index", str(folder / "lucene")]
    fused = ["--run", str(tmp_path / "3-fuse")]
    mono = ["--run", str(tmp_path / "5-monot5")]
    texts = ["--collection", "collection.jsonl"]
    commands = [
        ["bm25", "search", *index, *search],
        ["search", "--index", "faiss", *student, *search, *cpu],
        ["fuse", "--runs", f"{tmp_path}/1-bm25", f"{tmp_path}/2-dense", *rule],
        ["rerank", *fused, *topics, *cpu, "--cat", "cat", "--depth", "6", *texts],
        ["rerank", *fused, *topics, *cpu, "--monot5", "mono", "--depth", "5", *index],
        ["rerank", *mono, *topics, *cpu, "--duot5", "duo", "--duo-depth", "3", *index],
    ]
    assert list(runs(whole)) == NAMES
    for name, words in zip(NAMES, commands, strict=True):
        assert main([*words, "--output", str(tmp_path / name)]) == 0
        assert without_tag(whole / f"{name}.txt") == without_tag(tmp_path / name)
        tags = {line.split()[-1] for line in (whole / f"{name}.txt").open()}
        assert tags == {name[2:]}


def test_two_pipelines_are_equal_byte_for_byte(
    folder: Path, whole: Path, tmp_path: Path
) -> None:
    assert tasb(folder / "all.yaml", tmp_path / "again") == 0
    assert runs(tmp_path / "again") == runs(whole)


def test_the_table_is_laid_out_as_table_7(
    folder: Path, whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert tasb(folder / "all.yaml", whole, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    rows = report["stages"]
    assert report["queries"] == 6
    assert all(row["already"] for row in rows)
    assert [row["retrieval"] for row in rows] == [
        "bm25",
        "dense",
        *["bm25 + dense"] * 4,
    ]
    assert [row["reranking"] for row in rows[3:]] == [
        ["cat"],
        ["monot5"],
        ["monot5", "duot5"],
    ]
    assert [row["depths"] for row in rows[3:]] == [[6], [5], [5, 3]]
    own = [row["ms_per_query"] for row in rows]
    assert min(own) > 0
    first = sum(own[:3])
    sums = [*own[:2], first, first + own[3], first + own[4], first + own[4] + own[5]]
    assert [row["ms_per_query_in_all"] for row in rows] == pytest.approx(sums)
    qrels = read_qrels(folder / "qrels.txt")
    for name, row in zip(NAMES, rows, strict=True):
        values = evaluate(
            read_run(whole / f"{name}.txt"),
            qrels,
            map(Measure.parse, ("nDCG@10", "RR@10", "R@1000")),
        )
        assert row["measures"] == {
            str(m): mean(of.values()) for m, of in values.items()
        }
    lines = (whole / "table.tsv").read_text().splitlines()
    assert lines[0].split("\t") == [
        *("run", "retrieval", "re-ranking", "#", "ms", "in all"),
        *("nDCG@10", "RR@10", "R@1000"),
    ]
    assert lines[1].split("\t")[:4] == ["1-bm25", "bm25", "-", "-"]
    assert lines[6].split("\t")[1:4] == ["bm25 + dense", "monot5 + duot5", "5 + 3"]
    assert tasb(folder / "all.yaml", whole) == 0
    assert "6-duot5" in capsys.readouterr().out


def changed(before: dict[str, int], output: Path) -> list[str]:
    after = times(output)
    return [name for name in after if after[name] != before.get(name)]


def times(output: Path) -> dict[str, int]:
    return {path.stem: path.stat().st_mtime_ns for path in sorted(output.glob("*.txt"))}


def test_only_what_changed_and_what_builds_on_it_is_run_again(
    folder: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    stages = STAGES[:4]
    file = write_pipeline(folder / "some.yaml", stages)
    assert tasb(file, output) == 0
    before = times(output)
    assert tasb(file, output) == 0
    assert changed(before, output) == []
    stages[1] = stages[1].replace("hits: 8", "hits: 7")
    write_pipeline(file, stages)
    assert tasb(file, output) == 0
    assert changed(before, output) == ["2-dense", "3-fuse", "4-cat"]
    before = times(output)
    (output / "3-fuse.txt").write_text("mended by hand\n")
    assert tasb(file, output) == 0
    assert "mended" not in (output / "3-fuse.txt").read_text()
    assert changed(before, output) == ["3-fuse"]
    before = times(output)
    (output / "1-bm25.json").write_text("{")
    assert tasb(file, output) == 0
    assert changed(before, output) == ["1-bm25"]
    assert not list(output.glob("*.work"))


KILLED = """
import os, signal, sys
from tasb_pyserini.cli.main import main
from tasb_pyserini.search.pipeline import run
from tasb_pyserini.search.rerank import stage

def dying_after(function, when):
    def call(*arguments):
        function(*arguments)
        if when(*arguments):
            os.kill(os.getpid(), signal.SIGKILL)
    return call

if sys.argv[1] == "shard":
    stage.write_scores = dying_after(stage.write_scores, lambda *_: True)
else:
    run.write_record = dying_after(
        run.write_record, lambda path, record: path.stem == sys.argv[1]
    )
main(sys.argv[2:])
"""


@pytest.mark.slow
@pytest.mark.parametrize("where", ["3-fuse", "shard"])
def test_a_killed_pipeline_goes_on(
    folder: Path,
    whole: Path,
    tmp_path: Path,
    where: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "out"
    words = ["pipeline", str(folder / "all.yaml"), "--output", str(output)]
    command = [sys.executable, "-c", KILLED, where, *words, "--device", "cpu"]
    assert subprocess.run(command).returncode == -signal.SIGKILL
    kept = times(output)
    assert list(kept) == NAMES[:3]
    assert len(list(output.glob("4-cat.*.work/*.npy"))) == (where == "shard")
    capsys.readouterr()
    assert tasb(folder / "all.yaml", output, "--json") == 0
    rows = json.loads(capsys.readouterr().out)["stages"]
    assert [row["already"] for row in rows] == [True] * 3 + [False] * 3
    # The killed call scored all pairs, and took its clock along.
    unknown = {"4-cat"} if where == "shard" else set()
    assert {Path(row["run"]).stem for row in rows if not row["ms_per_query"]} == unknown
    assert runs(output) == runs(whole)
    assert {name: times(output)[name] for name in kept} == kept
    assert not list(output.glob("*.work"))


BM25, DENSE, FUSE, CAT, MONO, _ = STAGES
TUNED = {"method": "interpolation", "alpha": 0.3, "normalisation": "none"}
BAD = {
    "unknown key": (
        "4: unknown key of bm25 'hit'; did you mean 'hits'?",
        ["bm25: {index: lucene, hit: 3}"],
    ),
    "unknown stage": (
        "4: unknown stage 'bm26'; did you mean 'bm25'?",
        ["bm26: {index: lucene}"],
    ),
    "no settings": ("4: bm25 without settings; expected some, such as", ["bm25:"]),
    "not a stage": (
        "4: not a stage; expected one of bm25, dense",
        ["{bm25: {}, dense: {}}"],
    ),
    "no index": ("4: no key 'index'; expected a text", ["bm25: {hits: 3}"]),
    "hits": (
        "4: hits: many; expected a whole number of at least 1",
        ["bm25: {index: lucene, hits: many}"],
    ),
    "no hits": (
        "4: hits: 0; expected a whole number",
        ["bm25: {index: lucene, hits: 0}"],
    ),
    "k1": ("4: k1: nothing; expected a finite number", ["bm25: {index: lucene, k1: }"]),
    "lucene": ("4: index ", ["bm25: {index: ./nowhere}"]),
    "faiss": ("5: index ", [BM25, "dense: {index: lucene, encoder: 'tasb:student'}"]),
    "encoder": (
        "4: encoder 'no where': no such folder",
        ["dense: {index: faiss, encoder: no where}"],
    ),
    "unknown of": (
        "6: of 'sparse'; expected stages above it (bm25, dense)",
        [BM25, DENSE, "fuse: {of: [sparse, dense], method: rrf}"],
    ),
    "later": (
        "4: of 'dense'; expected stages above it (none)",
        ["fuse: {of: [dense, bm25], method: rrf}", BM25, DENSE],
    ),
    "of one": (
        "5: rrf of 1 run: expected at least two",
        [BM25, "fuse: {of: [bm25], method: rrf}"],
    ),
    "of no list": (
        "5: of: bm25; expected a list, such as [a, b]",
        [BM25, "fuse: {of: bm25, method: rrf}"],
    ),
    "order": (
        "6: of [dense, bm25], and alpha weights the first; expected the sparse one",
        [BM25, DENSE, "fuse: {of: [dense, bm25], method: hybrid}"],
    ),
    "method": (
        "6: unknown method 'hybird'; did you mean 'hybrid'?",
        [BM25, DENSE, "fuse: {of: [bm25, dense], method: hybird}"],
    ),
    "alpha": (
        "6: alpha 0.5 with rrf: expected none",
        [BM25, DENSE, "fuse: {of: [bm25, dense], method: rrf, alpha: 0.5}"],
    ),
    "normalisation": (
        "6: normalisation 'minmax': expected one of",
        [
            BM25,
            DENSE,
            "fuse: {of: [bm25, dense], method: hybrid, normalization: minmax}",
        ],
    ),
    "tuned": (
        "6: tuned ",
        [BM25, DENSE, "fuse: {of: [bm25, dense], tuned: nowhere.json}"],
    ),
    "tuned and": (
        "6: alpha with 'tuned', which says it; expected one of two",
        [BM25, DENSE, "fuse: {of: [bm25, dense], tuned: tuned.json, alpha: 1}"],
    ),
    "tuned k1": (
        "was tuned with k1 0.82 of BM25; expected the k1 of stage bm25, 0.9",
        [BM25, DENSE, "fuse: {of: [bm25, dense], tuned: tuned.json}"],
    ),
    "two models": (
        "5: cat and monot5; expected one of cat, monot5, duot5",
        [BM25, "rerank: {cat: cat, monot5: mono, index: lucene}"],
    ),
    "no model": (
        "5: no model; expected one of cat, monot5, duot5",
        [BM25, "rerank: {index: lucene}"],
    ),
    "no texts": (
        "5: no source of texts; expected one of collection",
        [BM25, "rerank: {cat: cat}"],
    ),
    "collection": (
        "5: collection ",
        [BM25, "rerank: {cat: cat, collection: no.jsonl}"],
    ),
    "no T5": (
        "a model of type 'bert'; expected a sequence-to",
        [BM25, "rerank: {monot5: cat, index: lucene}"],
    ),
    "hub": (
        "5: checkpoint 'no where': no such folder",
        [BM25, "rerank: {monot5: no where, index: lucene}"],
    ),
    "first rerank": (
        "4: of ''; expected stages above it (none)",
        ["rerank: {cat: cat, index: lucene}"],
    ),
    "name twice": ("5: a second stage 'bm25'; expected another 'name'", [BM25, BM25]),
    "bad name": (
        "4: name 'a/b'; expected letters",
        ["bm25: {index: lucene, name: a/b}"],
    ),
    "key twice": (
        "4: a second 'hits', after line 4; expected each key once",
        ["bm25: {index: lucene, hits: 3, hits: 4}"],
    ),
    "not YAML": ("5: not YAML", ["bm25: {index: lucene"]),
}


@pytest.mark.parametrize(("message", "stages"), BAD.values(), ids=BAD)
def test_a_bad_stage_is_one_line_with_file_and_line(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    message: str,
    stages: list[str],
) -> None:
    (folder / "tuned.json").write_text(json.dumps(TUNED | {"k1": 0.82, "b": 0.4}))
    file = write_pipeline(folder / "bad.yaml", stages)
    capsys.readouterr()
    assert tasb(file, tmp_path / "out") == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"tasb pipeline: {file}:")
    assert message in line
    assert not (tmp_path / "out").exists()


HEADS: dict[str, tuple[str, str]] = {
    "key": ("mesures: [RR]", "2: unknown key 'mesures'; did you mean 'measures'?"),
    "measure": ("measures: [RR@10, nDGC@10]", "2: unknown measure 'nDGC@10'"),
    "measures": ("measures: RR", "2: measures: RR; expected a list, such as [a, b]"),
    "qrels": ("qrels: no.txt", "2: qrels "),
    "level": ("relevance_level: 0", "2: relevance_level: 0; expected a whole number"),
}


@pytest.mark.parametrize(("head", "message"), HEADS.values(), ids=HEADS)
def test_a_bad_head_is_one_line_with_file_and_line(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    head: str,
    message: str,
) -> None:
    file = write_pipeline(folder / "bad.yaml", [BM25], head)
    capsys.readouterr()
    assert tasb(file, tmp_path / "out") == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"tasb pipeline: {file}:{message}")


def test_a_tuned_file_says_the_rule(folder: Path, tmp_path: Path, whole: Path) -> None:
    (folder / "tuned.json").write_text(json.dumps(TUNED | {"k1": 0.9, "b": 0.4}))
    fuse = "fuse: {of: [bm25, dense], tuned: tuned.json, k: 9}"
    file = write_pipeline(folder / "tuned.yaml", [BM25, DENSE, fuse])
    assert tasb(file, tmp_path / "out") == 0
    assert runs(tmp_path / "out")["3-fuse"] == runs(whole)["3-fuse"]


def test_without_qrels_nothing_is_measured(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_pipeline(folder / "plain.yaml", [BM25], "relevance_level: 2")
    capsys.readouterr()
    assert tasb(file, tmp_path / "out", "--json") == 0
    [row] = json.loads(capsys.readouterr().out)["stages"]
    assert row["measures"] == {}
    assert row["already"] is False
