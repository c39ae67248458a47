"""The example of docs/trectools.md gives what stands there."""

import doctest

from tests.docs.pages import ROOT


def test_the_example_runs() -> None:
    page = ROOT / "docs" / "trectools.md"
    done = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert done.attempted == 9
    assert done.failed == 0
