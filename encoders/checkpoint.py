"""From an encoder's location to a folder with its files, and the spec that fits."""

import os
from dataclasses import asdict, replace
from pathlib import Path

from tasb_pyserini.encoders import sentence_transformers
from tasb_pyserini.encoders.config import read_config
from tasb_pyserini.encoders.names import read_cards
from tasb_pyserini.encoders.spec import SPEC_FILE, EncoderSpec
from tasb_pyserini.encoders.tokenizer_files import lack_of_tokenizer
from tasb_pyserini.encoders.weight_files import lack_of_weights, weight_files
from tasb_pyserini.formats.checksum import file_sha256, text_sha256
from tasb_pyserini.formats.errors import TasbError

LOCAL_COPY = "TASB_CHECKPOINT"
"""Environment variable: a folder that holds the public checkpoint ``tasb``."""


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
        return folder, _spec_beside(folder, EncoderSpec(checkpoint=str(folder)))
    by_hub_id = {card.checkpoint: card for card in cards.values()}
    card = cards.get(location) or by_hub_id.get(location)
    spec = card or EncoderSpec(checkpoint=location)
    folder = _from_hub(location, spec, known=card is not None, local_only=local_only)
    if location not in cards:
        beside = _spec_beside(folder, spec, known=card is not None)
        spec = replace(beside, revision=spec.revision)
    return folder, spec


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
        hashes = [text_sha256("".join(hashes))]
    return f"sha256:{hashes[0]}"


def _spec_beside(
    folder: Path, spec: EncoderSpec, *, known: bool = False
) -> EncoderSpec:
    """Return a spec with what the files beside the weights say put in its place.

    With `known`, modules of sentence-transformers are passed over.
    """
    if (folder / SPEC_FILE).is_file():
        said = EncoderSpec.read(folder / SPEC_FILE)
        return replace(said, checkpoint=spec.checkpoint)
    spec = replace(spec, dimension=_hidden_size(folder))
    if known or not (folder / sentence_transformers.MODULES).is_file():
        return spec
    settings = asdict(spec) | sentence_transformers.read_modules(folder)
    return EncoderSpec.from_dict(settings, folder / sentence_transformers.LENGTHS)


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
    return lack_of_weights(folder) or lack_of_tokenizer(folder)


def _from_hub(
    location: str, spec: EncoderSpec, *, known: bool, local_only: bool
) -> Path:
    # The hub's library, which a folder does not need.
    from tasb_pyserini.encoders.hub_checkpoint import hub_checkpoint

    folder = hub_checkpoint(
        location,
        spec,
        lambda folder: not _lack(folder),
        known=known,
        local_only=local_only,
    )
    _require_checkpoint(folder, location)
    return folder
