"""What a quickstart leaves behind, for the table and for ``tasb ask``."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from tasb_pyserini.encoders.names import (
    checkpoint_folder,
    parse_name,
    with_folder,
)
from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.json_file import read_object, write_object

OUTCOME_FILE = "quickstart.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemResult:
    """How one system did.

    Parameters
    ----------
    system
        ``BM25``, ``dense`` or ``hybrid``.
    run
        Its TREC run.
    measures
        Name of a measure → mean over the judged queries.
    ms_per_query
        Milliseconds a query, with everything loaded, all queries in one batch.
    """

    system: str
    run: str
    measures: dict[str, float]
    ms_per_query: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A quickstart's indexes, encoder and results.

    The paths are good in the current working directory. In the file, those within the
    quickstart's folder are relative to it, the others absolute, so that it is read
    from anywhere.

    Parameters
    ----------
    collection
        Folder of passages, topics and qrels.
    lucene_index, faiss_index
        Index directories.
    encoder
        Its name, for ``--encoder``.
    alpha
        Weight of BM25 in the hybrid run.
    passages, queries
        How many there are.
    results
        One a system.
    """

    collection: str
    lucene_index: str
    faiss_index: str
    encoder: str
    alpha: float
    passages: int
    queries: int
    results: list[SystemResult]

    def write(self, folder: Path) -> None:
        """Write ``quickstart.json`` into `folder`."""
        kept = self._moved(
            lambda path: _within(folder, path), lambda name: _kept_encoder(folder, name)
        )
        write_object(folder / OUTCOME_FILE, asdict(kept))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read ``quickstart.json`` from `folder`.

        Raises
        ------
        InputError
            If no quickstart has ended there, or its file is damaged.
        """
        path = folder / OUTCOME_FILE
        expected = "what a quickstart wrote at its end"
        remedy = f"run 'tasb quickstart --output {folder}'"
        values = read_object(path, expected, remedy)
        try:
            results = [SystemResult(**result) for result in values.pop("results")]
            kept = cls(**values, results=results)
            return kept._moved(
                lambda place: str(folder / place),
                lambda name: _found_encoder(folder, name),
            )
        except (TypeError, KeyError, AttributeError) as error:
            raise InputError(path, None, "damaged", expected, remedy) from error

    def _moved(self, path: Callable[[str], str], encoder: Callable[[str], str]) -> Self:
        """Return the same with all paths and the encoder's name mapped."""
        return replace(
            self,
            collection=path(self.collection),
            lucene_index=path(self.lucene_index),
            faiss_index=path(self.faiss_index),
            encoder=encoder(self.encoder),
            results=[replace(one, run=path(one.run)) for one in self.results],
        )


def _within(folder: Path, path: str) -> str:
    """Return a path relative to `folder` if it is below it, else absolute."""
    absolute, top = Path(path).resolve(), folder.resolve()
    return str(absolute.relative_to(top) if top in absolute.parents else absolute)


def _kept_encoder(folder: Path, name: str) -> str:
    checkpoint = checkpoint_folder(name)
    if checkpoint is None:
        return name
    return with_folder(name, Path(_within(folder, str(checkpoint))))


def _found_encoder(folder: Path, name: str) -> str:
    checkpoint = folder / parse_name(name).location
    return with_folder(name, checkpoint) if checkpoint.is_dir() else name
