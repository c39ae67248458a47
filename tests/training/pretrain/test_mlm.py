import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.fit import open_accelerator
from tasb_pyserini.training.learner import Learner
from tasb_pyserini.training.pretrain.compose import Composer
from tasb_pyserini.training.pretrain.mlm import (
    MaskedWords,
    MlmTask,
    load_mlm,
    word_pieces,
)
from tasb_pyserini.training.pretrain.start import make_start
from tasb_pyserini.training.pretrain.texts import open_parts, write_parts
from tests.training.pretrain.corpora import QUICK, TINY, write_corpora

DEVICE = torch.device("cpu")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Composer]:
    folder = tmp_path_factory.mktemp("mlm")
    paths = write_corpora(folder)
    start = make_start(folder / "start", TINY, paths, seed=1)
    tokenizer = load_tokenizer(start)
    write_parts(folder / "texts", paths, tokenizer, 24)
    texts = open_parts(folder / "texts", 24)
    return start, Composer(texts, "none", tokenizer, seed=1)


def test_the_loss_is_that_of_a_slow_sum_over_chosen_tokens(
    made: tuple[Path, Composer],
) -> None:
    start, composer = made
    torch.manual_seed(0)
    model = load_mlm(start)
    task = MlmTask(model, load_tokenizer(start), 0.3, seed=1)
    texts = composer.batch(0, np.array([0, 5, 30])).query
    seen: list[torch.Tensor] = []
    task.wrapped.register_forward_pre_hook(
        lambda _, given: seen.extend(
            given
        )  # what the model reads, and where it answers
    )

    found = task.losses_of(task.wrapped, texts, np.random.default_rng(8), DEVICE)

    read, mask, positions = seen
    logits = model(input_ids=read, attention_mask=mask).logits  # transformers' own head
    losses, right = [], 0
    for position in positions.tolist():
        row, column = divmod(position, read.shape[1])
        scores = logits[row, column].tolist()
        target = int(texts.input_ids[row, column])
        losses.append(math.log(sum(map(math.exp, scores))) - scores[target])
        right += scores.index(max(scores)) == target
    assert found["loss"].item() == pytest.approx(np.mean(losses), rel=1e-5)
    assert found["masked_accuracy"].item() == pytest.approx(right / len(losses))


def test_gradients_are_those_of_transformers_own_loss(
    made: tuple[Path, Composer],
) -> None:
    start, composer = made
    texts = composer.batch(0, np.array([2, 9])).query
    positions = torch.tensor([1, 3, texts.input_ids.shape[1] + 2])
    targets = texts.input_ids.flatten()[positions]
    labels = torch.full_like(texts.input_ids, -100)
    labels.view(-1)[positions] = targets
    gradients = []
    for own in (True, False):
        torch.manual_seed(0)
        model = load_mlm(start)
        if own:
            logits = MaskedWords(model)(*texts, positions)
            loss = cross_entropy(logits, targets)
        else:
            loss = model(*texts, labels=labels).loss
        torch.autograd.backward(loss)
        gradients.append({n: p.grad for n, p in model.named_parameters()})

    assert gradients[0].keys() == gradients[1].keys()
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradient, gradients[1][name], msg=name)


def test_the_output_layer_keeps_the_weights_of_the_word_embeddings(
    made: tuple[Path, Composer],
) -> None:
    start, composer = made
    config = QUICK.training(3)
    with open_accelerator(config, "cpu") as accelerator:
        torch.manual_seed(0)
        model = load_mlm(start)
        before = model.distilbert.embeddings.word_embeddings.weight.detach().clone()
        learner = Learner(
            MlmTask(model, load_tokenizer(start), 0.15, seed=1), config, accelerator
        )
        learner.update([composer.batch(0, np.arange(4))], 0)

    words = model.distilbert.embeddings.word_embeddings.weight
    assert model.vocab_projector.weight is words
    assert not torch.equal(words, before)


def test_no_token_to_predict_makes_a_loss_of_nothing(
    made: tuple[Path, Composer],
) -> None:
    start, composer = made
    task = MlmTask(load_mlm(start), load_tokenizer(start), 0.15, seed=1)
    texts = composer.batch(0, np.array([0])).query
    texts = texts._replace(input_ids=torch.ones_like(texts.input_ids))  # all [UNK]

    losses = task.losses_of(task.wrapped, texts, np.random.default_rng(0), DEVICE)

    assert losses["loss"].item() == 0


def test_word_pieces_are_all_but_the_special_tokens(
    made: tuple[Path, Composer],
) -> None:
    tokenizer = load_tokenizer(made[0])

    words, mask_id = word_pieces(tokenizer)

    assert words.tolist() == list(range(5, tokenizer.get_vocab_size()))
    assert mask_id == 4


def test_another_architecture_is_refused(
    made: tuple[Path, Composer], tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))

    with pytest.raises(TasbError, match="model type bert; expected a DistilBERT"):
        load_mlm(tmp_path)
