"""BERT_CAT: query and passage read together, and one score."""

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import BertModel, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

from tasb_pyserini.encoders.matchmaker.files import (
    PREFIX,
    SIZES,
    fill_weights,
    read_config,
    read_weights,
    transformer_config,
    write_checkpoint,
)
from tasb_pyserini.encoders.matchmaker.transformer import (
    build_transformer,
    keep_sizes,
    start_transformer,
)

BERT_CAT = "BERT_Cat"
"""``model_type`` of the published BERT_CAT and of ours."""


class BertCat(nn.Module):
    """The pairwise teacher of TAS-B (§2.1, eq. 1), as its authors published it.

    One linear layer above [CLS]. Above a BERT it stands on BERT's pooler, above a
    DistilBERT, which has none, on the hidden state itself (matchmaker's
    ``models/bert_cat.py``). So it is neither's ``…ForSequenceClassification``, in which
    DistilBERT gets a layer more, with ReLU. Parameters have the names of the published
    checkpoint.

    Parameters
    ----------
    transformer
        A BERT or DistilBERT.
    """

    def __init__(self, transformer: PreTrainedModel) -> None:
        super().__init__()
        self.bert_model = transformer
        self._classification_layer = nn.Linear(transformer.config.hidden_size, 1)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        token_type_ids: Tensor | None = None,
    ) -> Tensor:
        """Return the scores of pairs, raw and in fp32, shape ``(n_pairs,)``.

        The last layer is computed in fp32 under any autocast: one step of bf16 is .06
        at a score of 8, as large as many a margin.

        Parameters
        ----------
        input_ids
            Token ids of [CLS] query [SEP] passage [SEP], shape ``(n_pairs, n_tokens)``;
            see :func:`~tasb_pyserini.training.teachers.pairs.join_pair`.
        attention_mask
            1 for tokens, 0 for padding, same shape.
        token_type_ids
            The segment, 0 or 1; same shape. DistilBERT doesn't read it.
        """
        inputs = {"input_ids": input_ids, "attention_mask": attention_mask}
        if token_type_ids is not None and isinstance(self.bert_model, BertModel):
            inputs["token_type_ids"] = token_type_ids
        output = self.bert_model(**inputs)
        vectors = getattr(output, "pooler_output", None)
        if vectors is None:
            vectors = output.last_hidden_state[:, 0]
        with torch.autocast(input_ids.device.type, enabled=False):
            full = vectors.to(torch.promote_types(vectors.dtype, torch.float32))
            scores: Tensor = self._classification_layer(full)
            return scores.squeeze(1)


class BertCatLogits(nn.Module):
    """A BERT_CAT that is called like transformers' sequence classifiers.

    Parameters
    ----------
    model
        The BERT_CAT, whose weights are shared.
    """

    config: PretrainedConfig
    """Of the transformer, with one label."""

    def __init__(self, model: BertCat) -> None:
        super().__init__()
        self.model = model
        self.config = model.bert_model.config
        self.config.num_labels = 1

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return next(self.model.parameters()).device

    def get_input_embeddings(self) -> nn.Module:
        """Return the table of token embeddings."""
        embeddings: nn.Module = self.model.bert_model.get_input_embeddings()
        return embeddings

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        token_type_ids: Tensor | None = None,
    ) -> SequenceClassifierOutput:
        """Return the scores as `logits`, shape ``(n_pairs, 1)``."""
        scores = self.model(input_ids, attention_mask, token_type_ids)
        return SequenceClassifierOutput(logits=scores.unsqueeze(1))


def load_bert_cat(folder: Path) -> BertCat:
    """Load a BERT_CAT, in fp32, in eval mode.

    Parameters
    ----------
    folder
        Of the form of the published checkpoint
        (``sebastian-hofstaetter/distilbert-cat-margin_mse-T2-msmarco``), or from
        `save_bert_cat`. For a hub id, see
        :func:`~tasb_pyserini.encoders.pretrained.find_model`.

    Raises
    ------
    TasbError
        If it is not a whole BERT_CAT on BERT or DistilBERT with a tokenizer.
    """
    config, weights = read_config(folder, BERT_CAT), read_weights(folder, BERT_CAT)
    sizes = transformer_config(config, weights, folder)
    pooler = f"{PREFIX}pooler.dense.weight" in weights
    with torch.random.fork_rng(devices=[]):
        model = BertCat(build_transformer(sizes, pooler=pooler))
    fill_weights(model, weights, folder, BERT_CAT)
    return model.eval()


def new_bert_cat(location: str, *, seed: int) -> BertCat:
    """Return a BERT_CAT to be trained: an encoder with a random last layer.

    Parameters
    ----------
    location
        An encoder: a card's name, a folder, or a hub id; BERT or DistilBERT.
    seed
        Of the last layer, and of BERT's pooler where the encoder lacks it.

    Raises
    ------
    TasbError
        If there is no such encoder.
    """
    transformer = start_transformer(location, seed, pooler=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return BertCat(transformer).eval()


def save_bert_cat(model: BertCat, folder: Path, *, tokenizer: Path) -> None:
    """Write a BERT_CAT that `load_bert_cat` and ``tasb score --teacher`` read.

    Parameters
    ----------
    model
        The weights.
    folder
        To write; what was there is replaced.
    tokenizer
        The checkpoint folder that the tokenizer's files are taken from.

    Raises
    ------
    TasbError
        If `folder` can't be written, or `tokenizer` has no tokenizer.
    """
    config = {"model_type": BERT_CAT, SIZES: keep_sizes(model.bert_model.config)}
    write_checkpoint(model, config, tokenizer, folder)
