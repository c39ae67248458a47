"""The record of a run is the first file that stands in its folder."""

from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.mining.round import open_round
from tasb_pyserini.training.record import open_record


def test_a_run_killed_while_it_wrote_its_record_begins_again(tmp_path: Path) -> None:
    (tmp_path / ".lock").touch()
    (tmp_path / ".training.json.x1y2z3ab").write_text('{"conf')
    assert open_record(tmp_path, {"config": {}}) is None
    assert (tmp_path / "training.json").is_file()


def test_a_round_killed_while_it_wrote_its_record_begins_again(tmp_path: Path) -> None:
    (tmp_path / ".refresh.json.x1y2z3ab").write_text('{"enc')
    open_round(tmp_path, {"encoder": "sha256:1"}, None)
    assert (tmp_path / "refresh.json").is_file()


def test_a_folder_of_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(TasbError, match=r"holds other files; .* training\.json"):
        open_record(tmp_path, {})
    with pytest.raises(TasbError, match=r"holds other files; .* refresh\.json"):
        open_round(tmp_path, {}, None)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
