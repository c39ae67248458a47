"""Interpolation is the formula of the papers, whatever the lists hold."""

from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.search.fusion import interpolate, interpolate_runs

SCORES = st.dictionaries(
    st.sampled_from([f"d{n}" for n in range(12)]), st.integers(-50, 50).map(float)
)


def test_a_document_missing_from_a_list_gets_its_minimum() -> None:
    sparse = {"a": 12.0, "b": 7.0}
    dense = {"b": 90.0, "c": 88.0}
    assert interpolate(sparse, dense, alpha=0.1) == {
        "a": 0.1 * 12 + 88,
        "b": 0.1 * 7 + 90,
        "c": 0.1 * 7 + 88,
    }


@given(SCORES, SCORES, st.sampled_from([0.0, 0.1, 0.5, 2.0]))
def test_any_two_lists_agree_with_the_formula_document_by_document(
    sparse: dict[str, float], dense: dict[str, float], alpha: float
) -> None:
    fused = interpolate(sparse, dense, alpha)
    assert set(fused) == set(sparse) | set(dense)
    for docid, score in fused.items():
        left = sparse[docid] if docid in sparse else min([*sparse.values()] or [0])
        right = dense[docid] if docid in dense else min([*dense.values()] or [0])
        assert score == alpha * left + right


def test_runs_are_fused_by_query_cut_at_k_and_ordered_as_trec_eval_does() -> None:
    sparse = {"1": {"a": 1.0, "b": 1.0, "c": 0.0}, "2": {"x": 3.0}}
    dense = {"1": {"c": 1.0}, "3": {"y": 2.0}}
    fused = interpolate_runs(sparse, dense, alpha=1.0, k=2)
    assert {qid: list(hits.items()) for qid, hits in fused.items()} == {
        "1": [("b", 2.0), ("a", 2.0)],
        "3": [("y", 2.0)],
        "2": [("x", 3.0)],
    }
