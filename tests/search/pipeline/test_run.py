"""A pipeline's folder."""

from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.pipeline.run import HASHES, run_pipeline
from tasb_pyserini.search.pipeline.stage_runs import Machine
from tasb_pyserini.search.pipeline.stages import Pipeline

NOTHING = Pipeline(topics={}, qrels=None, measures=(), relevance_level=1, stages=())
MACHINE = Machine(device="cpu", threads=1, progress=False)


def test_a_folder_of_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(TasbError, match="holds files but no pipeline's runs; expected"):
        run_pipeline(NOTHING, tmp_path, MACHINE)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("own", [HASHES, ".lock"])
def test_a_folder_that_a_pipeline_wrote_or_was_killed_in_goes_on(
    tmp_path: Path, own: str
) -> None:
    (tmp_path / own).write_text("")
    (tmp_path / "1-bm25.0123456789ab.work").mkdir()
    assert run_pipeline(NOTHING, tmp_path, MACHINE) == []
