from pathlib import Path

import pytest

from tasb_pyserini.indexing.expansion.generator import QueryGenerator
from tests.indexing.expansion.generators import make_generator


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_generator(tmp_path_factory.mktemp("t5") / "model")


@pytest.fixture(scope="module")
def generator(model: Path) -> QueryGenerator:
    return QueryGenerator.load(str(model), device="cpu")
