from pathlib import Path

import numpy as np
import pytest
import torch

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.model import load_model
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.training.pretrain.compose import Composer
from tasb_pyserini.training.pretrain.contrastive import ContrastiveTask
from tasb_pyserini.training.pretrain.start import make_start
from tasb_pyserini.training.pretrain.texts import open_parts, write_parts
from tests.training.pretrain.corpora import TINY, write_corpora


def test_the_loss_is_that_of_a_slow_softmax_over_the_batch(tmp_path: Path) -> None:
    paths = write_corpora(tmp_path)
    folder = make_start(tmp_path / "start", TINY, paths, seed=1)
    tokenizer = load_tokenizer(folder)
    write_parts(tmp_path / "texts", paths, tokenizer, 64)
    texts = open_parts(tmp_path / "texts", 64)
    composer = Composer(texts, "ict", tokenizer, seed=1)
    batch = composer.batch(0, np.array([0, 4, 22, 31]))
    model = load_model(*find_checkpoint(str(folder)))
    task = ContrastiveTask(model)

    found = task.losses_of(task.wrapped, batch, torch.device("cpu"))

    def vectors(ids: torch.Tensor, mask: torch.Tensor) -> list[np.ndarray]:
        one_by_one = []
        for row, length in zip(ids, mask.sum(dim=1).tolist(), strict=True):
            alone = row[:length][None]
            hidden = model.transformer(alone, torch.ones_like(alone)).last_hidden_state
            one_by_one.append(hidden[0, 0].detach().double().numpy())
        return one_by_one

    queries, passages = vectors(*batch.query), vectors(*batch.pos)
    losses, right = [], 0
    for i, query in enumerate(queries):
        scores = [float(query @ passage) for passage in passages]
        losses.append(np.log(np.sum(np.exp(scores))) - scores[i])
        right += int(np.argmax(scores)) == i
    assert found["loss"].item() == pytest.approx(np.mean(losses), rel=1e-4)
    assert found["in_batch_accuracy"].item() == right / 4
