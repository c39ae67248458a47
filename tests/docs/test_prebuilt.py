"""What docs/prebuilt.md shows is what the programs take."""

import re
from itertools import chain
from pathlib import Path

from tasb_pyserini.cli.main import build_parser
from tasb_pyserini.prebuilt.catalog import all_known, read_catalog

PAGE = Path(__file__).parents[2] / "docs" / "prebuilt.md"


def test_the_catalogue_of_ones_own_is_read(tmp_path: Path) -> None:
    (listed,) = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    path = tmp_path / "catalog.json"
    path.write_text(listed)
    assert list(read_catalog(path)) == ["mylab.tasb"]


def test_each_command_is_one_and_each_name_is_known() -> None:
    text = PAGE.read_text().replace("\\\n", " ")
    commands = re.findall(
        r"^(?:PYSERINI_CACHE=\S+ )?tasb ([^#\n]+)", text, re.MULTILINE
    )
    assert len(commands) == 11
    known = all_known({})
    for command in commands:
        words = command.split()
        args = build_parser(words[0]).parse_args(words)
        named = ("index", "sparse_index", "encoded_queries", "topics", "name")
        said = [getattr(args, key, None) for key in (*named, "names")]
        names = chain.from_iterable(n if isinstance(n, list) else [n] for n in said)
        assert {name for name in names if name} <= set(known)
