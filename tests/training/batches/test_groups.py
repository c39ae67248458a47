from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.model import load_model
from tasb_pyserini.training.batches.compose import Texts
from tasb_pyserini.training.batches.groups import (
    BatchEncoder,
    group_by_length,
    regroup,
)
from tests.checkpoints import make_checkpoint

texts = st.lists(
    st.lists(st.integers(1, 200), min_size=2, max_size=40).map(
        lambda ids: np.array(ids, dtype=np.int32)
    ),
    min_size=2,
    max_size=12,
)
costs = st.sampled_from([1, 16, 64, 10_000])


def padded(ids: list[np.ndarray]) -> Texts:
    width = max(map(len, ids))
    rows = [[*text.tolist(), *[0] * (width - len(text))] for text in ids]
    masks = [[1] * len(text) + [0] * (width - len(text)) for text in ids]
    return Texts(torch.tensor(rows), torch.tensor(masks))


def cost(groups: list[list[int]], pass_cost: int) -> int:
    return sum(len(group) * max(group) + pass_cost for group in groups)


def all_cuts(lengths: list[int]) -> list[list[list[int]]]:
    """Return every way to cut a list, longest first, into runs."""
    ordered, inner = sorted(lengths, reverse=True), range(1, len(lengths))
    ways = []
    for count in range(len(lengths)):
        for cuts in combinations(inner, count):
            bounds = [0, *cuts, len(lengths)]
            ways.append([ordered[a:b] for a, b in pairwise(bounds)])
    return ways


@given(st.lists(st.integers(2, 60), min_size=1, max_size=8), costs)
def test_no_other_cut_costs_less(lengths: list[int], pass_cost: int) -> None:
    array = np.array(lengths)
    groups = [array[group].tolist() for group in group_by_length(array, pass_cost)]

    least = min(cost(way, pass_cost) for way in all_cuts(lengths))

    assert cost(groups, pass_cost) == least


@given(texts, costs)
def test_each_text_is_found_again_by_its_order(
    ids: list[np.ndarray], pass_cost: int
) -> None:
    batch = regroup([padded(ids[:1]), padded(ids[1:])], pass_cost)
    rows = [
        row[mask == 1].tolist()
        for group, masks in zip(batch.input_ids, batch.attention_mask, strict=True)
        for row, mask in zip(group, masks, strict=True)
    ]

    assert [rows[place] for place in batch.order] == [text.tolist() for text in ids]


def test_a_dear_pass_makes_one_group() -> None:
    texts = padded([np.ones(n, np.int32) for n in (3, 200)])
    assert len(regroup([texts], 16_384).input_ids) == 1


@pytest.mark.parametrize("pooling", ["cls", "mean"])
def test_vectors_do_not_depend_on_the_grouping(tmp_path: Path, pooling: str) -> None:
    folder, spec = find_checkpoint(str(make_checkpoint(tmp_path / "c", dimension=64)))
    model = load_model(folder, spec)
    model.pooling = "mean" if pooling == "mean" else "cls"
    rng = np.random.default_rng(0)
    ids = [rng.integers(5, 50, size=n, dtype=np.int32) for n in (3, 30, 4, 29, 12, 3)]
    alone = torch.cat(
        [
            model(torch.tensor(text)[None].long(), torch.ones(1, len(text)))
            for text in ids
        ]
    )

    for pass_cost in (1, 64, 10_000):
        together = BatchEncoder(model)(regroup([padded(ids)], pass_cost))
        torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)
