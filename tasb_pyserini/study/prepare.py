"""The work folder before the first stage: data, training files, test topics."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj

from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.records import Qrels, Topics
from tasb_pyserini.formats.replace import replace_bytes, replace_file
from tasb_pyserini.formats.same_text import find_overlap, refuse_overlap
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.regressions.data import VARIABLE
from tasb_pyserini.study.spec import Profile, Study, TestSet

CORPUS, TOPICS, QRELS = "corpus.jsonl", "topics.tsv", "qrels.txt"
DROPPED = "dropped.tsv"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was made ready.

    Parameters
    ----------
    queries
        Training queries that are left.
    dropped
        Training queries that are test queries, and why.
    """

    queries: int
    dropped: dict[str, str]


def prepare(study: Study, profile: Profile, work: Path, data: Path) -> Prepared:
    """Link the data, join the training files without test queries, and the topics.

    The ids of several training collections get the collection's name in front;
    ``train/NAME.topics.tsv`` and ``train/NAME.qrels.txt`` keep each one's own.

    Raises
    ------
    TasbError
        If a collection is not there.
    InputError
        If a file is at fault, or a test query is left in the training queries.
    """
    tests = study.tests  # leakage is looked for in all, also in those that are cut
    names = {
        *profile.trains,
        *profile.pretrains,
        *(test.collection for test in tests.values()),
    }
    for name in sorted(names):
        if not (data / name).is_dir():
            raise TasbError(
                f"no collection {name} in {data}; set {VARIABLE} to the folder of "
                "collections; docs/data.md says what lies there"
            )
    _link(work / "data", data)
    queries = {
        name: read_topics(data / test.collection / test.topics)
        for name, test in tests.items()
    }
    _write_topics(work / "topics", tests, queries)
    dropped = _write_train(profile, work / "train", data, tests, queries)
    path = work / "train" / TOPICS
    trained = read_topics(path)
    left = find_overlap(trained, queries, _same_ids(profile, tests))
    refuse_overlap(left, trained, str(path))
    return Prepared(len(trained), dropped)


def _link(link: Path, data: Path) -> None:
    if link.is_symlink() and link.resolve() == data.resolve():
        return
    link.unlink(missing_ok=True)
    link.symlink_to(data.resolve(), target_is_directory=True)


def _write_topics(
    folder: Path, tests: Mapping[str, TestSet], queries: Mapping[str, Topics]
) -> None:
    """Write the queries of each collection's test sets into one file."""
    folder.mkdir(exist_ok=True)
    joined: dict[str, Topics] = {}
    for name, test in tests.items():
        joined.setdefault(test.collection, {}).update(queries[name])
    for collection, topics in joined.items():
        with replace_file(folder / f"{collection}.tsv") as file:
            file.writelines(f"{qid}\t{text}\n" for qid, text in topics.items())


def _same_ids(profile: Profile, tests: Mapping[str, TestSet]) -> list[str]:
    """Return the test sets whose qids are written as those of the training queries."""
    if len(profile.trains) > 1:
        return []
    return [n for n, test in tests.items() if test.collection == profile.trains[0]]


def _write_train(
    profile: Profile,
    folder: Path,
    data: Path,
    tests: Mapping[str, TestSet],
    queries: Mapping[str, Topics],
) -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    alone = len(profile.trains) == 1
    dropped: dict[str, str] = {}
    with (
        replace_file(folder / TOPICS) as topics,
        replace_file(folder / QRELS) as qrels,
    ):
        for name in profile.trains:
            front = "" if alone else f"{name}:"
            trained = read_topics(data / name / f"train.{TOPICS}")
            same = [n for n, test in tests.items() if test.collection == name]
            leaks = find_overlap(trained, queries, same)
            dropped |= {f"{front}{qid}": why for qid, why in leaks.items()}
            kept = {qid: t for qid, t in trained.items() if qid not in leaks}
            judged = read_qrels(data / name / f"train.{QRELS}")
            left = {qid: grades for qid, grades in judged.items() if qid in kept}
            topics.writelines(_topic_lines(kept, front))
            qrels.writelines(_qrels_lines(left, front))
            with replace_file(folder / f"{name}.{TOPICS}") as own:
                own.writelines(_topic_lines(kept, ""))
            with replace_file(folder / f"{name}.{QRELS}") as own:
                own.writelines(_qrels_lines(left, ""))
    with replace_file(folder / DROPPED) as file:
        file.writelines(f"{qid}\t{why}\n" for qid, why in dropped.items())
    _write_corpus(profile, folder / CORPUS, data)
    return dropped


def _topic_lines(topics: Topics, front: str) -> Iterator[str]:
    return (f"{front}{qid}\t{text}\n" for qid, text in topics.items())


def _qrels_lines(qrels: Qrels, front: str) -> Iterator[str]:
    for qid, grades in qrels.items():
        for docid, grade in grades.items():
            yield f"{front}{qid} 0 {front}{docid} {grade}\n"


def _write_corpus(profile: Profile, path: Path, data: Path) -> None:
    if len(profile.trains) == 1:
        source = data / profile.trains[0] / CORPUS
        with source.open("rb") as given, replace_bytes(path) as copy:
            copyfileobj(given, copy)
        return
    with replace_file(path) as file:
        for name in profile.trains:
            for passage in read_collection(data / name / CORPUS):
                line = {"id": f"{name}:{passage.docid}", "contents": passage.contents}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
