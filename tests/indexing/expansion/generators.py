"""Tiny T5s with random weights, in the forms that real checkpoints have."""

from pathlib import Path
from typing import Literal

import sentencepiece
import torch
from transformers import T5Config, T5ForConditionalGeneration, T5Tokenizer

_TEXT = """
what is a dog cat tree the of how many query passage bark run eat who where when dense
sparse word copy paris
"""
WORDS = _TEXT.split()

Form = Literal["safetensors", "bin", "spiece"]


def make_generator(
    folder: Path, form: Form = "safetensors", *, start: int | None = 0
) -> Path:
    """Write a two-layer T5 and its tokenizer; ``spiece`` is castorini's form."""
    torch.manual_seed(0)
    folder.mkdir(parents=True)
    if form == "spiece":
        words = _sentencepiece(folder)
    else:
        scores = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
        pieces = [*scores, *((f"▁{word}", -3.0) for word in WORDS)]
        tokenizer = T5Tokenizer(vocab=pieces, extra_ids=0)
        tokenizer.save_pretrained(folder)
        words = len(tokenizer)
    config = T5Config(
        vocab_size=words,
        d_model=32,
        d_kv=8,
        d_ff=64,
        num_layers=2,
        num_heads=4,
        # With the usual factor of 1, tokens repeat themselves.
        initializer_factor=0.5,
    )
    config.update({"decoder_start_token_id": start})
    model = T5ForConditionalGeneration(config)
    if form == "safetensors":
        model.save_pretrained(folder)
    else:
        config.save_pretrained(folder)
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
    return folder


def _sentencepiece(folder: Path) -> int:
    (folder / "text").write_text("\n".join([" ".join(WORDS)] * 50))
    sentencepiece.SentencePieceTrainer.train(
        input=str(folder / "text"),
        model_prefix=str(folder / "spiece"),
        vocab_size=40,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        minloglevel=2,
    )
    (folder / "text").unlink()
    (folder / "spiece.vocab").unlink()
    return 40 + 100  # T5's tokenizer adds 100 sentinels
