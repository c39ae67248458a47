"""T5's answer to a prompt: how much rather ``true`` than ``false``."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import PreTrainedModel

from tasb_pyserini.encoders.batching import score_by_length
from tasb_pyserini.encoders.device import (
    Precision,
    autocast,
    default_precision,
    resolve_device,
)
from tasb_pyserini.encoders.distinct import tokenize_distinct
from tasb_pyserini.encoders.pretrained import (
    bare_tokenizer,
    check_vocabulary,
    find_model,
    hash_tensors,
)
from tasb_pyserini.encoders.seq2seq import load_seq2seq, load_seq2seq_tokenizer
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.missing import Done
from tasb_pyserini.search.rerank.prompt import Prompt

ANSWERS = ("▁false", "▁true")
"""Tokens of the answers, as in pygaggle's ``rerank/transformer.py``."""

MAX_LENGTH = 512
"""Most tokens of an input, the length T5 was trained with."""

TOKENS_PER_BATCH = {"cpu": 4_096, "cuda": 32_768}
"""Most tokens of a batch, by kind of device."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a checkpoint's tokenizer makes of the words that ask.

    Parameters
    ----------
    folder
        The checkpoint.
    tokenizer
        Its own.
    prompt
        Where query and passages stand.
    answers
        Token ids of false and true.
    """

    folder: Path
    tokenizer: Tokenizer
    prompt: Prompt
    answers: tuple[int, int]

    @classmethod
    def of(cls, location: str, words: Sequence[str]) -> Self:
        """Read the tokenizer of a checkpoint; its weights are left alone.

        Parameters
        ----------
        location
            A folder, or a hub id.
        words
            Of the prompt.

        Raises
        ------
        TasbError
            If the folder lacks files, or the tokenizer the answers.
        """
        folder = find_model(location)
        wrapped = load_seq2seq_tokenizer(folder)
        tokenizer = bare_tokenizer(wrapped)
        false, true = map(tokenizer.token_to_id, ANSWERS)
        eos = wrapped.eos_token_id
        if false is None or true is None or not isinstance(eos, int):
            raise TasbError(
                f"{folder}: the tokenizer lacks one of {', '.join(ANSWERS)} and an end "
                "of sequence; expected T5's, as monoT5 and duoT5 have it"
            )
        length = min(MAX_LENGTH, wrapped.model_max_length)
        try:
            prompt = Prompt.of(tokenizer, words, eos, length)
        except TasbError as error:
            raise TasbError(f"{folder}: {error}") from error
        return cls(folder, tokenizer, prompt, (false, true))


@dataclass(frozen=True, slots=True)
class TrueFalse:
    """A loaded checkpoint that answers true or false.

    Parameters
    ----------
    question
        How to ask.
    model
        On its device, in eval mode; its last layer is left with the two answers and
        always computes in fp32.
    start
        Token that the decoder starts with.
    precision
        ``bf16``: torch's autocast.
    """

    question: Question
    model: PreTrainedModel
    start: int
    precision: Precision

    @classmethod
    def load(
        cls,
        location: str,
        words: Sequence[str],
        *,
        device: str = "auto",
        precision: Precision | None = None,
    ) -> Self:
        """Load a checkpoint.

        Parameters
        ----------
        location, words
            As of :meth:`Question.of`.
        device
            ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
        precision
            None: bf16 on a GPU, fp32 on a CPU.

        Raises
        ------
        TasbError
            If it is not a whole checkpoint of T5's kind.
        """
        target = resolve_device(device)
        question = Question.of(location, words)
        model = load_seq2seq(question.folder)
        check_vocabulary(question.folder, question.tokenizer, model)
        start = getattr(model.config, "decoder_start_token_id", None)
        start = model.config.pad_token_id if start is None else start
        if start is None:
            raise TasbError(
                f"{question.folder / 'config.json'}: no decoder_start_token_id; "
                "expected T5's, 0"
            )
        answers = _Answers(model, question.answers)
        model.set_output_embeddings(answers)  # type: ignore[no-untyped-call]
        nn.Module.to(model, target)
        kind = precision or default_precision(target)
        return cls(question, model, start, kind)

    def describe(self) -> dict[str, Any]:
        """Return all that the answers depend on."""
        return {
            "weights": hash_tensors(self.model),
            "max_length": self.question.prompt.max_length,
            "precision": self.precision,
        }

    def ask(
        self, queries: Sequence[str], *passages: Sequence[str], done: Done
    ) -> NDArray[np.float32]:
        """Return the logit of true less that of false, shape ``(n_inputs,)``.

        Inputs of one length share a batch, so that nothing is padded and an answer
        does not depend on the other inputs.
        """
        question = self.question
        columns = [
            tokenize_distinct(question.tokenizer, texts, question.prompt.max_length)
            for texts in (queries, *passages)
        ]
        inputs = [question.prompt.join(*row) for row in zip(*columns, strict=True)]
        budget = TOKENS_PER_BATCH[self.model.device.type]

        def ask(batch: list[int]) -> Tensor:
            return self._margins(np.stack([inputs[i] for i in batch]))

        return score_by_length([len(ids) for ids in inputs], budget, ask, done)

    @torch.inference_mode()
    def _margins(self, inputs: NDArray[np.int64]) -> Tensor:
        device = self.model.device
        ids = torch.from_numpy(inputs).to(device)
        start = torch.full((len(ids), 1), self.start, device=device)
        with autocast(device, self.precision):
            logits: Tensor = self.model(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                decoder_input_ids=start,
                use_cache=False,
            ).logits  # (n_inputs, 1, 2)
        return logits[:, 0, 1] - logits[:, 0, 0]


class _Answers(nn.Module):
    """The rows of the last layer that belong to the answers, in fp32."""

    weight: Tensor

    def __init__(self, model: PreTrainedModel, answers: tuple[int, int]) -> None:
        super().__init__()
        last = model.get_output_embeddings()  # type: ignore[no-untyped-call]
        rows = last.weight.detach()[list(answers)].clone()
        self.register_buffer("weight", rows)

    def forward(self, hidden: Tensor) -> Tensor:
        with torch.autocast(hidden.device.type, enabled=False):
            return nn.functional.linear(hidden.float(), self.weight)
