"""Dense Lucene indexes, searched by Lucene in this process."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from tasb_pyserini.bindings.jvm import start_jvm
from tasb_pyserini.bindings.lucene_folder import no_index
from tasb_pyserini.bindings.textless import docids, index_searcher, json_writer
from tasb_pyserini.formats.errors import TasbError

ID, VECTOR = "id", "vector"
"""Anserini's names of fields."""

DOCIDS_AT_A_TIME = 10_000


class DenseFolder:
    """A folder with a dense Lucene index, opened.

    Parameters
    ----------
    folder
        As Anserini wrote it.

    Raises
    ------
    TasbError
        If it holds no Lucene index.
    """

    def __init__(self, folder: Path) -> None:
        start_jvm()
        from jnius import JavaException, autoclass, cast

        if not folder.is_dir():
            raise TasbError(f"{folder}: no such folder; expected a Lucene index")
        path = autoclass("java.io.File")(str(folder)).toPath()
        directory = autoclass("org.apache.lucene.store.FSDirectory").open(path)
        try:
            self._reader = autoclass("org.apache.lucene.index.DirectoryReader").open(
                directory
            )
        except JavaException as error:
            expected = "'tasb index --kind lucene-flat' or lucene-hnsw"
            raise TasbError(no_index(folder, error, expected)) from error
        self._searcher = index_searcher(
            cast("org.apache.lucene.index.IndexReader", self._reader)
        )
        self._query = autoclass("org.apache.lucene.search.KnnFloatVectorQuery")
        self._writer = json_writer()

    @property
    def passages(self) -> int:
        """Number of passages."""
        return int(self._reader.numDocs())

    def docids(self) -> Iterator[str]:
        """Yield the ids in the order of Lucene's document numbers."""
        from jnius import autoclass

        field = autoclass("org.apache.lucene.search.SortField")
        kind = autoclass("org.apache.lucene.search.SortField$Type")
        sort = autoclass("org.apache.lucene.search.Sort")
        order = sort(field.FIELD_DOC, field(ID, kind.STRING_VAL))
        every = autoclass("org.apache.lucene.search.MatchAllDocsQuery")()
        last = None
        for _ in range(0, self.passages, DOCIDS_AT_A_TIME):
            top = self._searcher.searchAfter(last, every, DOCIDS_AT_A_TIME, order)
            yield from docids(self._writer.writeValueAsString(top))
            last = top.scoreDocs[-1]

    def nearest(
        self, vector: Sequence[float], k: int, depth: int
    ) -> list[tuple[int, float]]:
        """Return document numbers and scores ``(1 + cosine) / 2``, best first.

        Threads may share it.

        Parameters
        ----------
        vector
            The query.
        k
            Most hits.
        depth
            Hits to look for in each segment, at least `k`: HNSW's ``efSearch``.
        """
        top = self._searcher.search(self._query(VECTOR, vector, depth), k)
        hits = json.loads(self._writer.writeValueAsString(top))["scoreDocs"]
        return [(hit["doc"], hit["score"]) for hit in hits]

    def close(self) -> None:
        """Let go of the index's files."""
        self._reader.close()
