"""A validation set's fingerprint tells it from every other."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.training.tokens import tokenize_collection
from tasb_pyserini.training.validation.candidates import Validation, write_validation
from tasb_pyserini.training.validation.prepare import (
    ValidationSet,
    open_validation_set,
)
from tests.checkpoints import make_checkpoint
from tests.training.validation.prepared import make_validation_set

PASSAGES = {"d1": "the tree", "d2": "a word", "d3": "the copy"}
VALIDATION = Validation(
    {"q1": "what is a tree", "q2": "query"},
    {"q1": ["d1", "d2"], "q2": ["d2", "d3", "d1"]},
    {"q1": {"d1": 1}, "q2": {"d3": 2, "d2": 0}},
    {},
)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("start") / "student")


def prepare(
    start: Path,
    validation: Validation = VALIDATION,
    passages: dict[str, str] = PASSAGES,
    query_prefix: str = "",
) -> ValidationSet:
    folder, spec = find_checkpoint(str(start))
    spec = replace(spec, query_prefix=query_prefix)
    return make_validation_set(validation, passages, load_tokenizer(folder), spec)


def test_the_same_set_has_the_same_fingerprint_wherever_it_lies(
    start: Path, tmp_path: Path
) -> None:
    write_validation(tmp_path / "validation", VALIDATION)
    collection = tmp_path / "c.tsv"
    collection.write_text("".join(f"{d}\t{text}\n" for d, text in PASSAGES.items()))
    folder, spec = find_checkpoint(str(start))
    tokenizer = load_tokenizer(folder)
    passages = tokenize_collection(collection, tokenizer, spec, tmp_path / "cache")

    opened = open_validation_set(tmp_path / "validation", passages, tokenizer, spec)

    assert opened.fingerprint() == prepare(start).fingerprint()


@pytest.mark.parametrize(
    "other",
    [
        lambda s: prepare(s, replace(VALIDATION, topics={"q1": "a", "q2": "query"})),
        lambda s: prepare(s, passages={**PASSAGES, "d3": "the word"}),
        lambda s: prepare(s, query_prefix="the"),
        lambda s: prepare(
            s, replace(VALIDATION, candidates={"q1": ["d1"], "q2": ["d2", "d3", "d1"]})
        ),
        lambda s: replace(  # the same numbers end to end, parted elsewhere
            prepare(s), candidates=[np.array([0, 1, 1]), np.array([2, 0])]
        ),
        lambda s: prepare(
            s, replace(VALIDATION, qrels={"q1": {"d1": 1}, "q2": {"d3": 1, "d2": 0}})
        ),
        lambda s: replace(prepare(s), qids=["q1", "q3"]),
        lambda s: replace(prepare(s), docids=["d1", "d2", "d4"]),
    ],
    ids=["query", "passage", "prefix", "fewer", "parted", "grade", "qid", "docid"],
)
def test_a_set_that_differs_anywhere_has_another_fingerprint(
    start: Path, other: Callable[[Path], ValidationSet]
) -> None:
    assert other(start).fingerprint() != prepare(start).fingerprint()
