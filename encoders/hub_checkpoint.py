"""An encoder's checkpoint on the hub, with all that says how its vectors are made."""

import sys
from collections.abc import Callable
from pathlib import Path

from huggingface_hub import constants

from tasb_pyserini.encoders import sentence_transformers
from tasb_pyserini.encoders.hub import (
    HubError,
    cached_snapshot,
    fetch_snapshot,
    is_hub_id,
    knows_of,
    note_absence,
)
from tasb_pyserini.encoders.names import FAMILY, read_cards
from tasb_pyserini.encoders.spec import SPEC_FILE, EncoderSpec
from tasb_pyserini.encoders.tokenizer_files import TOKENIZER_FILES
from tasb_pyserini.encoders.weight_files import PATTERNS
from tasb_pyserini.formats.errors import TasbError

_MODEL = ("config.json", *PATTERNS, *TOKENIZER_FILES)
_SETTINGS = (SPEC_FILE, *sentence_transformers.FILES)


def hub_checkpoint(
    location: str,
    spec: EncoderSpec,
    is_whole: Callable[[Path], bool],
    *,
    known: bool,
    local_only: bool,
) -> Path:
    """Return the folder of a checkpoint, from the hub's cache or fetched now.

    Another program may have cached the model without its ``encoder.json`` or modules.
    The hub is then asked for them, once for each commit; where it can't be, a line on
    stderr says what is assumed.

    Parameters
    ----------
    location
        As the user named it, for errors.
    spec
        For hub id and revision.
    is_whole
        Tells whether a folder has all that a model needs.
    known
        Whether `spec` is that of a card, and not to be looked for.
    local_only
        Whether to look in the hub's cache only.

    Raises
    ------
    TasbError
        If it is no hub id, or there is no such checkpoint, or it can't be fetched.
    """
    if not is_hub_id(spec.checkpoint):
        raise TasbError(
            f"encoder {location!r}: no such folder, and not a hub id (OWNER/NAME) or "
            f"a card ({', '.join(read_cards())})"
        )
    files = (*_MODEL, SPEC_FILE) if known else (*_MODEL, *_SETTINGS)
    folder = cached_snapshot(spec.checkpoint, spec.revision, files, is_whole)
    if folder is None:
        try:
            if local_only:
                raise HubError("not asked, and not in its cache")
            folder = fetch_snapshot(spec.checkpoint, spec.revision, files)
        except HubError as error:
            what = "it" if location == spec.checkpoint else spec.checkpoint
            further = ", or TASB_CHECKPOINT=FOLDER" if location == FAMILY else ""
            raise TasbError(
                f"encoder {location!r}: could not fetch {what} from "
                f"{constants.ENDPOINT} ({error}); put its files into a folder and use "
                f"'tasb:FOLDER'{further}"
            ) from error
        note_absence(folder, SPEC_FILE)
    elif not (known or local_only or knows_of(folder, SPEC_FILE)):
        _fetch_settings(spec.checkpoint, folder)
    return folder


def _fetch_settings(checkpoint: str, folder: Path) -> None:
    try:
        fetch_snapshot(checkpoint, folder.name, _SETTINGS)
        note_absence(folder, SPEC_FILE)
    except HubError as error:
        modules = (folder / sentence_transformers.MODULES).is_file()
        assumed = (
            "its modules" if modules else "[CLS], not normalised, 30 and 200 tokens"
        )
        print(
            f"tasb: {checkpoint}: no {SPEC_FILE} in the hub's cache, and the hub can't "
            f"be asked for it ({error}); assumed: {assumed}",
            file=sys.stderr,
        )
