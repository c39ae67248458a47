"""The passages that a run names, from wherever their texts are."""

from collections.abc import Iterable
from pathlib import Path

from tqdm import tqdm

from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Passage
from tasb_pyserini.search.rerank.dataset_texts import dataset_passages
from tasb_pyserini.search.rerank.lucene_texts import lucene_passages

Texts = dict[str, str]
"""docid → passage; a title, where there is one, is its first line."""


def collection_texts(path: Path, docids: Iterable[str], *, progress: bool) -> Texts:
    """Return the texts of some docids of a collection, file or folder.

    Raises
    ------
    InputError
        If a line of the collection is bad.
    TasbError
        If a docid has no text, or comes twice.
    """
    with tqdm(
        read_collection(path), unit=" passages", desc="texts", disable=not progress
    ) as passages:
        return keep(passages, docids, str(path))


def dataset_texts(path: Path, docids: Iterable[str]) -> Texts:
    """Return the texts of some docids of a folder that ``datasets`` saved.

    Raises
    ------
    TasbError
        If it can't be loaded, or a docid has no text, or comes twice.
    """
    wanted = set(docids)
    return keep(dataset_passages(path, wanted), wanted, str(path))


def lucene_texts(index: str, docids: Iterable[str], *, threads: int = 1) -> Texts:
    """Return the texts of some docids of a Lucene index that stores them.

    Parameters
    ----------
    index
        Folder, or name of a prebuilt index of Pyserini.
    docids
        Docids.
    threads
        Documents fetched at the same time.

    Raises
    ------
    TasbError
        If there is no such index, it stores no texts, or a docid has none.
    """
    wanted = list(dict.fromkeys(docids))
    return keep(lucene_passages(index, wanted, threads), wanted, index)


def keep(passages: Iterable[Passage], docids: Iterable[str], source: str) -> Texts:
    """Return the texts of `docids`, each of which must be there once.

    Raises
    ------
    TasbError
        If one is missing, blank, or there twice.

    Examples
    --------
    >>> keep([Passage("a", "A"), Passage("b", "B")], ["b"], "c.jsonl")
    {'b': 'B'}
    """
    wanted = dict.fromkeys(docids)
    texts: Texts = {}
    for docid, text in ((one.docid, one.contents) for one in passages):
        if docid not in wanted:
            continue
        if docid in texts:
            raise TasbError(f"{source}: docid {docid} twice; expected each once")
        texts[docid] = text
    lost = [docid for docid in wanted if not texts.get(docid, "").strip()]
    if lost:
        raise TasbError(
            f"{source}: no text of docid {lost[0]} ({len(lost):,} of {len(wanted):,} "
            "to rerank are without); expected the collection that was searched"
        )
    return texts
