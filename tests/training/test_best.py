"""What best.json says of the checkpoints that validated best."""

from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.training.best import read_scores


def test_scores_are_read_by_step_and_none_are_there_at_the_start(
    tmp_path: Path,
) -> None:
    assert read_scores(tmp_path) == {}
    (tmp_path / "best.json").write_text('{"20": 0.25, "5": 0.5}')
    assert read_scores(tmp_path) == {20: 0.25, 5: 0.5}


@pytest.mark.parametrize("text", ['{"5": null}', '{"5": "high"}', '{"last": 0.5}'])
def test_what_is_no_score_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "best.json").write_text(text)
    with pytest.raises(InputError, match=r"best\.json: not scores; expected a score"):
        read_scores(tmp_path)
