"""A collection as a folder: passages, topics and qrels, and perhaps a train split.

The form is ``corpus.jsonl`` (id, contents), ``topics.tsv``, ``qrels.txt``, and, where
there are training queries, ``train.topics.tsv`` and ``train.qrels.txt``.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from tasb_pyserini.formats.collection import CORPUS_NAMES
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.replace import replace_file
from tasb_pyserini.quickstart.collection import stdlib_passages
from tasb_pyserini.quickstart.questions import read_answers, read_questions


@dataclass(frozen=True, slots=True)
class CollectionFolder:
    """The files of a collection.

    Parameters
    ----------
    folder
        Where they are.
    qualified_names
        Whether docids are qualified names of Python, such as ``str.split``.
    """

    folder: Path
    qualified_names: bool = False

    @property
    def topics(self) -> Path:
        """Queries to evaluate with."""
        return self.folder / "topics.tsv"

    @property
    def qrels(self) -> Path:
        """Their judgments."""
        return self.folder / "qrels.txt"

    @property
    def judged(self) -> set[str]:
        """Docids that have a judgment."""
        qrels = read_qrels(self.qrels)
        return {docid for grades in qrels.values() for docid in grades}

    @property
    def train_split(self) -> tuple[Path, Path] | None:
        """Topics and qrels to train with, if there are any."""
        split = self.folder / "train.topics.tsv", self.folder / "train.qrels.txt"
        return split if all(path.is_file() for path in split) else None

    def check(self) -> None:
        """Raise a TasbError if a file that every collection needs is missing."""
        corpora = [self.folder / name for name in CORPUS_NAMES]
        for paths in (corpora, [self.topics], [self.qrels]):
            if not any(path.is_file() for path in paths):
                raise TasbError(
                    f"{self.folder}: no {paths[0].name}; expected a folder with "
                    f"corpus.jsonl (id, contents), topics.tsv and qrels.txt"
                )


def write_stdlib_collection(folder: Path) -> CollectionFolder:
    """Write the standard library's docstrings, with questions, to `folder`."""
    with replace_file(folder / "corpus.jsonl") as file:
        for passage in stdlib_passages():
            line = {"id": passage.docid, "contents": passage.contents}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    with replace_file(folder / "topics.tsv") as file:
        file.writelines(f"{qid}\t{text}\n" for qid, text in read_questions().items())
    with replace_file(folder / "qrels.txt") as file:
        for qid, grades in read_answers().items():
            file.writelines(f"{qid} 0 {docid} {g}\n" for docid, g in grades.items())
    return CollectionFolder(folder, qualified_names=True)
