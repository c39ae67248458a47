"""Small checkpoints of the two forms that real ones have."""

import json
import shutil
from pathlib import Path
from typing import Literal

import torch
from transformers import DistilBertConfig, DistilBertModel

VOCABULARY = Path(__file__).parent / "encoders" / "vocab.txt"


def make_checkpoint(
    folder: Path,
    form: Literal["safetensors", "bin"] = "bin",
    *,
    dimension: int = 32,
    seed: int = 0,
) -> Path:
    """Write a two-layer DistilBERT with random weights.

    The form ``bin`` is that of the published TAS-B checkpoint: ``config.json``,
    ``pytorch_model.bin``, ``vocab.txt``, ``tokenizer_config.json``.
    """
    torch.manual_seed(seed)
    config = DistilBertConfig(
        vocab_size=len(VOCABULARY.read_text(encoding="utf-8").splitlines()),
        dim=dimension,
        n_layers=2,
        n_heads=4,
        hidden_dim=2 * dimension,
        # Weights of the usual size (0.02) would give all texts nearly one vector.
        initializer_range=0.3,
    )
    model = DistilBertModel(config)
    folder.mkdir(parents=True)
    if form == "safetensors":
        model.save_pretrained(folder)
    else:
        config.save_pretrained(folder)
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
    shutil.copy(VOCABULARY, folder / "vocab.txt")
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True}))
    return folder
