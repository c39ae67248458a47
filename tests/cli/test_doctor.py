"""``tasb doctor`` tells what is broken, and does not break over it."""

import json
import os
from pathlib import Path

import pytest

from tests.bindings.conftest import CHECKOUT, Python
from tests.bindings.conftest import python as python

DOCTOR = """
from tasb_pyserini.cli.main import main
raise SystemExit(main(["doctor", "--json"]))
"""


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        ("ModuleNotFoundError", "no library"),
        ("OSError", "no library"),
        ("RuntimeError", "no library"),
    ],
)
def test_a_broken_torch_is_a_finding(
    python: Python, tmp_path: Path, error: str, detail: str
) -> None:
    (tmp_path / "torch.py").write_text(f"raise {error}('no\\nlibrary')")
    path = os.pathsep.join([str(tmp_path), str(CHECKOUT)])
    done = python("-c", DOCTOR, check=False, PYTHONPATH=path)
    findings = {one["name"]: one for one in json.loads(done.stdout)["findings"]}
    assert (findings["GPU"]["ok"], findings["GPU"]["detail"]) == (False, detail)
    assert findings["Python"]["ok"]
