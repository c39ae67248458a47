"""Where triples that somebody made come from."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasb_pyserini.formats.records import Triple
from tasb_pyserini.formats.text_triples import (
    TextTriple,
    holds_texts,
    read_text_triples,
)
from tasb_pyserini.formats.triples import read_triples
from tasb_pyserini.training.mining.dataset import builder_of, dataset_rows


@dataclass(frozen=True, slots=True)
class TripleSource:
    """Triples of ids or of texts, to be taken once.

    Parameters
    ----------
    path
        What the user named; an error names it with a line or row, counted from 1.
    ids
        The triples where they are of ids.
    texts
        The triples where they are of texts.
    """

    path: Path
    ids: Iterator[Triple] | None = None
    texts: Iterator[TextTriple] | None = None


def open_triples(source: str) -> TripleSource:
    """Open a TSV file or a data set.

    Parameters
    ----------
    source
        A file of three columns parted by tabs, also ``.gz``: ids, as in MS MARCO's
        ``qidpidtriples``, or texts, as in its ``triples.train.small.tsv``; the first
        100 lines tell which. Else what ``datasets`` loads: see
        :func:`~tasb_pyserini.training.mining.dataset.dataset_rows`.

    Raises
    ------
    TasbError
        If there is nothing, or it holds no triples.
    """
    path = Path(source)
    is_table = source.removesuffix(".gz").endswith(".tsv")
    if is_table or (path.is_file() and builder_of(source) is None):
        if holds_texts(path):
            return TripleSource(path, texts=read_text_triples(path))
        return TripleSource(path, ids=read_triples(path, whole=True))
    texts, rows = dataset_rows(source)
    if texts:
        return TripleSource(path, texts=(TextTriple(*row) for row in rows))
    return TripleSource(path, ids=(Triple(*row) for row in rows))
