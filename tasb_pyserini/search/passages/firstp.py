"""FirstP: a document is as good as its first passage."""

from tasb_pyserini.formats.records import Run
from tasb_pyserini.formats.runs import ranked
from tasb_pyserini.search.passages.docids import DELIMITER, document_of


def first_passage(run: Run, k: int, delimiter: str = DELIMITER) -> Run:
    """Return a run of documents, each with the score of its passage 0.

    FirstP of Dai and Callan (SIGIR 2019). A document of which only later passages were
    found is left out; so is none where the first passages alone were indexed.

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
    >>> first_passage({"q": {"a#1": 3.0, "b#0": 2.0, "a#0": 1.0}}, k=10)
    {'q': {'b': 2.0, 'a': 1.0}}
    """
    return {
        qid: dict(
            ranked(
                {
                    document_of(docid, delimiter): score
                    for docid, score in hits.items()
                    if docid.partition(delimiter)[2] in ("", "0")
                }
            )[:k]
        )
        for qid, hits in run.items()
    }
