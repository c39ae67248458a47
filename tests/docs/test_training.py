"""The commands of docs/training.md run as they stand there."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.pages import environment, marked_commands


@pytest.mark.slow
@pytest.mark.pyserini
@pytest.mark.timeout(3600)
def test_from_nothing_to_a_student_with_two_teachers(
    collections: Callable[[str], Path], tmp_path: Path
) -> None:
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", marked_commands("training.md")],
        cwd=tmp_path,
        env=environment(tmp_path, collections("msmarco-mini")),
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr[-3000:]
    for name in ("baseline", "cat", "colbert", "student"):
        record = json.loads((tmp_path / name / "training.json").read_bytes())
        print(name, record["result"]["seconds"], "s")
    student = json.loads((tmp_path / "student" / "encoder.json").read_bytes())
    assert student["dimension"] == 256
    hits = (tmp_path / "run.student.txt").read_text().splitlines()
    assert len(hits) == 980 * 1000
    assert re.search(r"run\.student\.txt", run.stdout)
    print(run.stdout)
