"""Top-k sampling by random numbers that are given."""

from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput


def choose_tokens(logits: Tensor, numbers: Tensor, top_k: int) -> Tensor:
    """Return the token that each random number points at, shape ``(n,)``.

    Parameters
    ----------
    logits
        Shape ``(n, vocabulary)``.
    numbers
        In [0, 1), float64, shape ``(n,)``: 0 picks the likeliest token, and so on up
        the cumulated probabilities of the `top_k` likeliest.

    Examples
    --------
    >>> logits = torch.tensor([[0.0, 1.0, 3.0]]).log().expand(3, 3)
    >>> choose_tokens(logits, torch.tensor([0.0, 0.74, 0.76]), top_k=2).tolist()
    [2, 2, 1]
    """
    best, tokens = logits.float().topk(min(top_k, logits.shape[-1]))
    cumulated = best.double().softmax(-1).cumsum(-1)
    places = (cumulated[:, :-1] <= numbers[:, None]).sum(-1, keepdim=True)
    return tokens.gather(-1, places).squeeze(-1)


@torch.inference_mode()
def sample_sequences(
    model: PreTrainedModel,
    ids: Tensor,
    numbers: Tensor,
    top_k: int,
    start: int,
    ends: Sequence[int],
) -> list[list[list[int]]]:
    """Return the token ids of each passage's sequences, without start and end.

    The encoder, and the decoder's first step, run once a passage, not once a sequence.
    Sequences that have ended leave the batch when a quarter of it has.

    Parameters
    ----------
    model
        Sequence to sequence.
    ids
        Token ids of passages of one length, shape ``(n_passages, length)``.
    numbers
        Random, float64, shape ``(n_passages, n_sequences, max_length)``.
    top_k
        See `choose_tokens`.
    start, ends
        Token that the decoder begins with; tokens that end a sequence.
    """
    passages, sequences, steps = numbers.shape
    flat = numbers.reshape(passages * sequences, steps)
    stops = torch.tensor(ends, device=ids.device)
    result = torch.full(flat.shape, ends[0], device=ids.device)
    hidden = model.get_encoder()(input_ids=ids).last_hidden_state
    begin = torch.full((passages, 1), start, device=ids.device)
    output = model(
        encoder_outputs=BaseModelOutput(hidden), decoder_input_ids=begin, use_cache=True
    )
    cache = output.past_key_values
    cache.batch_repeat_interleave(sequences)
    hidden = hidden.repeat_interleave(sequences, 0)
    logits = output.logits[:, -1].repeat_interleave(sequences, 0)
    rows = torch.arange(len(flat), device=ids.device)
    alive = torch.ones_like(rows, dtype=torch.bool)
    for step in range(steps):
        tokens = choose_tokens(logits, flat[rows, step], top_k)
        result[rows, step] = tokens
        alive &= ~torch.isin(tokens, stops)
        living = int(alive.sum())
        if not living or step == steps - 1:
            break
        if living <= 0.75 * len(rows):
            left = alive.nonzero().flatten()
            cache.batch_select_indices(left)
            hidden, rows, tokens, alive = (
                x[left] for x in (hidden, rows, tokens, alive)
            )
        output = model(
            encoder_outputs=BaseModelOutput(hidden),
            decoder_input_ids=tokens[:, None],
            past_key_values=cache,
            use_cache=True,
        )
        cache, logits = output.past_key_values, output.logits[:, -1]
    cut = [_before_end(row, ends) for row in result.tolist()]
    return [cut[i : i + sequences] for i in range(0, len(cut), sequences)]


def _before_end(tokens: list[int], ends: Sequence[int]) -> list[int]:
    stop = next((i for i, token in enumerate(tokens) if token in ends), len(tokens))
    return tokens[:stop]
