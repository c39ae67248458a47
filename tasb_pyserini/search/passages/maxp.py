"""MaxP: a document is as good as its best passage."""

from tasb_pyserini.formats.records import Run
from tasb_pyserini.formats.runs import ranked
from tasb_pyserini.search.passages.docids import DELIMITER, document_of


def max_passage(run: Run, k: int, delimiter: str = DELIMITER) -> Run:
    """Return a run of documents, each with the score of its best passage.

    MaxP of Dai and Callan (SIGIR 2019), as in ``pyserini/output_writer.py``.

    Parameters
    ----------
    run
        Of passages; a docid without the delimiter is a document of its own.
    k
        Most documents a query; ties as in trec_eval.
    delimiter
        What parts a document's id from the passage's number.

    Examples
    --------
    >>> max_passage({"q": {"a#1": 3.0, "b#0": 2.0, "a#0": 1.0}}, k=10)
    {'q': {'a': 3.0, 'b': 2.0}}
    """
    return {qid: dict(_best(hits, delimiter)[:k]) for qid, hits in run.items()}


def _best(hits: dict[str, float], delimiter: str) -> list[tuple[str, float]]:
    best: dict[str, float] = {}
    for docid, score in hits.items():
        document = document_of(docid, delimiter)
        best[document] = max(score, best.get(document, score))
    return ranked(best)
