"""From an encoder's location to a folder with its files, and the spec that fits."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

from tasb_pyserini.encoders.config import read_config
from tasb_pyserini.encoders.names import read_cards
from tasb_pyserini.encoders.spec import SPEC_FILE, EncoderSpec
from tasb_pyserini.encoders.weight_files import (
    PATTERNS,
    lack_of_weights,
    weight_files,
)
from tasb_pyserini.formats.checksum import file_sha256
from tasb_pyserini.formats.errors import TasbError

LOCAL_COPY = "TASB_CHECKPOINT"
"""Environment variable: a folder that holds the public checkpoint ``tasb``."""

_FILES = [
    "config.json",
    *PATTERNS,
    "vocab.txt",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    SPEC_FILE,
]


def find_checkpoint(
    location: str, *, local_only: bool = False
) -> tuple[Path, EncoderSpec]:
    """Return the folder of a checkpoint and its spec, with the hash of its weights.

    Parameters
    ----------
    location
        Name of a card, a folder, or a hub id.
    local_only
        Whether to look in the hub's cache only.

    Raises
    ------
    TasbError
        If there is no such checkpoint, or the hub cannot be reached.
    """
    folder, spec = _find(location, local_only=local_only)
    return folder, replace(spec, weights=hash_weights(folder))


def _find(location: str, *, local_only: bool) -> tuple[Path, EncoderSpec]:
    cards = read_cards()
    if location == "tasb" and (copy := os.environ.get(LOCAL_COPY)):
        folder = Path(copy)
        _require_checkpoint(folder, f"{LOCAL_COPY}={copy}")
        return folder, cards["tasb"]
    folder = Path(location).expanduser()
    if location not in cards and folder.is_dir():
        _require_checkpoint(folder, location)
        return folder, _local_spec(folder)
    by_hub_id = {card.checkpoint: card for card in cards.values()}
    spec = cards.get(location) or by_hub_id.get(location)
    if spec is None:
        spec = EncoderSpec(checkpoint=location)
    folder = _download(location, spec, local_only=local_only)
    return folder, spec if (location in cards) else _hub_spec(folder, spec)


def hash_weights(folder: Path) -> str:
    """Return ``sha256:…`` of the weight file in `folder`.

    Of shards it is the hash of the hashes, in hexadecimal, of the index and of each
    shard in the order of their names.

    Raises
    ------
    TasbError
        If there is none.
    """
    if lack := lack_of_weights(folder):
        raise TasbError(f"{folder}: {lack}")
    hashes = [file_sha256(path) for path in weight_files(folder)]
    if len(hashes) > 1:
        hashes = [hashlib.sha256("".join(hashes).encode()).hexdigest()]
    return f"sha256:{hashes[0]}"


def _local_spec(folder: Path) -> EncoderSpec:
    if (folder / SPEC_FILE).is_file():
        spec = EncoderSpec.read(folder / SPEC_FILE)
    else:
        spec = EncoderSpec(checkpoint=str(folder), dimension=_hidden_size(folder))
    return replace(spec, checkpoint=str(folder))


def _hub_spec(folder: Path, spec: EncoderSpec) -> EncoderSpec:
    if (folder / SPEC_FILE).is_file():
        return replace(
            EncoderSpec.read(folder / SPEC_FILE),
            checkpoint=spec.checkpoint,
            revision=spec.revision,
        )
    return replace(spec, dimension=_hidden_size(folder))


def _hidden_size(folder: Path) -> int:
    config = read_config(folder)
    size = config.get("dim", config.get("hidden_size"))
    if not isinstance(size, int):
        raise TasbError(
            f"{folder / 'config.json'}: no hidden size; expected 'dim' (DistilBERT) "
            f"or 'hidden_size' (BERT)"
        )
    return size


def _require_checkpoint(folder: Path, name: str) -> None:
    if lack := _lack(folder):
        raise TasbError(f"{name}: {lack}")


def _lack(folder: Path) -> str:
    """Return what a folder lacks to be a checkpoint; empty for nothing."""
    if not (folder / "config.json").is_file():
        return "no config.json; expected the folder of a checkpoint"
    if lack := lack_of_weights(folder):
        return lack
    if not any((folder / file).is_file() for file in ("tokenizer.json", "vocab.txt")):
        return "no tokenizer; expected tokenizer.json or vocab.txt"
    return ""


def _download(location: str, spec: EncoderSpec, *, local_only: bool) -> Path:
    from huggingface_hub.constants import ENDPOINT

    from tasb_pyserini.encoders.hub import (
        HubError,
        cached_snapshot,
        fetch_snapshot,
        is_hub_id,
    )

    if not is_hub_id(spec.checkpoint):
        raise TasbError(
            f"encoder {location!r}: no such folder, and not a hub id (OWNER/NAME) or "
            f"a card ({', '.join(read_cards())})"
        )
    folder = cached_snapshot(
        spec.checkpoint, spec.revision, _FILES, lambda folder: not _lack(folder)
    )
    try:
        if folder is None and local_only:
            raise HubError("not asked, and not in its cache")
        folder = folder or fetch_snapshot(spec.checkpoint, spec.revision, _FILES)
    except HubError as error:
        raise TasbError(
            f"encoder {location!r}: could not fetch {spec.checkpoint} from {ENDPOINT} "
            f"({error}); put its files into a folder and use 'tasb:FOLDER', or set "
            f"{LOCAL_COPY}=FOLDER for 'tasb'"
        ) from error
    _require_checkpoint(folder, location)
    return folder
