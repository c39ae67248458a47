"""ColBERT: a vector for each token, and scores by MaxSim."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from tasb_pyserini.training.batches.compose import Texts
from tasb_pyserini.training.teachers.maxsim import (
    maxsim,
    maxsim_pairs,
    passage_lengths,
)
from tasb_pyserini.training.teachers.reads import Reads


class ColBert(nn.Module):
    """The in-batch teacher of TAS-B (§2.1, eq. 2 and 3), as its authors published it.

    Unlike Khattab and Zaharia's (SIGIR 2020), vectors are not scaled to length 1, and
    punctuation, [CLS] and [SEP] count as any token. Parameters have the names of the
    published checkpoint.

    Parameters
    ----------
    transformer
        A BERT (without its pooler) or DistilBERT.
    dimension
        Length of the token vectors; 768 as published, so that nothing is compressed.
    reads
        What it was trained to read beside the texts; None where nobody wrote it down.
    """

    def __init__(
        self,
        transformer: PreTrainedModel,
        dimension: int = 768,
        reads: Reads | None = None,
    ) -> None:
        super().__init__()
        self.reads = reads
        self.bert_model = transformer
        self.compressor = nn.Linear(transformer.config.hidden_size, dimension)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the token vectors, shape ``(n_texts, n_tokens, dimension)``.

        Those of padding mean nothing. Under autocast they are of its type.

        Parameters
        ----------
        input_ids
            Token ids, shape ``(n_texts, n_tokens)``.
        attention_mask
            1 for tokens, 0 for padding, same shape.
        """
        hidden: Tensor = self.bert_model(
            input_ids=input_ids, attention_mask=attention_mask
        ).last_hidden_state
        vectors: Tensor = self.compressor(hidden)
        return vectors


def colbert_scores(model: ColBert, query: Texts, passages: Sequence[Texts]) -> Tensor:
    """Return the score of each query with each passage, fp32.

    Parameters
    ----------
    model
        Its transformer runs under the caller's autocast; MaxSim in fp32.
    query
        The student's own token ids; see `append_masks`.
    passages
        Read one after the other, each padded as it is; they stand one behind the other
        in the columns: ``(batch.pos, batch.neg)``.

    Returns
    -------
    Tensor
        Shape ``(n_queries, n_passages)``.
    """
    vectors = model(*query)
    scores = [
        maxsim(vectors, query.attention_mask, model(*texts), texts.attention_mask)
        for texts in passages
    ]
    return torch.cat(scores, dim=1)


def colbert_pair_scores(model: ColBert, query: Texts, passages: Texts) -> Tensor:
    """Return the score of query i with passage i, shape ``(n_queries,)``.

    As `colbert_scores`.
    """
    return maxsim_pairs(
        model(*query), query.attention_mask, model(*passages), passages.attention_mask
    )


def append_masks(query: Texts, masks: int, mask_id: int) -> Texts:
    """Return queries with [MASK] tokens behind [SEP], which the model reads as tokens.

    The published checkpoint was trained with 8 a query; as a teacher of TAS-B it got
    none, which is the default of all that trains here. Behind [SEP] is where the
    authors' notebook puts them (``minimal_colbert_usage_example.ipynb``); matchmaker's
    loaders put them before it.

    Parameters
    ----------
    query
        Queries padded on the right.
    masks
        Number for each query; they come on top of the query's longest length.
    mask_id
        Token id of [MASK].

    Examples
    --------
    >>> query = Texts(torch.tensor([[2, 7, 3, 0]]), torch.tensor([[1, 1, 1, 0]]))
    >>> append_masks(query, 2, 4).input_ids.tolist()
    [[2, 7, 3, 4, 4, 0]]
    """
    if not masks:
        return query
    lengths = passage_lengths(query.attention_mask).unsqueeze(1)
    places = lengths + torch.arange(masks, device=lengths.device)
    ids = nn.functional.pad(query.input_ids, (0, masks)).scatter(1, places, mask_id)
    mask = nn.functional.pad(query.attention_mask, (0, masks)).scatter(1, places, 1)
    return Texts(ids, mask)
