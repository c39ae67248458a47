"""What a regression promises, and how it is proved."""

from dataclasses import dataclass
from pathlib import Path

from tasb_pyserini.regressions.metric import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """A file that the commands read.

    Parameters
    ----------
    file
        Its place in the work folder.
    source
        Its place in the data folder (`~tasb_pyserini.regressions.data`).
    sha256
        Its checksum.
    url
        Where it is fetched from if the data folder lacks it; empty for nowhere.
    """

    file: str
    source: str
    sha256: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrebuiltIndex:
    """An index that Pyserini downloads and verifies.

    Parameters
    ----------
    name
        As Pyserini knows it.
    md5
        Of the archive.
    size
        Of the archive, bytes.
    documents
        How many are in it.
    """

    name: str
    md5: str
    size: int
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A command with one outcome.

    Parameters
    ----------
    name
        Unique in its spec.
    reads
        Files and folders that its outcome depends on.
    writes
        The file or folder that it makes.
    command
        Words of the stock command.
    fast
        Words of our own command for the same; empty where there is none.
    """

    name: str
    reads: tuple[str, ...]
    writes: str
    command: tuple[str, ...]
    fast: tuple[str, ...]

    def words(self, *, fast: bool) -> tuple[str, ...]:
        """Return the words of the command that runs."""
        return self.fast if fast and self.fast else self.command


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Expected scores of a run.

    Parameters
    ----------
    name
        Unique in its spec.
    run, qrels
        Files; empty where there is nothing to run.
    scores
        Metric → expected mean; None where none has been measured yet.
    source
        Who says so.
    tolerance
        Largest difference that passes, between values rounded to four digits.
    reason
        Why that much.
    machine_dependent
        Whether another machine gives other last digits.
    paper_only
        Why nobody can run it; empty for what can be run.
    """

    name: str
    run: str
    qrels: str
    scores: dict[Metric, float | None]
    source: str
    tolerance: float
    reason: str
    machine_dependent: bool
    paper_only: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A regression.

    Parameters
    ----------
    path, sha256
        Its file, and the checksum of it.
    name, title, about
        For people.
    tags
        To select by.
    network
        Whether running it needs a network.
    minutes
        How long it takes, about; 0 where nobody has measured it.
    encoder
        What encodes, where it is dense.
    uses
        Specs whose runs it reads.
    inputs, indexes
        What it starts from.
    stages
        What is run, each after all that it reads.
    targets
        What must come out.
    """

    path: Path
    sha256: str
    name: str
    title: str
    about: str
    tags: tuple[str, ...]
    network: bool
    minutes: float
    encoder: str
    uses: tuple[str, ...]
    inputs: tuple[InputFile, ...]
    indexes: tuple[PrebuiltIndex, ...]
    stages: tuple[Stage, ...]
    targets: tuple[Target, ...]

    @property
    def runnable(self) -> bool:
        """Whether any score can be found by running it."""
        return any(not target.paper_only for target in self.targets)
