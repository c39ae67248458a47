"""Writing a store of pairs: column by column, whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.json_file import write_object
from tasb_pyserini.formats.replace import replace_folder
from tasb_pyserini.training.ids import IdTable, write_ids
from tasb_pyserini.training.pairs.store import (
    COLUMNS,
    DOCIDS,
    FORM,
    IDS,
    MANIFEST,
    QIDS,
    SCORES,
    Pairs,
)


class StoreWriter:
    """Takes sorted rows in pieces, leaves out exact repeats, writes the store.

    Parameters
    ----------
    folder
        The folder to fill; ``qids.txt`` and ``docids.txt`` are put there by the
        caller.
    scratch
        A folder for files that are in the way afterwards.
    scored
        Whether the rows have scores.
    files
        Closes the column files.
    """

    def __init__(
        self, folder: Path, scratch: Path, *, scored: bool, files: ExitStack
    ) -> None:
        self.folder, self.scratch, self.scored = folder, scratch, scored
        self.pairs = self.repeated = 0
        self._kinds = IDS | SCORES if scored else IDS
        self._files = {
            name: files.enter_context(self._path(name).open("wb"))
            for name in self._kinds
        }
        self._last: dict[str, Any] = {}

    def append(self, columns: Mapping[str, Any]) -> None:
        """Write rows, in the order of the store, that follow those written before.

        Parameters
        ----------
        columns
            qid, pos, neg and, where scored, pos_score and neg_score; arrays of equal
            length.
        """
        # Adding 0 makes -0 into 0, so that equal scores are equal bytes.
        rows = {
            name: columns[name].astype(kind) + np.dtype(kind).type(0)
            for name, kind in self._kinds.items()
        }
        size = len(rows["qid"])
        if not size:
            return
        new = np.zeros(size, bool)
        for name, column in rows.items():
            new[1:] |= column[1:] != column[:-1]
            new[0] |= not self._last or column[0] != self._last[name]
        self._last = {name: column[-1] for name, column in rows.items()}
        for name, column in rows.items():
            self._files[name].write(column[new].data)
        kept = int(new.sum())
        self.pairs += kept
        self.repeated += size - kept

    def column(self, name: str) -> Any:
        """Map a column as written so far, to be changed in place."""
        self._files[name].flush()
        return np.memmap(self._path(name), dtype=self._kinds[name], mode="r+")

    def finish(self, origin: Mapping[str, object]) -> dict[str, Any]:
        """Write ``pairs.arrow`` and ``pairs.json``; return what the latter says.

        Parameters
        ----------
        origin
            Where the pairs and the scores come from, for ``pairs.json``.

        Raises
        ------
        TasbError
            If there are no pairs.
        """
        if not self.pairs:
            raise TasbError("no pairs left to write; expected at least one")
        _write_arrow(
            self.folder / COLUMNS, {name: self.column(name) for name in self._kinds}
        )
        manifest = {
            "form": FORM,
            "pairs": self.pairs,
            "queries": len(IdTable.open(self.folder / QIDS)),
            "passages": len(IdTable.open(self.folder / DOCIDS)),
            "scored": self.scored,
            "repeated": self.repeated,
            **origin,
            "bytes": {
                name: (self.folder / name).stat().st_size
                for name in (COLUMNS, QIDS, DOCIDS)
            },
        }
        write_object(self.folder / MANIFEST, manifest, ensure_ascii=False)
        return manifest

    def _path(self, name: str) -> Path:
        return self.scratch / f"{name}.bin"


def refuse_other(output: Path) -> None:
    """Raise an error, before any work, where `output` is not there for pairs.

    Raises
    ------
    TasbError
        If it holds something else.
    """
    if output.is_file() or (
        output.is_dir() and any(output.iterdir()) and not (output / MANIFEST).is_file()
    ):
        raise TasbError(
            f"{output}: holds something else; expected a new folder, or one of pairs "
            "to put these in its place"
        )


@contextmanager
def new_store(output: Path, *, scored: bool) -> Iterator[StoreWriter]:
    """Open a new store; it takes the place of `output` when the block ends well.

    Raises
    ------
    TasbError
        If `output` holds something that is not a store, or cannot be written.
    """
    refuse_other(output)
    with replace_folder(output) as folder:
        scratch = folder / "scratch"
        scratch.mkdir()
        with ExitStack() as files:
            yield StoreWriter(folder, scratch, scored=scored, files=files)
        shutil.rmtree(scratch)


def write_pairs(output: Path, pairs: Pairs, **origin: object) -> dict[str, Any]:
    """Write pairs from memory as a store; return what its ``pairs.json`` says.

    Parameters
    ----------
    output
        The folder.
    pairs
        As `pairs_of` returns them.
    origin
        Where the pairs and the scores come from, for ``pairs.json``.

    Raises
    ------
    TasbError
        If `output` holds something that is not a store, or cannot be written.
    """
    columns = {
        "qid": np.repeat(np.arange(pairs.n_queries), np.diff(pairs.offsets)),
        "pos": pairs.pos,
        "neg": pairs.neg,
        "pos_score": pairs.pos_score,
        "neg_score": pairs.neg_score,
    }
    with new_store(output, scored=pairs.pos_score is not None) as store:
        write_ids(store.folder / QIDS, pairs.qids)
        write_ids(store.folder / DOCIDS, pairs.docids)
        store.append(columns)
        return store.finish(origin)


def _write_arrow(path: Path, columns: Mapping[str, Any]) -> None:
    """Write one record batch, so that each column is one piece; readable by datasets.

    The metadata are those of ``datasets.Features`` (datasets/features/features.py).
    """
    import pyarrow

    features = {
        name: {"dtype": str(column.dtype), "_type": "Value"}
        for name, column in columns.items()
    }
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    arrays = [pyarrow.array(column) for column in columns.values()]
    fields = [
        pyarrow.field(name, array.type)
        for name, array in zip(columns, arrays, strict=True)
    ]
    schema = pyarrow.schema(fields, metadata=metadata)
    with (
        pyarrow.OSFile(str(path), "wb") as file,
        pyarrow.ipc.new_stream(file, schema) as stream,
    ):
        stream.write_batch(pyarrow.record_batch(arrays, schema=schema))
