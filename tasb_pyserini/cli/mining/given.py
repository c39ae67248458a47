"""Triples that somebody made, by id."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tasb_pyserini.formats.checksum import file_sha256
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Topics, Triple
from tasb_pyserini.formats.replace import replace_file
from tasb_pyserini.formats.triples import write_triples
from tasb_pyserini.formats.work import (
    MANIFEST,
    differences,
    read_manifest,
    refuse_other_work,
    write_manifest,
)
from tasb_pyserini.training.mining.given import clean_triples
from tasb_pyserini.training.mining.lookup import look_up_ids
from tasb_pyserini.training.mining.new_collection import number_texts
from tasb_pyserini.training.mining.passages import PassageKeys
from tasb_pyserini.training.mining.report import MiningReport
from tasb_pyserini.training.mining.source import TripleSource, open_triples

CORPUS, TOPICS = "corpus.jsonl", "topics.tsv"
"""Files that ``--texts`` makes; the manifest beside them says of which triples."""


def write_given(
    triples: str,
    output: Path,
    *,
    topics: Topics | None = None,
    collection: Path | None = None,
) -> MiningReport:
    """Write the triples of a file or data set by id, without false negatives.

    Raises
    ------
    TasbError
        If they are by text, and topics or collection, to look texts up in, are missing.
    """
    source, report = open_triples(triples), MiningReport()
    if source.texts is not None and (collection is None or topics is None):
        raise TasbError(
            f"{triples}: triples by text; expected --collection and --topics to "
            "look the texts up in, or --texts DIR for a collection of their own"
        )
    if source.texts is not None and collection is not None:
        looked_up = _looked_up(source, collection, topics or {}, report)
        write_triples(output, looked_up)
        return report
    keys = None if collection is None else PassageKeys.read(collection, progress=True)
    clean = clean_triples(
        source.ids or iter(()),
        source.path,
        topics=topics,
        keys=keys,
        report=report,
        progress=True,
    )
    write_triples(output, clean)
    return report


def _looked_up(
    source: TripleSource, collection: Path, topics: Topics, report: MiningReport
) -> Iterator[Triple]:
    keys = PassageKeys()
    passages = keys.watch(collection, progress=True)
    triples = look_up_ids(source.texts or (), source.path, topics, passages)
    return clean_triples(triples, source.path, keys=keys, report=report, progress=True)


def write_with_texts(triples: str, output: Path, texts: Path) -> MiningReport:
    """Write triples by text by id, and a collection and topics of their own.

    Raises
    ------
    TasbError
        If they are by id, or the folder `texts` has texts of others.
    """
    source, report = open_triples(triples), MiningReport()
    if source.texts is None:
        raise TasbError(f"{triples}: triples by id; --texts is for triples by text")
    made_of = _made_of(source.path)
    _refuse_others(texts, made_of)
    keys = PassageKeys()
    with ExitStack() as files:
        corpus = files.enter_context(replace_file(texts / CORPUS))
        topics = files.enter_context(replace_file(texts / TOPICS))
        numbered = number_texts(source.texts, corpus, topics, keys)
        clean = clean_triples(
            numbered, source.path, keys=keys, report=report, progress=True
        )
        write_triples(output, clean)
        # Before the other two are there, which get their names when this block ends.
        write_manifest(texts, made_of)
    return report


def _made_of(path: Path) -> dict[str, str]:
    """Return what tells the triples of a file or data set from others."""
    known = f"sha256:{file_sha256(path)}" if path.is_file() else str(path)
    return {"triples": known}


def _refuse_others(folder: Path, made_of: dict[str, str]) -> None:
    """Raise an error where a folder has a collection or topics of other triples."""
    if (folder / MANIFEST).exists():
        refuse_other_work(folder, differences(read_manifest(folder), made_of))
        return
    for path in (folder / CORPUS, folder / TOPICS):
        if path.exists():
            raise TasbError(
                f"{path}: not of 'tasb mine --texts', which would write over it; "
                "expected a folder without one"
            )
