"""Pairs from what a user names: a folder of pairs, or a file of triples."""

import hashlib
import sys
from pathlib import Path

from filelock import FileLock

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.ids import IdTable
from tasb_pyserini.training.pairs.convert import import_triples
from tasb_pyserini.training.pairs.store import Pairs, open_pairs, read_manifest


def open_source(
    path: Path,
    qids: IdTable,
    docids: IdTable,
    cache: Path,
    *,
    progress: bool = False,
) -> Pairs:
    """Open a folder of pairs, or make one in `cache` from a file of triples.

    A folder made before from the same bytes and ids is used again.

    Parameters
    ----------
    path
        Folder, or a TSV file of qid, pos, neg.
    qids, docids
        All ids that a triple may name.
    cache
        Where the folder is made: ``pairs-`` and 16 hexadecimal digits, a hash of the
        file and the ids.
    progress
        Whether to show progress on stderr, and how many triples repeat another: of
        equal ones the folder has one.

    Raises
    ------
    InputError
        At a bad line, or one that names an unknown id.
    TasbError
        If there is nothing at `path`, or a folder of something else.
    """
    if path.is_dir():
        return open_pairs(path)
    if not path.is_file():
        raise TasbError(f"{path}: no such file or folder; expected triples or pairs")
    folder = cache / f"pairs-{_key(path, qids, docids)}"
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            import_triples(
                path,
                folder,
                known_qids=qids,
                known_docids=docids,
                progress=progress,
            )
    if progress:
        _tell_of_repeats(path, folder)
    return open_pairs(folder)


def _tell_of_repeats(path: Path, folder: Path) -> None:
    """Say on stderr how many lines of a file are not among its pairs."""
    manifest = read_manifest(folder)
    repeated = manifest["repeated"]
    if repeated:
        print(
            f"{path}: {repeated:,} of {repeated + manifest['pairs']:,} triples repeat "
            "another and are left out; each counts once",
            file=sys.stderr,
        )


def _key(path: Path, qids: IdTable, docids: IdTable) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    for table in (qids, docids):
        digest.update(hashlib.sha256(table.tobytes()).digest())
    return digest.hexdigest()[:16]
