"""What a folder of sentence-transformers says of its vectors.

Read from the files that its ``SentenceTransformer.save`` writes: ``modules.json``, the
``config.json`` of the pooling, and ``sentence_bert_config.json``.
"""

from pathlib import Path
from typing import Any

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.json_file import read_array, read_object

MODULES = "modules.json"
LENGTHS = "sentence_bert_config.json"
FILES = (MODULES, LENGTHS, "*_Pooling/config.json")
"""Patterns of names, below the folder."""

_EXPECTED = "what sentence-transformers writes", "save or fetch the model again"
_POOLINGS = {"cls": "cls", "cls_token": "cls", "mean": "mean", "mean_tokens": "mean"}
_CHAINS = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])


def read_modules(folder: Path) -> dict[str, Any]:
    """Return pooling, normalisation and lengths by the names of an encoder's spec.

    Parameters
    ----------
    folder
        With ``modules.json``. Without a ``max_seq_length`` lengths are left out.

    Raises
    ------
    InputError
        If the modules make vectors otherwise than an encoder's spec can say.
    """
    path = folder / MODULES
    modules = read_array(path, *_EXPECTED)
    kinds = [str(_get(module, "type")).rpartition(".")[2] for module in modules]
    if kinds not in _CHAINS or _get(modules[0], "path"):
        chain = ", ".join(kinds) or "no modules"
        expected = "Transformer (in the folder itself), Pooling and perhaps Normalize"
        raise InputError(path, None, chain, expected)
    settings = {
        "pooling": _pooling(folder / str(_get(modules[1], "path")) / "config.json"),
        "normalize": "Normalize" in kinds,
    }
    lengths = folder / LENGTHS
    said = read_object(lengths, *_EXPECTED) if lengths.is_file() else {}
    if (limit := said.get("max_seq_length")) is not None:
        settings |= {"query_max_length": limit, "passage_max_length": limit}
    return settings


def _pooling(path: Path) -> str:
    config = read_object(path, *_EXPECTED)
    prefix = "pooling_mode_"
    said = [key for key in config if key.startswith(prefix) and config[key] is True]
    modes = [key.removeprefix(prefix) for key in said]
    if "pooling_mode" in config:  # of newer versions
        modes.append(str(config["pooling_mode"]))
    if len(modes) != 1 or modes[0] not in _POOLINGS:
        found = f"pooling by {' and '.join(modes) or 'nothing'}"
        raise InputError(path, None, found, "cls_token or mean_tokens")
    return _POOLINGS[modes[0]]


def _get(module: Any, key: str) -> Any:
    return module.get(key) if isinstance(module, dict) else None
