"""An empty cache."""

from pathlib import Path

import pytest


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"PYSERINI_CACHE": str(tmp_path / "cache")}
