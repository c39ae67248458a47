"""monoT5 and duoT5 answer as transformers does, one plain input at a time."""

from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
import torch

from tasb_pyserini.search.rerank.duot5 import DuoT5
from tasb_pyserini.search.rerank.monot5 import MonoT5
from tests.search.rerank.models import PASSAGES, TOPICS, make_t5, plain_answers

PAIRS = list(product(TOPICS.values(), PASSAGES.values()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_t5(tmp_path_factory.mktemp("models") / "t5")


def load(folder: Path) -> MonoT5:
    return MonoT5.load(str(folder), device="cpu")


def test_monot5_is_the_log_probability_of_true(folder: Path) -> None:
    queries, passages = zip(*PAIRS, strict=True)
    scores = load(folder).score(queries, passages)
    plain = plain_answers(
        folder, [f"Query: {q} Document: {d} Relevant:" for q, d in PAIRS]
    )
    assert scores.dtype == np.float32
    assert scores == pytest.approx([log for log, _ in plain], abs=1e-5)
    assert np.ptp(scores) > 0.1


def test_duot5_is_the_probability_of_true(folder: Path) -> None:
    rows = [(q, *pair) for q in TOPICS.values()
            for pair in permutations(PASSAGES.values(), 2)]  # fmt: skip
    queries, firsts, seconds = zip(*rows, strict=True)
    model = DuoT5.load(str(folder), device="cpu")
    preferences = model.prefer(queries, firsts, seconds)
    prompt = "Query: {} Document0: {} Document1: {} Relevant:"
    plain = plain_answers(folder, [prompt.format(*row) for row in rows])
    assert preferences == pytest.approx([p for _, p in plain], abs=1e-5)
    assert np.ptp(preferences) > 0.1


def test_white_space_in_a_text_changes_nothing(folder: Path) -> None:
    model = load(folder)
    [plain] = model.score(["a tree"], ["the tree of it"])
    assert model.score([" a  tree "], ["the\ttree of\nit "]).tolist() == [plain]


def test_other_inputs_do_not_change_a_score(folder: Path) -> None:
    model = load(folder)
    queries, passages = zip(*PAIRS, strict=True)
    together = model.score(queries, passages)
    alone = [model.score([q], [d])[0] for q, d in PAIRS]
    assert together == pytest.approx(alone, abs=1e-5)


def test_threads_do_not_change_a_score(folder: Path) -> None:
    model = load(folder)
    queries, passages = zip(*PAIRS, strict=True)
    threads = torch.get_num_threads()
    found = []
    try:
        for number in (1, 2):
            torch.set_num_threads(number)
            found.append(model.score(queries, passages))
    finally:
        torch.set_num_threads(threads)
    assert found[0] == pytest.approx(found[1], abs=1e-5)


def test_weights_may_be_a_bin_file(folder: Path, tmp_path: Path) -> None:
    other = make_t5(tmp_path / "bin", form="bin")
    one, two = (load(path).score(["tree"], ["copy"])[0] for path in (folder, other))
    assert one == two


def test_bf16_is_near_fp32_and_described(folder: Path) -> None:
    half = MonoT5.load(str(folder), device="cpu", precision="bf16")
    full = load(folder)
    queries, passages = zip(*PAIRS, strict=True)
    near, exact = (model.score(queries, passages) for model in (half, full))
    assert 0 < np.abs(near - exact).max() < 0.5
    assert half.describe() == full.describe() | {"precision": "bf16"}


def test_a_passage_is_cut_and_the_words_are_not(folder: Path) -> None:
    model = load(folder)
    prompt = model.model.question.prompt
    seen: list[int] = []
    embeddings = model.model.model.get_submodule("encoder.embed_tokens")
    embeddings.register_forward_pre_hook(
        lambda _, inputs: seen.append(inputs[0].shape[1])
    )
    scores = model.score(["tree"] * 3, ["copy " * n for n in (99, 500, 9000)])
    assert max(seen) == prompt.max_length
    assert scores[1] == pytest.approx(scores[2], abs=1e-5)  # rows round alike or not


def test_nothing_gives_nothing(folder: Path) -> None:
    assert load(folder).score([], []).shape == (0,)
