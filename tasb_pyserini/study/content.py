"""All that a report says, before it is Markdown or HTML."""

from dataclasses import dataclass
from pathlib import Path

from tasb_pyserini.study.claims import Judged, judge_claims
from tasb_pyserini.study.figures import Figure, make_figures
from tasb_pyserini.study.record import Record
from tasb_pyserini.study.records import read_records
from tasb_pyserini.study.spec import Profile, Study
from tasb_pyserini.study.tables import Table, make_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """An experiment in a report: its table and its figures."""

    table: Table
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A profile in a report.

    Parameters
    ----------
    profile
        Which.
    records
        How many there are.
    hours
        Of all stages that they needed, each counted once.
    left_out
        Records that do not hold as things are, and are not shown → why.
    origins, machines, versions
        That the records came about with.
    training
        How many queries there were to learn from, and how many were left out.
    judged
        The claims.
    sections
        The experiments.
    """

    profile: Profile
    records: int
    hours: float
    left_out: dict[Path, str]
    origins: tuple[str, ...]
    machines: tuple[str, ...]
    versions: tuple[str, ...]
    training: str
    judged: tuple[Judged, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A report.

    Parameters
    ----------
    study
        What it is of.
    parts
        Profiles that have records; the first, where none has.
    empty
        Profiles that have none.
    """

    study: Study
    parts: tuple[Part, ...]
    empty: tuple[Profile, ...]


def make_content(
    study: Study, results: Path, page: Path, figures: Path, data: Path
) -> Content:
    """Make a report of the records that hold on the data at hand.

    Parameters
    ----------
    study
        What it is of.
    results
        Folder of the records.
    page
        File of the report, which links start from.
    figures
        Folder for pictures and their numbers.
    data
        Folder of collections, as `read_records` takes it.
    """
    parts = [
        _part(study, profile, results, page, figures, data)
        for profile in study.profiles.values()
    ]
    full = [part for part in parts if part.records]
    return Content(
        study=study,
        parts=tuple(full or parts[:1]),
        empty=tuple(part.profile for part in parts if not part.records),
    )


def _part(
    study: Study,
    profile: Profile,
    results: Path,
    page: Path,
    figures: Path,
    data: Path,
) -> Part:
    records, left_out = read_records(study, profile, results, data)
    every = list(
        {(r.cell, r.seed): r for of in records.values() for r in of.values()}.values()
    )
    stages = {made: seconds for r in every for made, seconds in r.stages.items()}
    return Part(
        profile=profile,
        records=len(every),
        hours=sum(stages.values()) / 3600,
        left_out=left_out,
        origins=_distinct([_origin(r) for r in every]),
        machines=_distinct([f"Machine: {_words(r.hardware)}" for r in every]),
        versions=_distinct([f"Versions: {_words(r.versions)}" for r in every]),
        training="; ".join(
            _distinct(
                [
                    f"{r.training_queries:,} training queries, {r.dropped} more left "
                    "out because they are test queries"
                    for r in every
                ]
            )
        ),
        judged=tuple(judge_claims(study, profile, records)),
        sections=tuple(
            Section(
                table=make_table(study, profile, experiment, records, results, page),
                figures=tuple(
                    make_figures(study, profile, experiment, records, figures)
                ),
            )
            for experiment in study.experiments.values()
        ),
    )


def _origin(record: Record) -> str:
    what = "topics, qrels, training files and recipes"
    if record.commit is None:
        return f"Not recorded: commit, {what}"
    return f"Recorded: commit {record.commit or 'of no checkout'}, {what}"


def _words(values: dict[str, str] | dict[str, str | int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {of}" for name, of in values.items())


def _distinct(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
