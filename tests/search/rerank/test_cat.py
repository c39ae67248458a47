from itertools import product
from pathlib import Path

import pytest

from tasb_pyserini.search.rerank.cat import Cat
from tests.teachers import (
    PASSAGES,
    QUERIES,
    make_teacher,
    plain_scores,
)

PAIRS = list(product(QUERIES.values(), PASSAGES.values()))


@pytest.mark.parametrize("kind", ["bert", "roberta", "distilbert"])
@pytest.mark.parametrize("labels", [1, 2])
def test_scores_are_those_of_transformers_one_by_one(
    kind: str, labels: int, tmp_path: Path
) -> None:
    folder = make_teacher(tmp_path / "cat", kind, labels=labels)
    queries, passages = zip(*PAIRS, strict=True)
    scores = Cat.load(str(folder), device="cpu").score(queries, passages)
    assert scores == pytest.approx(plain_scores(folder, PAIRS), abs=1e-5)


def test_long_queries_leave_a_token_of_the_passage(tmp_path: Path) -> None:
    model = Cat.load(str(make_teacher(tmp_path / "cat")), device="cpu")
    query = "tree copy " * 99
    one, other = model.score([query] * 2, ["dense word", "tree word"])
    assert one != other
