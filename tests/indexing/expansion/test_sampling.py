"""Tokens are drawn from the right distribution, by the numbers of their passage."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare
from torch import Tensor
from transformers import PreTrainedModel

from tasb_pyserini.indexing.expansion.draw import Sampling
from tasb_pyserini.indexing.expansion.generator import QueryGenerator
from tasb_pyserini.indexing.expansion.sampling import choose_tokens, sample_sequences
from tests.indexing.expansion.generators import make_generator

IDS = torch.tensor([[5, 9, 4, 7, 1], [6, 6, 8, 12, 1], [20, 4, 11, 10, 1]])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> PreTrainedModel:
    folder = make_generator(tmp_path_factory.mktemp("t5") / "model")
    return QueryGenerator.load(str(folder), device="cpu").model


def numbers(passages: int, sequences: int, steps: int, seed: int = 3) -> Tensor:
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.random((passages, sequences, steps)))


def slow_sequence(
    model: PreTrainedModel, ids: Tensor, drawn: list[float], top_k: int
) -> list[int]:
    """Draw one sequence: no batch, no cache, and a loop over the probabilities."""
    tokens = [0]
    for number in drawn:
        with torch.no_grad():
            output = model(
                input_ids=ids[None], decoder_input_ids=torch.tensor([tokens])
            )
        logits = output.logits[0, -1].double()
        order = logits.argsort(descending=True)[:top_k]
        shares = torch.softmax(logits[order], 0).tolist()
        below = 0.0
        for place, share in enumerate(shares):
            token, below = int(order[place]), below + share
            if number < below:
                break
        if token == 1:
            break
        tokens.append(token)
    return tokens[1:]


@pytest.mark.parametrize("top_k", [3, 10, 1000])
def test_a_batch_draws_what_each_sequence_draws_alone_without_a_cache(
    model: PreTrainedModel, top_k: int
) -> None:
    random = numbers(3, 6, 9)
    drawn = sample_sequences(model, IDS, random, top_k, 0, [1])
    expected = [
        [slow_sequence(model, ids, row.tolist(), top_k) for row in rows]
        for ids, rows in zip(IDS, random, strict=True)
    ]
    assert drawn == expected
    lengths = {len(sequence) for of in drawn for sequence in of}
    assert len(lengths) > 1  # some end early and leave the batch


def test_top_1_is_what_generate_finds_greedily(model: PreTrainedModel) -> None:
    drawn = sample_sequences(model, IDS, numbers(3, 2, 12), 1, 0, [1])
    found = model.generate(IDS, do_sample=False, max_new_tokens=12)  # type: ignore[operator]  # torch's Module hides its type
    for sequences, row in zip(drawn, found.tolist(), strict=True):
        greedy = row[1:]
        greedy = greedy[: greedy.index(1)] if 1 in greedy else greedy
        assert sequences == [greedy, greedy]


def test_first_tokens_follow_the_softmax_of_the_top_k(model: PreTrainedModel) -> None:
    n, top_k = 20_000, 10
    drawn = sample_sequences(model, IDS[:1], numbers(1, n, 1), top_k, 0, [1])[0]
    with torch.no_grad():
        output = model(input_ids=IDS[:1], decoder_input_ids=torch.tensor([[0]]))
    best, tokens = output.logits[0, -1].topk(top_k)
    counts = dict.fromkeys(tokens.tolist(), 0)
    for sequence in drawn:
        counts[sequence[0] if sequence else 1] += 1
    expected = torch.softmax(best.double(), 0).numpy() * n
    assert chisquare(list(counts.values()), expected).pvalue > 0.01


@given(
    st.lists(st.floats(-9, 9, width=32), min_size=1, max_size=8, unique=True),
    st.integers(1, 9),
    st.floats(0, 1, exclude_max=True),
)
def test_a_number_points_at_its_place_in_the_cumulated_probabilities(
    logits: list[float], top_k: int, number: float
) -> None:
    order = sorted(range(len(logits)), key=lambda i: -logits[i])[:top_k]
    weights = np.exp(np.array(logits)[order] - max(logits))
    ends = np.cumsum(weights / weights.sum())
    chosen = int(
        choose_tokens(torch.tensor([logits]), torch.tensor([number]).double(), top_k)
    )
    place = order.index(chosen)
    assert number < ends[place] + 1e-9 or place == len(order) - 1
    assert place == 0 or number >= ends[place - 1] - 1e-9


def test_numbers_belong_to_seed_and_text_and_more_queries_only_add() -> None:
    few, many = Sampling(queries=3), Sampling(queries=5)
    np.testing.assert_array_equal(many.numbers("a dog")[:3], few.numbers("a dog"))
    assert few.numbers("a dog").shape == (3, 64)
    assert not np.array_equal(few.numbers("a dog"), few.numbers("a cat"))
    other = Sampling(queries=3, seed=1).numbers("a dog")
    assert not np.array_equal(few.numbers("a dog"), other)


def test_numbers_stay_the_same_for_good() -> None:
    first = Sampling().numbers("a dog")[0, :2]
    np.testing.assert_allclose(first, FIRST, rtol=0, atol=1e-15)


FIRST = [0.6249833965778515, 0.9464924196074809]
