"""Both sides end before an error of either is raised."""

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.sides import at_once, one_thread


def test_an_error_of_either_side_is_raised_when_neither_runs_any_more() -> None:
    finished = []

    def fails() -> int:
        raise TasbError("no index")

    def works() -> int:
        finished.append(True)
        return 1

    with one_thread() as thread:
        with pytest.raises(TasbError, match="no index"):
            at_once(fails, works, thread, 2)
        with pytest.raises(TasbError, match="no index"):
            at_once(works, fails, thread, 2)
        assert at_once(works, works, thread, 2) == (1, 1)
    assert len(finished) == 4
