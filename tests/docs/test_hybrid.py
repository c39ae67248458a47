"""The commands of docs/hybrid.md run as they stand there."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.pages import environment, marked_commands


@pytest.mark.slow
@pytest.mark.pyserini
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["scifact", "vaswani", "cacm"])
def test_from_a_collection_to_a_tuned_hybrid_run(
    name: str, collections: Callable[[str], Path], tmp_path: Path
) -> None:
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", marked_commands("hybrid.md")],
        cwd=tmp_path,
        env=environment(tmp_path, collections(name)),
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr[-3000:]
    assert json.loads((tmp_path / "tuned.json").read_bytes())["alpha"] > 0
    assert (tmp_path / "alpha.png").stat().st_size > 10_000
    assert "run.hybrid.txt" in run.stdout
    print(run.stdout)
