"""docs/data.md lists the collections as the specs and the files have them."""

import hashlib
import re

import pytest

from tasb_pyserini.regressions.catalog import load_specs
from tests.conftest import Collections
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "data.md"


def checksums() -> dict[str, str]:
    """Return file → SHA-256, as the page has them."""
    lines = re.findall(r"^([0-9a-f]{64})  (\S+)$", PAGE.read_text(), re.MULTILINE)
    return {file: digest for digest, file in lines}


def test_every_input_of_a_spec_is_listed_as_the_spec_pins_it() -> None:
    pinned = {
        item.source: item.sha256
        for spec in load_specs().values()
        for item in spec.inputs
    }
    assert len(pinned) == 27
    assert pinned.items() <= checksums().items()


def test_no_link_is_dead() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", PAGE.read_text())
    assert links
    assert all((PAGE.parent / link).exists() for link in links)


@pytest.mark.parametrize("name", sorted({file.split("/")[0] for file in checksums()}))
def test_the_collections_at_hand_are_those(collections: Collections, name: str) -> None:
    folder = collections(name)
    for file, digest in checksums().items():
        if file.startswith(f"{name}/"):
            content = (folder.parent / file).read_bytes()
            assert hashlib.sha256(content).hexdigest() == digest
