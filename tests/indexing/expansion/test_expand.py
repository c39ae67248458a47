"""Expansion is reproducible, and an interruption costs a shard, never a passage."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.encoders.cross.encoder import CrossEncoder
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.expansion.draw import Sampling
from tasb_pyserini.indexing.expansion.generator import QueryGenerator
from tests.indexing.expansion.expansions import SAMPLING, expand, write_collection
from tests.indexing.expansion.generators import make_generator
from tests.teachers import make_teacher, plain_scores


def read_files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> CrossEncoder:
    folder = make_teacher(tmp_path_factory.mktemp("teacher") / "bert")
    return CrossEncoder.load(str(folder), device="cpu")


def test_passages_end_in_their_queries(
    generator: QueryGenerator, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 25)
    report = expand(collection, tmp_path / "out", generator)
    assert (report.passages, report.queries, report.kept) == (25, 75, 75)
    assert (report.unexpanded, report.already) == (0, 0)
    assert report.passages_per_second > 0
    before = list(read_collection(collection))
    after = list(read_collection(tmp_path / "out" / "collection"))
    lines = [
        json.loads(line)
        for path in sorted((tmp_path / "out" / "queries").glob("0*.jsonl"))
        for line in path.open()
    ]
    queries = generator.generate([passage.contents for passage in before], SAMPLING)
    assert [line["predicted_queries"] for line in lines] == queries
    assert [p.docid for p in after] == [line["id"] for line in lines]
    for old, new, of in zip(before, after, queries, strict=True):
        assert new.docid == old.docid
        appended = " ".join(query for query in of if query)
        assert new.contents == f"{old.contents}\n{appended}"


def test_two_runs_write_the_same_bytes(
    generator: QueryGenerator, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 25)
    expand(collection, tmp_path / "a", generator)
    expand(collection, tmp_path / "b", generator)
    assert read_files(tmp_path / "a") == read_files(tmp_path / "b")
    again = expand(collection, tmp_path / "a", generator)
    assert (again.already, again.passages_per_second) == (25, 0.0)
    assert read_files(tmp_path / "a") == read_files(tmp_path / "b")


@pytest.mark.slow
def test_a_killed_run_goes_on_and_ends_as_an_undisturbed_one(
    model: Path, generator: QueryGenerator, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 400)
    output = tmp_path / "out"
    command = [
        *(sys.executable, "-m", "tasb_pyserini", "expand"),
        *("--collection", str(collection), "--output", str(output)),
        *("--model", str(model), "--device", "cpu", "--shard-size", "10"),
        *("--queries", "3", "--max-length", "6"),
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    queries = output / "queries"
    while len(list(queries.glob("0*.jsonl"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    done = {path: path.stat().st_mtime_ns for path in queries.glob("0*.jsonl")}
    assert 3 <= len(done) < 40
    # What a crash may leave of the shard that was being written.
    (queries / ".00039.jsonl.torn").write_text('{"id": "d3')

    assert expand(collection, output, generator).already == 10 * len(done)
    assert {path: path.stat().st_mtime_ns for path in done} == done
    (queries / ".00039.jsonl.torn").unlink()
    expand(collection, tmp_path / "undisturbed", generator)
    assert read_files(output) == read_files(tmp_path / "undisturbed")


def test_the_filter_keeps_the_teachers_best_share_and_scores_only_once(
    generator: QueryGenerator, teacher: CrossEncoder, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 25)
    output = tmp_path / "out"
    report = expand(collection, output, generator, teacher=teacher)
    assert (report.queries, report.kept) == (75, round(0.3 * 75))
    texts = {p.docid: p.contents for p in read_collection(collection)}
    rows = [
        (json.loads(line)["id"], query)
        for path in sorted((output / "queries").glob("0*.jsonl"))
        for line in path.open()
        for query in json.loads(line)["predicted_queries"]
    ]
    scores = plain_scores(
        Path(teacher.location), [(query, texts[docid]) for docid, query in rows]
    )
    saved = [
        score
        for path in sorted((output / "scores").glob("0*.jsonl"))
        for line in path.open()
        for score in json.loads(line)["scores"]
    ]
    np.testing.assert_allclose(saved, scores, atol=1e-4)
    best = sorted(range(75), key=lambda i: (-saved[i], i))[: report.kept]
    expected = {docid: [text] for docid, text in texts.items()}
    appended: dict[str, list[str]] = {docid: [] for docid in texts}
    for row in sorted(best):
        appended[rows[row][0]].append(rows[row][1])
    for docid, of in appended.items():
        expected[docid] += [" ".join(filter(None, of))] if any(of) else []
    after = {p.docid: p.contents for p in read_collection(output / "collection")}
    assert after == {docid: "\n".join(parts) for docid, parts in expected.items()}
    assert report.unexpanded == sum(len(parts) == 1 for parts in expected.values())

    times = {path: path.stat().st_mtime_ns for path in (output / "scores").glob("0*")}
    half = expand(collection, output, generator, teacher=teacher, keep=0.5)
    assert half.kept == round(0.5 * 75)
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert expand(collection, output, generator).kept == 75


def test_passages_without_tokens_are_counted_and_kept(
    teacher: CrossEncoder, tmp_path: Path
) -> None:
    folder = make_generator(tmp_path / "model", "spiece")
    generator = QueryGenerator.load(str(folder), device="cpu")
    collection = tmp_path / "c.tsv"
    # A zero-width space is text to Python and nothing to sentencepiece.
    collection.write_text("d1\ta dog\nd2\t\u200b\nd3\tthe tree\n")
    report = expand(collection, tmp_path / "out", generator, teacher=teacher, keep=1.0)
    assert (report.passages, report.queries, report.unexpanded) == (3, 6, 1)
    texts = [p.contents for p in read_collection(tmp_path / "out" / "collection")]
    assert texts[1] == "\u200b"


def test_the_output_of_other_work_is_left_alone(
    generator: QueryGenerator, teacher: CrossEncoder, tmp_path: Path
) -> None:
    collection = write_collection(tmp_path / "c.jsonl", 12)
    output = tmp_path / "out"
    expand(collection, output, generator, teacher=teacher)
    before = read_files(output)
    other = Sampling(queries=3, max_length=6, seed=5)
    with pytest.raises(TasbError, match=r"other work \(seed: there 0, now 5\); choose"):
        expand(collection, output, generator, other)
    longer = write_collection(tmp_path / "longer.jsonl", 13)
    with pytest.raises(TasbError, match=r"\(passages: there 12, now 13; fingerprint"):
        expand(longer, output, generator)
    folder = make_generator(tmp_path / "bin", "spiece")
    with pytest.raises(TasbError, match=r"other work \(model: there 'sha256:"):
        expand(collection, output, QueryGenerator.load(str(folder), device="cpu"))
    folder = make_teacher(tmp_path / "distil", "distilbert")
    with pytest.raises(TasbError, match=r"scores: .* \(weights: there 'sha256:"):
        expand(
            collection,
            output,
            generator,
            teacher=CrossEncoder.load(str(folder), device="cpu"),
        )
    assert read_files(output) == before
