"""Measures are named as ir-measures names them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.evaluation.measures import Measure
from tasb_pyserini.formats.errors import TasbError


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("nDCG@10", "nDCG@10"),
        ("ndcg@10", "nDCG@10"),
        ("NDCG", "nDCG"),
        ("RR", "RR"),
        ("recip_rank", "RR"),
        ("MRR@10", "RR@10"),
        ("MAP", "AP"),
        ("AP@100", "AP@100"),
        ("R@1K", "R@1000"),
        ("recall@100", "R@100"),
        ("P@5", "P@5"),
    ],
)
def test_a_measure_prints_as_ir_measures_names_it(text: str, name: str) -> None:
    assert str(Measure.parse(text)) == name
    assert Measure.parse(name) == Measure.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("NDGC@10", r"unknown measure 'NDGC@10': .*; did you mean nDCG@10\?"),
        ("mpa", r"did you mean AP\?"),
        ("Rcall@50", r"did you mean R@50\?"),
        ("ndcg_cut.10", r"unknown measure 'ndcg_cut.10': .*; did you mean nDCG\?"),
        ("nDCG@", r"did you mean nDCG\?"),
        ("nDCG@0", r"unknown measure 'nDCG@0': .*; did you mean nDCG\?"),
        ("nDCG@-1", "unknown measure 'nDCG@-1'"),
        ("", "unknown measure ''"),
        ("R", "measure R: expected a cutoff: R@100"),
        ("P", "measure P: expected a cutoff: P@100"),
    ],
)
def test_an_unknown_measure_is_refused_with_the_nearest(
    text: str, message: str
) -> None:
    with pytest.raises(TasbError, match=message):
        Measure.parse(text)


@given(text=st.text(max_size=12))
def test_any_text_is_a_measure_or_an_error(text: str) -> None:
    try:
        measure = Measure.parse(text)
    except TasbError:
        return
    assert Measure.parse(str(measure)) == measure


def test_a_cutoff_below_one_is_refused() -> None:
    with pytest.raises(TasbError, match="nDCG@0: expected a cutoff of at least 1"):
        Measure("nDCG", 0)
