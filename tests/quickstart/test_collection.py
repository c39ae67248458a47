import os
import re
import subprocess
import sys
import time

import pytest

from tasb_pyserini.formats.records import Passage, is_id
from tasb_pyserini.quickstart.collection import SHORTEST, stdlib_passages
from tasb_pyserini.quickstart.questions import read_answers, read_questions

PRINT = """
import hashlib, sys
from tasb_pyserini.quickstart.collection import stdlib_passages
before = set(sys.modules)
print(hashlib.sha256(repr(list(stdlib_passages())).encode()).hexdigest())
print(*sorted(set(sys.modules) - before))
"""


def build(hash_seed: str) -> list[str]:
    """Return the collection's checksum and the modules imported to build it."""
    done = subprocess.run(
        [sys.executable, "-c", PRINT],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("\n") == 2  # no module greeted us
    assert not done.stderr
    return done.stdout.split("\n")


@pytest.fixture(scope="module")
def passages() -> list[Passage]:
    return list(stdlib_passages())


def test_the_collection_has_some_3800_passages_made_in_seconds() -> None:
    start = time.perf_counter()
    assert 3500 <= len(list(stdlib_passages())) <= 4500
    assert time.perf_counter() - start < 30  # 1.5 s on an idle core


def test_docids_are_unique_sorted_names(passages: list[Passage]) -> None:
    docids = [passage.docid for passage in passages]
    assert docids == sorted(set(docids))
    for docid in docids:
        assert is_id(docid)
        assert all(
            part.isidentifier() and not part.startswith("_")
            for part in docid.split(".")
        )


def test_texts_are_unique_and_long_enough(passages: list[Passage]) -> None:
    texts = [passage.contents for passage in passages]
    assert len(set(texts)) == len(texts)
    assert min(len(text.split()) for text in texts) >= SHORTEST


@pytest.mark.parametrize(
    ("docid", "start"),
    [
        ("shutil.copytree", "Recursively copy a directory tree and return the dest"),
        ("str.split", "Return a list of the substrings in the string, using sep"),
        ("dict.fromkeys", "Create a new dictionary with keys from iterable and"),
        ("math.isclose", "Determine whether two floating"),
        ("os.path.join", "Join two or more pathname components, inserting '/' as"),
        ("random.randint", "Return random integer in range [a, b], including both"),
        ("asyncio.gather", "Return a future aggregating results from the given"),
        ("pathlib.Path.mkdir", "Create a new directory at this given path."),
        ("collections.abc.MutableSequence.extend", "extend sequence by appending"),
        ("xml.etree.ElementTree.parse", "Parse XML document into element tree."),
        ("itertools.chain", "Return a chain object whose .__next__() method"),
        ("unittest.TestCase.assertRaises", "Fail unless an exception of class"),
        ("concurrent.futures.as_completed", "An iterator over the given futures"),
    ],
)
def test_well_known_functions_have_their_public_name_and_text(
    passages: list[Passage], docid: str, start: str
) -> None:
    (contents,) = [p.contents for p in passages if p.docid == docid]
    assert contents.startswith(start)


def test_private_and_undesired_modules_are_absent(passages: list[Passage]) -> None:
    roots = {
        passage.docid.split(".")[0] for passage in passages if "." in passage.docid
    }
    assert not roots & {"antigravity", "builtins", "idlelib", "lib2to3", "posixpath"}
    assert not roots & {"test", "this", "tkinter", "turtledemo", "genericpath"}


def test_no_passage_shows_its_qualified_name(passages: list[Passage]) -> None:
    for passage in passages:
        if "." in passage.docid:
            name = rf"(?<![\w.]){re.escape(passage.docid)}(?!\w)"
            assert not re.search(name, passage.contents), passage


def test_no_passage_begins_with_its_name_as_title_or_call(
    passages: list[Passage],
) -> None:
    for passage in passages:
        bare = re.escape(passage.docid.rpartition(".")[2])
        title = rf"[@*`]*(async |class )?([\w.]+\.)?{bare}[*`]*\s*(\(|:|--|—|- )"
        assert not re.match(title, passage.contents), passage


def test_no_line_is_a_signature_of_its_passage(passages: list[Passage]) -> None:
    for passage in passages:
        bare = re.escape(passage.docid.rpartition(".")[2])
        signature = rf"(\w+ = )?([\w.]+\.)?{bare}\s*\([^()]*\)(\s*[-=]+> .{{0,40}})?"
        for line in passage.contents.split("\n"):
            assert not re.fullmatch(signature, line), passage


def test_two_processes_with_other_hash_seeds_build_the_same() -> None:
    assert build("1")[0] == build("2")[0]


def test_building_imports_only_harmless_modules() -> None:
    imported = {name.split(".")[0] for name in build("0")[1].split()}
    assert "sqlite3" in imported or "_sqlite3" not in sys.stdlib_module_names
    assert not imported & {"antigravity", "this", "idlelib", "test", "lib2to3"}
    assert not imported & {"turtledemo", "turtle", "tkinter", "__main__", "numpy"}
    assert not imported & {"asyncio", "multiprocessing", "webbrowser", "pdb", "ssl"}


def test_there_are_at_least_80_different_questions() -> None:
    questions = read_questions()
    assert len(questions) >= 80
    assert len({text.casefold() for text in questions.values()}) == len(questions)


def test_every_question_has_answers_in_the_collection(passages: list[Passage]) -> None:
    docids = {passage.docid for passage in passages}
    answers = read_answers()
    assert answers.keys() == read_questions().keys()
    for qid, grades in answers.items():
        assert grades.keys() <= docids, qid
        assert set(grades.values()) == {1}
