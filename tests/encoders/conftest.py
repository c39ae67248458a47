"""Backends are chosen here as for users."""

import pytest


@pytest.fixture(autouse=True)
def chosen_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo the choice of the other tests."""
    monkeypatch.delenv("TASB_BACKEND", raising=False)
