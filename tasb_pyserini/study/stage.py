"""A command of a study with one outcome."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

INPUTS = ("data", "train", "topics")
"""Folders of a work folder that are made before all stages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A command with one outcome.

    Parameters
    ----------
    writes
        The file or folder that it makes.
    words
        Of the command.
    resumes, temporary
        As in `~tasb_pyserini.study.spec.StageTemplate`.
    """

    writes: str
    words: tuple[str, ...]
    resumes: bool
    temporary: bool

    @property
    def name(self) -> str:
        """Its name in files."""
        return self.writes.replace("/", "+")

    def reads_of(self, writes: Collection[str]) -> list[str]:
        """Return those outcomes of other stages that the command names.

        A path inside an outcome names it too, and so does an encoder ``tasb:PATH``.
        """
        named = [
            str(path)
            for word in self.words
            for path in _with_parents(PurePosixPath(word.removeprefix("tasb:")))
        ]
        return [
            made
            for made in dict.fromkeys(named)
            if made in writes and made != self.writes
        ]

    def inputs(self) -> list[str]:
        """Return the files and folders that the command names and no stage makes."""
        return [word for word in self.words if word.split("/")[0] in INPUTS]


def _with_parents(path: PurePosixPath) -> list[PurePosixPath]:
    return [path, *path.parents]
