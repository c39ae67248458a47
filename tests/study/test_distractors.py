"""The distractor curve: measured by hand on a collection of six passages."""

import pytest

from tasb_pyserini.evaluation.measures import Measure
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.study.distractors import distractor_curve

DOCIDS = ["rel", "bm1", "bm2", "x1", "x2", "x3"]
RUN = {"q": {"x1": 6.0, "x2": 5.0, "bm1": 4.0, "rel": 3.0, "x3": 2.0, "bm2": 1.0}}
POOL = {"q": {"bm1": 9.0, "bm2": 8.0}}
QRELS = {"q": {"rel": 2, "bm2": 1}}


def curve(sizes: list[int], *, depth: int = 1) -> dict[str, float]:
    return distractor_curve(
        RUN,
        POOL,
        QRELS,
        DOCIDS,
        depth=depth,
        sizes=sizes,
        measure=Measure.parse("RR@10"),
        level=2,
        seed=1,
    )


def test_it_begins_with_relevant_and_bm25_passages_and_ends_with_all() -> None:
    # rel and bm1: rel is second. All six: rel is fourth.
    assert curve([0, 100]) == {"2": 1 / 2, "6": 1 / 4}


def test_depth_puts_more_of_the_pool_in() -> None:
    assert curve([0], depth=2) == {"3": 1 / 2}


def test_each_size_adds_to_the_one_before() -> None:
    values = list(curve([0, 1, 2, 3, 4]).values())
    assert values == sorted(values, reverse=True)
    assert curve([1]) == {"3": curve([0, 1])["3"]}


def test_a_run_that_lacks_passages_is_refused() -> None:
    with pytest.raises(TasbError, match=r"query q: 6 hits; expected all 7 passages"):
        distractor_curve(
            *(RUN, POOL, QRELS, [*DOCIDS, "x4"]),
            depth=1,
            sizes=[0],
            measure=Measure.parse("RR@10"),
            level=2,
            seed=1,
        )
