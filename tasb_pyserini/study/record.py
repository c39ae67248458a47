"""The record of a cell with one seed, kept as JSON: all that the report is made of."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from tasb_pyserini.formats.json_record import read_dataclass
from tasb_pyserini.formats.replace import replace_file

RecipeValues = dict[str, Any]
"""Key of a recipe → its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured on one test set.

    Parameters
    ----------
    queries
        How many are judged.
    qids_sha256
        Of their qids, in the order of `per_query`.
    means
        Measure → mean over the queries, unrounded.
    per_query
        Measure → value of each query to 4 digits, ascending by qid.
    recall
        Cutoff → mean recall; empty where no curve is drawn.
    """

    queries: int
    qids_sha256: str
    means: dict[str, float]
    per_query: dict[str, list[float]]
    recall: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A cell with one seed.

    Parameters
    ----------
    study, profile, cell, seed
        What it is; `cell` is ``experiment/cell``.
    sha256
        Of all commands and tests that the numbers come from.
    date
        UTC, as ISO 8601 has it.
    commit
        Of this project; empty where it is not a checkout, None where not recorded.
    seconds
        Of all stages that it needs, shared ones too, each as long as it took.
    stages
        What was made → seconds.
    inputs
        Data file → SHA-256; of a record without a commit only those that its commands
        name.
    recipes
        Recipe of the package → its values; None where not recorded.
    versions, hardware
        As in `~tasb_pyserini.regressions.machine`.
    training_queries, dropped
        How many there were to learn from, and how many were left out as test queries.
    tests
        Test set → what was measured.
    latency
        Stage → milliseconds a query, where its command says so.
    distractors
        Passages of the collection → the curve's measure; empty without a curve.
    """

    study: str
    profile: str
    cell: str
    seed: int
    sha256: str
    date: str
    commit: str | None = None
    seconds: float
    stages: dict[str, float]
    inputs: dict[str, str]
    recipes: dict[str, RecipeValues] | None = None
    versions: dict[str, str]
    hardware: dict[str, str | int]
    training_queries: int
    dropped: int
    tests: dict[str, Measured]
    latency: dict[str, float]
    distractors: dict[str, float]

    def write(self, folder: Path) -> Path:
        """Write the record under a folder of results; return where."""
        path = place_of(folder, self.profile, self.cell, self.seed)
        with replace_file(path) as file:
            file.write(_compact(asdict(self)) + "\n")
        return path

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read a record; None where there is none.

        Raises
        ------
        InputError
            If it is damaged.
        """
        if not path.is_file():
            return None
        return read_dataclass(cls, path, "what 'tasb study run' wrote", "run it again")


def place_of(folder: Path, profile: str, cell: str, seed: int) -> Path:
    """Return where a record stands: ``PROFILE/EXPERIMENT/CELL/SEED.json``."""
    return folder / profile / cell / f"{seed}.json"


def _compact(values: object, indent: str = "") -> str:
    """Return JSON with a line a key, and a list of numbers on one line."""
    if not isinstance(values, dict) or not values:
        return json.dumps(values, ensure_ascii=False)
    inner = indent + " "
    lines = (
        f"{inner}{json.dumps(key)}: {_compact(value, inner)}"
        for key, value in values.items()
    )
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
