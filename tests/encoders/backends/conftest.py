"""Checkpoints that the tests of backends share."""

from pathlib import Path

import pytest

from tests.encoders.models import make_model


@pytest.fixture(scope="session")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a DistilBERT with vectors of 128 dimensions."""
    return make_model(tmp_path_factory.mktemp("wide") / "model", dimension=128)


@pytest.fixture(scope="session")
def roberta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model that PyTorch alone runs."""
    return make_model(tmp_path_factory.mktemp("roberta") / "model", "roberta")


@pytest.fixture(scope="session")
def kept_cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a folder for ``TASB_CACHE`` in which exports outlive a test."""
    return str(tmp_path_factory.mktemp("tasb-cache"))
