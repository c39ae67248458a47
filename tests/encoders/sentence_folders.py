"""Files that sentence-transformers saves beside a model."""

import json
from pathlib import Path
from typing import Any

MODES = ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "lasttoken")


def add_modules(
    folder: Path,
    pooling: str,
    *,
    normalize: bool = False,
    max_seq_length: Any = None,
    more: tuple[str, ...] = (),
) -> None:
    """Add them to a folder, as ``SentenceTransformer.save`` wrote them in 2024."""
    kinds = ["Transformer", "Pooling", *more, *(["Normalize"] if normalize else [])]
    modules = [
        {
            "idx": number,
            "name": str(number),
            "path": f"{number}_{kind}" if number else "",
            "type": f"sentence_transformers.models.{kind}",
        }
        for number, kind in enumerate(kinds)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    modes = {f"pooling_mode_{mode}": mode == pooling for mode in MODES}
    config = {"word_embedding_dimension": 64, **modes, "include_prompt": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(config))
    lengths = {"max_seq_length": max_seq_length, "do_lower_case": False}
    (folder / "sentence_bert_config.json").write_text(json.dumps(lengths))
