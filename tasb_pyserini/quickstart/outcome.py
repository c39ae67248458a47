"""What a quickstart leaves behind, for the table and for ``tasb ask``."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.files import replace_file

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
        with replace_file(folder / OUTCOME_FILE) as file:
            json.dump(asdict(self), file, indent=2)
            file.write("\n")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read ``quickstart.json`` from `folder`.

        Raises
        ------
        TasbError
            If no quickstart has ended there.
        """
        path = folder / OUTCOME_FILE
        if not path.is_file():
            raise TasbError(
                f"{folder}: no {OUTCOME_FILE}; run 'tasb quickstart --output {folder}'"
            )
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            results = [SystemResult(**result) for result in values.pop("results")]
            return cls(**values, results=results)
        except (json.JSONDecodeError, TypeError, KeyError) as error:
            raise InputError(path, None, "damaged", "what quickstart wrote") from error
