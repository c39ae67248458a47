"""Masked language modelling: the model, and its way from a batch to a gradient."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import DistilBertForMaskedLM

from tasb_pyserini.encoders.pretrained import folder_error, one_line
from tasb_pyserini.encoders.tokenizer import SPECIAL_TOKENS
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.json_file import read_object
from tasb_pyserini.training.batches.compose import PairBatch, Texts
from tasb_pyserini.training.objective import Losses
from tasb_pyserini.training.pretrain.masking import mask_tokens


class MaskedWords(nn.Module):
    """Predicts tokens at some places only: the softmax over the vocabulary is dear.

    Parameters
    ----------
    model
        Its output layer has the weights of its word embeddings.
    """

    def __init__(self, model: DistilBertForMaskedLM) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, positions: Tensor
    ) -> Tensor:
        """Return logits of all word pieces, shape ``(n_positions, n_pieces)``.

        Parameters
        ----------
        input_ids, attention_mask
            Shape ``(n_texts, n_tokens)``.
        positions
            Places in ``input_ids`` laid end to end.
        """
        hidden: Tensor = self.model.distilbert(
            input_ids=input_ids, attention_mask=attention_mask
        ).last_hidden_state
        picked = self.model.vocab_transform(hidden.flatten(0, 1)[positions])
        normed = self.model.vocab_layer_norm(self.model.activation(picked))
        logits: Tensor = self.model.vocab_projector(normed)
        return logits


class MlmTask:
    """Trains an encoder to predict masked tokens.

    Parameters
    ----------
    model
        Of :func:`load_mlm`.
    tokenizer
        The model's own.
    rate
        Share of tokens to predict.
    seed
        Of the masks, which are others in each batch.
    """

    def __init__(
        self,
        model: DistilBertForMaskedLM,
        tokenizer: Tokenizer,
        rate: float,
        seed: int,
    ) -> None:
        self.model: nn.Module = model
        self.wrapped: nn.Module = MaskedWords(model)
        self._words, self._mask_id = word_pieces(tokenizer)
        self._rate, self._seed = rate, seed

    def learn(
        self,
        prepared: nn.Module,
        batch: PairBatch,
        weight: float,
        accelerator: Accelerator,
        *,
        last: bool,
    ) -> Losses:
        """Add the gradient of a batch; see :class:`~..tasks.task.Task`."""
        rng = np.random.default_rng((self._seed, batch.number))
        losses = self.losses_of(prepared, batch.query, rng, accelerator.device)
        accelerator.backward(losses["loss"] * weight)
        return losses

    def losses_of(
        self,
        module: nn.Module,
        texts: Texts,
        rng: np.random.Generator,
        device: torch.device,
    ) -> Losses:
        """Return the mean loss of the masked tokens, and how many are found.

        Parameters
        ----------
        module
            :class:`MaskedWords`, as it is or wrapped.
        texts
            Texts to mask.
        rng
            Of the masks.
        device
            The module's.
        """
        ids, positions, targets = (
            torch.from_numpy(array).to(device)
            for array in mask_tokens(
                texts.input_ids.numpy(), self._words, self._mask_id, self._rate, rng
            )
        )
        logits = module(ids, texts.attention_mask.to(device), positions).float()
        n = max(1, len(targets))
        return {
            "loss": cross_entropy(logits, targets, reduction="sum") / n,
            "masked_accuracy": (logits.argmax(dim=1) == targets).sum() / n,
        }


def load_mlm(folder: Path) -> DistilBertForMaskedLM:
    """Load a DistilBERT for masked language modelling, in fp32.

    A checkpoint without a head for it gets a new one, by torch's random state. In eval
    mode, without dropout: few steps over many passages don't overfit, and half of
    attention's time is saved (Geiping and Goldstein, ICML 2023, §4.2, leave it out).

    Raises
    ------
    TasbError
        If it is no DistilBERT, or not a whole one.
    """
    expected = "a DistilBERT checkpoint"
    kind = read_object(folder / "config.json", expected).get("model_type")
    if kind != "distilbert":
        raise folder_error(folder, f"model type {kind}", expected)
    auto: Any = DistilBertForMaskedLM  # its type knows no loading info
    with one_line(folder, "can't be loaded", expected):
        model, report = auto.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=(folder / "model.safetensors").is_file(),
            weights_only=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    missing = [name for name in report["missing_keys"] if not name.startswith("vocab_")]
    if missing:
        raise folder_error(folder, f"weights lack {missing[0]!r}", expected)
    loaded: DistilBertForMaskedLM = model.eval()
    return loaded


def word_pieces(tokenizer: Tokenizer) -> tuple[NDArray[np.int64], int]:
    """Return the sorted ids of all pieces but special ones, and [MASK]'s.

    Raises
    ------
    TasbError
        If there is no [MASK].
    """
    vocabulary = tokenizer.get_vocab()
    if "[MASK]" not in vocabulary:
        raise TasbError("no [MASK] in the vocabulary; expected BERT's special tokens")
    words = [n for piece, n in vocabulary.items() if piece not in SPECIAL_TOKENS]
    return np.array(sorted(words), dtype=np.int64), vocabulary["[MASK]"]
