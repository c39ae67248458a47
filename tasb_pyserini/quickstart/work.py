"""What a quickstart was begun with: the same goes on, other work is refused."""

from pathlib import Path

from tasb_pyserini.formats import outputs
from tasb_pyserini.formats.check import check_collection
from tasb_pyserini.formats.checksum import file_sha256, text_sha256
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.replace import replace_folder
from tasb_pyserini.formats.work import (
    MANIFEST,
    differences,
    read_manifest,
    write_manifest,
)
from tasb_pyserini.quickstart.folder import CollectionFolder, write_stdlib_collection

PARTS = ("vectors", "faiss", "student")
"""Below the output: what another collection or encoder can't go on with."""

STUDENT = "a student trained here"
"""In the manifest, in place of an encoder's name."""

NOTED = {"collection", "encoder"}
"""In the manifest of every quickstart, and of nothing else."""

_DIGITS = 12  # of a SHA-256; enough to tell two collections apart


def refuse_other_files(output: Path) -> None:
    """Raise an error where an output is what no quickstart has written.

    Hidden files are left out: locks, and what a killed quickstart began.

    Raises
    ------
    TasbError
        If it is a file, or a folder that holds such.
    """
    if output.exists() and not output.is_dir():
        raise TasbError(
            f"{output}: is a file; expected a new or empty folder, or that of an "
            "earlier quickstart (make: OUTPUT=FOLDER)"
        )
    outputs.refuse_other_files(
        output,
        lambda folder: _manifest(folder).keys() >= NOTED,
        "quickstart",
        "that of an earlier quickstart (make: OUTPUT=FOLDER)",
        hidden=False,
    )


def begin(source: Path | None, output: Path, encoder: str) -> CollectionFolder:
    """Return the collection, once it is sure that the output belongs to the same work.

    Where the output holds no part of it yet, it is noted what it belongs to.

    Parameters
    ----------
    source
        Folder of the collection; None: the standard library's docstrings, which are
        written to the output.
    output
        Folder of the quickstart.
    encoder
        Its name, or `STUDENT`.

    Raises
    ------
    TasbError
        If the output holds parts made of another collection, with another encoder or
        other training queries; nothing in it is changed.
    """
    if source is not None:
        folder = CollectionFolder(source)
        _note(folder, output, encoder)
        return folder
    with replace_folder(output / "collection") as new:
        _note(write_stdlib_collection(new), output, encoder)
    return CollectionFolder(output / "collection", qualified_names=True)


def begun_with_student(output: Path) -> bool:
    """Tell whether the output was begun with a student of its own."""
    return _manifest(output).get("encoder") == STUDENT


def _note(folder: CollectionFolder, output: Path, encoder: str) -> None:
    summary = check_collection(folder.folder)
    manifest = {
        "passages": summary.passages,
        "collection": summary.fingerprint[:_DIGITS],
        "encoder": encoder,
    }
    if encoder == STUDENT:
        manifest["training"] = _training(folder)[:_DIGITS]
    if not any((output / part).exists() for part in PARTS):
        write_manifest(output, manifest)
        return
    differing = differences(_manifest(output), manifest)
    if differing:
        raise TasbError(
            f"{output}: holds a quickstart of another collection or encoder "
            f"({'; '.join(differing)}); choose another output (make: OUTPUT=FOLDER) or "
            "delete this folder"
        )


def _manifest(output: Path) -> dict[str, object]:
    return read_manifest(output) if (output / MANIFEST).is_file() else {}


def _training(folder: CollectionFolder) -> str:
    """Hash what a student's queries depend on, but for the passages."""
    if folder.train_split is not None:
        parts = [file_sha256(path) for path in folder.train_split]
    else:
        parts = [f"qualified names: {folder.qualified_names}", *sorted(folder.judged)]
    return text_sha256("\n".join(parts))
