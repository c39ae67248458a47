import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from tasb_pyserini.encoders.cross.encoder import CrossEncoder
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.records import ScoredTriple, Triple
from tasb_pyserini.training.pairs.store import Pairs, open_pairs, pairs_of
from tasb_pyserini.training.pairs.writer import write_pairs
from tasb_pyserini.training.scoring.score import ScoreReport, score_pairs
from tests.checkpoints import VOCABULARY
from tests.teachers import (
    PASSAGES,
    QUERIES,
    make_teacher,
    plain_scores,
    write_inputs,
)
from tests.training.threads import one_thread

TRIPLES = [
    ("q2", "d1", "d2"),
    ("q1", "d3", "d4"),
    ("q1", "d3", "d1"),
    ("q1", "d4", "d3"),
    ("q3", "d5", "d2"),
    ("q2", "d1", "d5"),
]
DISTINCT = {(q, d) for q, pos, neg in TRIPLES for d in (pos, neg)}


@dataclass
class Bench:
    """A folder with inputs, a teacher, and what the teacher was given."""

    folder: Path
    teacher: CrossEncoder
    seen: list[list[int]] = field(default_factory=list)

    def score(
        self, output: str = "out", source: str = "triples.tsv", shard_size: int = 3
    ) -> ScoreReport:
        return score_pairs(
            self.folder / source,
            self.folder / "topics.tsv",
            self.folder / "collection.tsv",
            self.teacher,
            self.folder / output,
            cache=self.folder / "cache",
            shard_size=shard_size,
            progress=False,
        )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    write_inputs(tmp_path, TRIPLES)
    folder = make_teacher(tmp_path / "teacher")
    bench = Bench(tmp_path, CrossEncoder.load(str(folder), device="cpu"))

    def count(_: nn.Module, inputs: tuple[Tensor]) -> None:
        bench.seen += inputs[0].tolist()

    embeddings = bench.teacher.model.get_input_embeddings()
    embeddings.register_forward_pre_hook(count)
    return bench


def rows(pairs: Pairs) -> Iterator[ScoredTriple]:
    assert pairs.pos_score is not None
    assert pairs.neg_score is not None
    for query in range(pairs.n_queries):
        for row in range(pairs.offsets[query], pairs.offsets[query + 1]):
            yield ScoredTriple(
                pairs.qids[query],
                pairs.docids[pairs.pos[row]],
                pairs.docids[pairs.neg[row]],
                float(pairs.pos_score[row]),
                float(pairs.neg_score[row]),
            )


def test_scores_are_the_teachers_and_rows_in_the_stores_order(bench: Bench) -> None:
    report = bench.score()
    found = list(rows(open_pairs(bench.folder / "out")))
    names = sorted(DISTINCT)
    texts = [(QUERIES[qid], PASSAGES[docid]) for qid, docid in names]
    scores = plain_scores(bench.folder / "teacher", texts)
    expected = dict(zip(names, scores, strict=True))
    assert {(row.qid, row.pos, row.neg) for row in found} == set(TRIPLES)
    for row in found:
        assert row.pos_score == pytest.approx(expected[row.qid, row.pos], abs=1e-5)
        assert row.neg_score == pytest.approx(expected[row.qid, row.neg], abs=1e-5)
    assert found == list(rows(pairs_of(found)))
    negative = sum(row.pos_score < row.neg_score for row in found)
    assert negative  # by d3 and d4 in both roles, one margin at least
    assert report.negative_margins == pytest.approx(negative / 6)
    assert (report.pairs, report.distinct, report.already) == (6, len(DISTINCT), 0)


def test_the_teacher_reads_each_distinct_pair_once(bench: Bench) -> None:
    bench.score()
    assert len(bench.seen) == len(DISTINCT) == 8
    assert len({tuple(ids) for ids in bench.seen}) == 8


def test_shards_do_not_change_the_scores(bench: Bench) -> None:
    bench.score("small", shard_size=1)
    bench.score("large", shard_size=100)
    small, large = (open_pairs(bench.folder / name) for name in ("small", "large"))
    for one, other in zip(rows(small), rows(large), strict=True):
        assert one.pos_score == pytest.approx(other.pos_score, abs=1e-6)


def test_a_folder_of_pairs_is_scored_like_its_triples(bench: Bench) -> None:
    bench.score()
    write_pairs(bench.folder / "unscored", pairs_of(Triple(*row) for row in TRIPLES))
    bench.score("other", "unscored")
    bench.score("again", "out")  # scored already, and sorted by that: scores replaced
    first, second, third = (
        (bench.folder / name / "pairs.arrow").read_bytes()
        for name in ("out", "other", "again")
    )
    assert first == second == third


def test_nothing_is_left_beside_the_output(bench: Bench) -> None:
    bench.score()
    assert {path.name for path in bench.folder.iterdir()} == {
        *["triples.tsv", "topics.tsv", "collection.tsv", "teacher", "cache", "out"]
    }
    known = json.loads((bench.folder / "out" / "pairs.json").read_text())
    assert known["scores"]["weights"] == bench.teacher.fingerprint()
    assert known["scores"]["precision"] == "fp32"


KILLED = """
import os, signal, sys
from pathlib import Path
from tasb_pyserini.training.scoring import score
from tasb_pyserini.encoders.cross.encoder import CrossEncoder

folder = Path(sys.argv[1])
write = score.write_scores

def write_and_die(work, number, scores):
    write(work, number, scores)
    os.kill(os.getpid(), signal.SIGKILL)

score.write_scores = write_and_die
teacher = CrossEncoder.load(str(folder / "teacher"), device="cpu")
score.score_pairs(
    folder / "triples.tsv", folder / "topics.tsv", folder / "collection.tsv",
    teacher, folder / "out", cache=folder / "cache", shard_size=3, progress=False,
)
"""


def test_a_killed_run_goes_on_where_it_stopped(bench: Bench) -> None:
    command = [sys.executable, "-c", KILLED, str(bench.folder)]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    assert subprocess.run(command, env=env).returncode == -signal.SIGKILL
    work = bench.folder / "out.scoring"
    [shard] = work.glob("*.npy")
    first = len(np.load(shard))
    assert not (bench.folder / "out").exists()

    with one_thread():
        report = bench.score()
        assert report.already == first > 0
        assert len(bench.seen) == len(DISTINCT) - first
        assert not work.exists()
        bench.score("whole")
    for name in ("pairs.arrow", "qids.txt", "docids.txt", "pairs.json"):
        resumed = (bench.folder / "out" / name).read_bytes()
        assert resumed == (bench.folder / "whole" / name).read_bytes()


def leave_work(bench: Bench) -> Path:
    """Leave the folder of a run that was killed behind its first shard."""
    subprocess.run([sys.executable, "-c", KILLED, str(bench.folder)])
    return bench.folder / "out.scoring"


@pytest.mark.parametrize("last", [True, False])
def test_what_a_run_killed_at_its_very_end_has_left_is_removed(
    bench: Bench, last: bool
) -> None:
    work = leave_work(bench)
    aside = shutil.copytree(work, bench.folder / "aside")
    bench.score()
    if last:
        work.mkdir()
    else:
        aside.rename(work)
    bench.score()
    assert not work.exists()


def test_shards_of_other_work_stay_beside_finished_scores(bench: Bench) -> None:
    aside = leave_work(bench).rename(bench.folder / "aside")
    bench.score(shard_size=2)
    work = aside.rename(bench.folder / "out.scoring")
    assert bench.score(shard_size=2).already == len(DISTINCT)
    assert len(list(work.glob("*.npy"))) == 1


def test_shards_of_other_work_are_refused(bench: Bench) -> None:
    work = leave_work(bench)
    with pytest.raises(TasbError, match=r"outcome of other work \(shard_size: t"):
        bench.score(shard_size=2)
    write_inputs(bench.folder, TRIPLES[1:])
    with pytest.raises(TasbError, match=r"outcome of other work \(pairs: there"):
        bench.score()
    assert list(work.glob("*.npy"))


def test_output_of_something_else_is_refused_before_any_work(bench: Bench) -> None:
    (bench.folder / "out").mkdir()
    (bench.folder / "out" / "thesis.tex").write_text("")
    with pytest.raises(TasbError, match="out: holds something else"):
        bench.score()
    assert not bench.seen


def test_a_score_that_is_not_finite_names_its_pair(bench: Bench) -> None:
    path = bench.folder / "teacher" / "model.safetensors"
    weights = load_file(path)
    cafe = VOCABULARY.read_text(encoding="utf-8").split().index("cafe")  # in q3 alone
    weights["bert.embeddings.word_embeddings.weight"][cafe] = torch.nan
    save_file(weights, path, metadata={"format": "pt"})
    teacher = CrossEncoder.load(str(bench.folder / "teacher"), device="cpu")
    bad = Bench(bench.folder, teacher)
    with pytest.raises(
        TasbError, match="score nan of passage d2 for query q3; expected"
    ):
        bad.score()
    assert not (bench.folder / "out").exists()


def test_unknown_ids_are_named_with_file_and_line(bench: Bench) -> None:
    write_inputs(bench.folder, [*TRIPLES, ("q1", "d1", "d77")])
    with pytest.raises(InputError, match=r"triples\.tsv:7: .*d77"):
        bench.score()
    unknown = pairs_of([Triple("q1", "d1", "d2"), Triple("q9", "d1", "d2")])
    write_pairs(bench.folder / "pairs", unknown)
    message = r"pairs/qids\.txt:2: unknown id q9; expected a qid of .*topics\.tsv"
    with pytest.raises(InputError, match=message):
        bench.score(source="pairs")
    assert not bench.seen
