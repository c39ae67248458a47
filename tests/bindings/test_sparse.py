from pathlib import Path

import pytest

from tests.bindings.conftest import Python

pytestmark = pytest.mark.pyserini

REFUSALS = """
import sys
from pathlib import Path
from tasb_pyserini.bindings.indexer import run_indexer
from tasb_pyserini.bindings.sparse import lucene_searcher
from tasb_pyserini.formats.errors import TasbError

def refusal(function, *arguments):
    try:
        function(*arguments)
    except TasbError as error:
        print(error)

refusal(run_indexer, "IndexCollection", Path("/nowhere"), Path(sys.argv[1], "index"),
        ["-collection", "JsonCollection"], 1)
refusal(lucene_searcher, Path(sys.argv[1]))
refusal(lucene_searcher, Path("no-such-folder"))
refusal(lucene_searcher, "no-such-name")
"""


def test_what_is_no_index_or_no_collection_is_one_line(
    python: Python, tmp_path: Path
) -> None:
    lines = python("-c", REFUSALS, tmp_path).stdout.splitlines()
    assert (
        lines[0] == 'Anserini\'s IndexCollection: Invalid collection path "/nowhere".'
    )
    assert lines[1] == (
        f"{tmp_path}: not a Lucene index: no segments* file found; expected a folder "
        "of 'tasb bm25 index'"
    )
    for line, name in zip(lines[2:], ("no-such-folder", "no-such-name"), strict=True):
        assert line == (
            f"{name}: no such Lucene index; expected a folder or the name of a "
            "prebuilt index that can be fetched"
        )
