"""tasb pipeline: the single commands' runs, resumed, and clear words on misuse."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.evaluation.measures import Measure, evaluate, query_mean
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.records import Run
from tasb_pyserini.formats.runs import read_run, write_runs
from tasb_pyserini.search import dense, sparse
from tasb_pyserini.search.pipeline import stage_runs
from tests.cli.pipelines import TUNED, tasb
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


def test_searching_by_blocks_does_not_change_a_byte(
    folder: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []

    def write_counted(path: Path, parts: Iterable[Run], tag: str) -> None:
        def counted() -> Iterator[Run]:
            for part in parts:
                written.append(len(part))
                yield part

        write_runs(path, counted(), tag)

    monkeypatch.setattr(sparse, "BLOCK", 4)
    monkeypatch.setattr(dense, "BLOCK", 4)
    monkeypatch.setattr(stage_runs, "write_runs", write_counted)
    assert tasb(folder / "all.yaml", tmp_path / "blocks") == 0
    assert written == [4, 2, 4, 2]
    assert runs(tmp_path / "blocks") == runs(whole)


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
        assert row["measures"] == {str(m): query_mean(of) for m, of in values.items()}
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
    before = times(output)
    stages[1] = stages[1].replace("tasb:student", "tasb:torch:student")
    write_pipeline(file, stages)
    assert tasb(file, output) == 0
    assert "2-dense" in changed(before, output)  # other arithmetic, another run
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
@pytest.mark.parametrize(
    ("where", "whole_runs"), [("3-fuse", 3), ("shard", 3), ("4-cat", 4)]
)
def test_a_killed_pipeline_goes_on(
    folder: Path,
    whole: Path,
    tmp_path: Path,
    where: str,
    whole_runs: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "out"
    words = ["pipeline", str(folder / "all.yaml"), "--output", str(output)]
    command = [sys.executable, "-c", KILLED, where, *words, "--device", "cpu"]
    assert subprocess.run(command).returncode == -signal.SIGKILL
    kept = times(output)
    assert list(kept) == NAMES[:whole_runs]
    assert len(list(output.glob("4-cat.*.work/*.npy"))) == (where != "3-fuse")
    capsys.readouterr()
    assert tasb(folder / "all.yaml", output, "--json") == 0
    rows = json.loads(capsys.readouterr().out)["stages"]
    assert [row["already"] for row in rows] == [n < whole_runs for n in range(6)]
    # The killed call scored all pairs, and took its clock along.
    unknown = {"4-cat"} if where == "shard" else set()
    assert {Path(row["run"]).stem for row in rows if not row["ms_per_query"]} == unknown
    assert runs(output) == runs(whole)
    assert {name: times(output)[name] for name in kept} == kept
    assert not list(output.glob("*.work"))


BM25, DENSE = STAGES[:2]


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
