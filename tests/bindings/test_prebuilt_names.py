from tasb_pyserini.bindings.prebuilt_names import named, names_of
from tasb_pyserini.prebuilt.catalog import find


def test_judgements_go_by_their_own_name_and_by_that_of_their_topics() -> None:
    judgements = find("dl20-passage.qrels", {})
    for name in ("dl20-passage.qrels", "dl20", "dl20-passage"):
        assert named(name, "qrels", {}) == judgements
    # Train and dev judgements both belong to these topics.
    assert named("msmarco-passage-queries", "qrels", {}) is None


def test_a_name_of_another_kind_is_none() -> None:
    assert named("dl20-passage.qrels", "topics", {}) is None
    assert named("msmarco-v1-passage", "faiss", {}) is None
    assert named("no-such-name", "faiss", {}) is None


def test_names_are_listed_with_aliases() -> None:
    names = names_of("topics", {})
    assert {"dl20", "dl20-passage"} <= set(names)
    assert "dl20-passage.qrels" not in names
    assert {"dl20", "dl20-passage", "dl20-passage.qrels"} <= set(names_of("qrels", {}))
