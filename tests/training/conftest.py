"""The toy collection, and the student that training starts with."""

from pathlib import Path

import pytest

from tests.training.toy import Toy, make_toy, toy_student


@pytest.fixture(scope="module")
def toy() -> Toy:
    return make_toy()


@pytest.fixture(scope="module")
def start(toy: Toy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_student(tmp_path_factory.mktemp("start") / "student", toy)
