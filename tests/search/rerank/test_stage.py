"""A stage on disk gives what reranking in memory gives, killed or not."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.rerank.models import MODELS
from tests.search.rerank.models import PASSAGES, RUN, TOPICS, make_t5
from tests.search.rerank.stages import load, rerank, stage_of
from tests.teachers import make_teacher

INPUTS = {"monot5": 3 + 4 + 1, "duot5": 6 + 12, "cat": 3 + 4 + 1}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_t5(folder / "monot5")
    make_t5(folder / "duot5", seed=1)
    make_teacher(folder / "cat")
    return folder


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_shards_do_not_change_the_run(
    models: Path, tmp_path: Path, name: str, size: int
) -> None:
    found, report = stage_of(models, name, tmp_path / "work", size)
    expected = rerank(RUN, TOPICS, PASSAGES, load(models, name), 4)
    assert {qid: list(hits) for qid, hits in found.items()} == {
        qid: list(hits) for qid, hits in expected.items()
    }
    for qid, hits in expected.items():
        assert found[qid] == pytest.approx(hits, abs=1e-5)
    assert (report.stage, report.inputs, report.already) == (
        f"{name}-4",
        INPUTS[name],
        0,
    )


KILLED = """
import os, signal, sys
from pathlib import Path
from tasb_pyserini.search.rerank import stage
from tests.search.rerank.stages import stage_of

write = stage.write_scores

def write_and_die(work, number, scores):
    write(work, number, scores)
    os.kill(os.getpid(), signal.SIGKILL)

stage.write_scores = write_and_die
stage_of(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), 4)
"""


@pytest.mark.parametrize("name", ["monot5", "duot5"])
@pytest.mark.slow
def test_a_killed_stage_goes_on_where_it_stopped(
    models: Path, tmp_path: Path, name: str
) -> None:
    places = [str(models), name, str(tmp_path / "killed")]
    words = [sys.executable, "-c", KILLED, *places]
    assert subprocess.run(words).returncode == -signal.SIGKILL
    assert len(list((tmp_path / "killed").glob("*.npy"))) == 1
    resumed, report = stage_of(models, name, tmp_path / "killed", 4)
    whole, _ = stage_of(models, name, tmp_path / "whole", 4)
    assert resumed == whole
    assert 0 < report.already < report.inputs
    _, again = stage_of(models, name, tmp_path / "killed", 4)
    assert (again.already, again.inputs_per_second) == (again.inputs, 0)


def test_the_work_of_another_model_is_refused(models: Path, tmp_path: Path) -> None:
    stage_of(models, "monot5", tmp_path / "work", 4)
    with pytest.raises(TasbError, match=r"outcome of other work \(weights: "):
        stage_of(models, "duot5", tmp_path / "work", 4)
