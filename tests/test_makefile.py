"""The Makefile makes an environment where it lacks one with the Faiss asked for."""

import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]


def commands(venv: Path, *words: str) -> str:
    make = shutil.which("make")
    if make is None:
        pytest.skip("no make here")
    line = [make, "--dry-run", *words, f"VENV={venv}", "PYTHON=python3"]
    done = subprocess.run(
        line, cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_another_faiss_is_installed_anew(tmp_path: Path) -> None:
    (tmp_path / ".installed").touch()
    assert "pip install" not in commands(tmp_path, "test-gpu")
    assert '--editable ".[gpu,dev]"' in commands(tmp_path, "test-gpu", "FAISS=gpu")
    (tmp_path / ".installed").rename(tmp_path / ".installed-gpu")
    assert "pip install" not in commands(tmp_path, "test-gpu", "FAISS=gpu")
    assert '--editable ".[cpu,dev]"' in commands(tmp_path, "test")
