"""The in-batch teacher's scores do not depend on how passages are grouped."""

import torch
from transformers import DistilBertConfig, DistilBertModel

from tasb_pyserini.training.batches.compose import Texts
from tasb_pyserini.training.teachers.colbert import ColBert, colbert_scores
from tasb_pyserini.training.teaching import InBatchTeacher


def texts(lengths: list[int], seed: int) -> Texts:
    width = max(lengths)
    generator = torch.Generator().manual_seed(seed)
    mask = (torch.arange(width) < torch.tensor(lengths)[:, None]).long()
    ids = torch.randint(5, 50, (len(lengths), width), generator=generator)
    return Texts(ids * mask, mask)


def test_scores_are_those_of_each_passage_alone_in_the_order_of_the_batch() -> None:
    torch.manual_seed(0)
    config = DistilBertConfig(vocab_size=50, dim=32, n_layers=2, n_heads=4)
    model = ColBert(DistilBertModel(config), 32).eval()
    query = texts([3, 6, 4], 1)
    pos, neg = texts([90, 4, 70], 2), texts([5, 120, 60], 3)

    scores = InBatchTeacher(model, masks=2, mask_id=4).scores(query, (pos, neg))

    plain = InBatchTeacher(model, masks=2, mask_id=4)
    alone = [
        plain.scores(query, (Texts(ids[None, :length], mask[None, :length]),))
        for part in (pos, neg)
        for ids, mask in zip(*part, strict=True)
        for length in [int(mask.sum())]
    ]
    assert scores.shape == (3, 6)
    torch.testing.assert_close(scores, torch.cat(alone, dim=1))
    whole = colbert_scores(model, query, (pos, neg))
    torch.testing.assert_close(
        InBatchTeacher(model, 0, 4).scores(query, (pos, neg)), whole
    )
