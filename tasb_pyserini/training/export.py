"""The checkpoint that a training run ends with."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tasb_pyserini.encoders.model import BertDot, save_model
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.encoders.tokenizer_files import copy_tokenizer
from tasb_pyserini.formats.replace import named_in, sync_folder
from tasb_pyserini.formats.temporary import temporary_folder


def export_checkpoint(
    model: BertDot,
    spec: EncoderSpec,
    start: Path,
    output: Path,
    *,
    name: str | None = None,
) -> None:
    """Write the files that ``tasb:OUTPUT`` loads, each whole or not at all.

    Parameters
    ----------
    model
        The trained weights.
    spec
        What the model was trained as.
    start
        The checkpoint that training began with; the tokenizer is taken from there.
    output
        An existing folder.
    name
        Of the checkpoint; None: the folder's.
    """
    name = name or output.resolve().name
    own = replace(
        spec,
        checkpoint=name,
        revision=None,
        weights=None,
        tokenizer=None,
        architecture=None,
    )
    with files_into(output) as temporary:
        save_model(model, temporary)
        own.write(temporary)
        copy_tokenizer(start, temporary)


@contextmanager
def files_into(output: Path) -> Iterator[Path]:
    """Yield a temporary folder, whose files then go into `output`, each whole.

    It may be replaced as a whole: what a killed process leaves of that lies in the
    folder around it.
    """
    with temporary_folder(output / "export") as around:
        temporary = around / "files"
        temporary.mkdir()
        with named_in(output, temporary):
            yield temporary
        for path in sorted(temporary.iterdir()):
            with path.open("rb") as opened:
                os.fsync(opened.fileno())
            path.replace(output / path.name)
    sync_folder(output)
