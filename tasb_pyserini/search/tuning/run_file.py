"""A run file whose queries become dicts one at a time."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from tasb_pyserini.formats.run_columns import name_duplicate, read_run_columns


class RunFile(Mapping[str, dict[str, float]]):
    """qid → docid → score; thousands of queries fit, for they stay columns.

    Parameters
    ----------
    path
        A TREC run.

    Raises
    ------
    InputError
        See :func:`~tasb_pyserini.formats.run_columns.read_run_columns`; a docid that
        comes twice is found when its query is asked for.
    """

    def __init__(self, path: Path) -> None:
        self._columns = read_run_columns(path)
        self._places = self._columns.places()

    def __getitem__(self, qid: str) -> dict[str, float]:
        """Return the hits of a query."""
        place = self._places[qid]
        docids: list[str] = self._columns.docids[place].to_pylist()
        hits = dict(zip(docids, self._columns.scores[place].tolist(), strict=True))
        if len(hits) < len(docids):
            name_duplicate(self._columns)
        return hits

    def __contains__(self, qid: object) -> bool:
        """Return whether the query has hits."""
        return qid in self._places

    def __iter__(self) -> Iterator[str]:
        """Go through the queries in the order of the file."""
        return iter(self._places)

    def __len__(self) -> int:
        """Return how many queries have hits."""
        return len(self._places)
