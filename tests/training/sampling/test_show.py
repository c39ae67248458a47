import json
from pathlib import Path

import numpy as np

from tasb_pyserini.training.sampling.sampler import IndexBatch
from tasb_pyserini.training.sampling.show import DrawnPair, name_pairs, texts_of
from tests.training.sampling.toy import pairs_with_margins

BATCH = IndexBatch(*map(np.array, ([1, 0], [2, 1], [5, 3], [0, 9])))


def test_a_batch_is_shown_by_its_names_cluster_by_cluster() -> None:
    named = name_pairs(pairs_with_margins([1.0, 2.5], [4.0]), BATCH)
    assert named == [
        DrawnPair(qid="q0", cluster=3, pos="d2", neg="d3", margin=2.5, bin=9),
        DrawnPair(qid="q1", cluster=5, pos="d4", neg="d5", margin=4.0, bin=0),
    ]


def test_pairs_without_scores_are_shown_without_margins() -> None:
    pairs = pairs_with_margins([1.0, 2.5], [4.0], scored=False)
    assert [pair.margin for pair in name_pairs(pairs, BATCH)] == [None, None]


def test_only_the_texts_of_the_shown_passages_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"
    lines = [json.dumps({"id": f"d{i}", "contents": f"text {i}"}) for i in range(9)]
    file.write_text("\n".join(lines))
    shown = [name_pairs(pairs_with_margins([1.0, 2.5], [4.0]), BATCH)]
    assert texts_of(shown, file) == {f"d{i}": f"text {i}" for i in (2, 3, 4, 5)}
