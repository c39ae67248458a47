"""Triples that somebody made, by id."""

import argparse
from contextlib import ExitStack
from pathlib import Path

from tasb_pyserini.cli.topics import load_topics
from tasb_pyserini.formats.checksum import file_sha256
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Topics
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


def write_given(args: argparse.Namespace, report: MiningReport) -> None:
    """Write the triples of a file or data set by id, without false negatives."""
    source = open_triples(args.triples)
    if args.texts is not None:
        _write_texts(args, source, report)
        return
    if source.texts is not None and (args.collection is None or args.topics is None):
        raise TasbError(
            f"{args.triples}: triples by text; expected --collection and --topics to "
            "look the texts up in, or --texts DIR for a collection of their own"
        )
    topics = None if args.topics is None else load_topics(args.topics)
    if source.texts is not None:
        _write_looked_up(args, source, topics or {}, report)
        return
    keys = None
    if args.collection is not None:
        keys = PassageKeys.read(args.collection, progress=True)
    triples = clean_triples(
        source.ids or iter(()),
        source.path,
        topics=topics,
        keys=keys,
        report=report,
        progress=True,
    )
    write_triples(args.output, triples)


def _write_looked_up(
    args: argparse.Namespace, source: TripleSource, topics: Topics, report: MiningReport
) -> None:
    keys = PassageKeys()
    passages = keys.watch(args.collection, progress=True)
    triples = look_up_ids(source.texts or (), source.path, topics, passages)
    clean = clean_triples(triples, source.path, keys=keys, report=report, progress=True)
    write_triples(args.output, clean)


def _write_texts(
    args: argparse.Namespace, source: TripleSource, report: MiningReport
) -> None:
    if source.texts is None:
        raise TasbError(
            f"{args.triples}: triples by id; --texts is for triples by text"
        )
    made_of = _made_of(source.path)
    _refuse_others(args.texts, made_of)
    keys = PassageKeys()
    with ExitStack() as files:
        corpus = files.enter_context(replace_file(args.texts / CORPUS))
        topics = files.enter_context(replace_file(args.texts / TOPICS))
        triples = number_texts(source.texts, corpus, topics, keys)
        clean = clean_triples(
            triples, source.path, keys=keys, report=report, progress=True
        )
        write_triples(args.output, clean)
        # Before the other two are there, which get their names when this block ends.
        write_manifest(args.texts, made_of)


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
