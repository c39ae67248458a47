"""The summary of all regressions as one HTML file, in the manner of Pyserini's 2CR."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tasb_pyserini.formats.replace import replace_file
from tasb_pyserini.regressions.dry_run import script
from tasb_pyserini.regressions.html_figures import RecallFigure, recall_figures
from tasb_pyserini.regressions.html_page import TEMPLATES, render, source_hash
from tasb_pyserini.regressions.result import Result
from tasb_pyserini.regressions.rows import Row, typed_commands
from tasb_pyserini.regressions.spec import Spec, Target
from tasb_pyserini.regressions.verdicts import (
    FAIL,
    NOT_RUN,
    PAPER_ONLY,
    PASS,
    UNMEASURED,
)

VERDICTS = {
    FAIL: "was run, and differs by more than the tolerance, or a file has changed",
    UNMEASURED: "was run, but there is no expected score yet to hold it against",
    NOT_RUN: "was not run for this page, so nothing is proved",
    PASS: "was run, and is as expected, within the tolerance",
    PAPER_ONLY: "recorded from the paper; needs what nobody published",
}
"""Verdict → what it means; the gravest first."""

GROUPS: tuple[tuple[str, Callable[[Spec], bool]], ...] = (
    ("Runs offline", lambda spec: spec.runnable and not spec.network),
    ("Needs a network", lambda spec: spec.runnable and spec.network),
    ("Recorded from the paper", lambda spec: not spec.runnable),
)
"""Heading → which specs stand under it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A row of the matrix: the scores of one target."""

    name: str
    rows: list[Row]
    counts: dict[str, int]
    reasons: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Targets whose scores are expected for the same reason."""

    names: list[str]
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A spec with all that the page shows of it."""

    spec: Spec
    link: str
    conditions: list[Condition]
    counts: dict[str, int]
    sources: list[Sources]
    commands: list[tuple[str, str]]
    figures: list[RecallFigure]
    result: Result | None


def write_summary(
    path: Path,
    specs: Iterable[Spec],
    rows: Iterable[Row],
    results: Mapping[str, Result | None],
    *,
    work: Path,
    pages: Path,
) -> None:
    """Write the summary: one file that fetches nothing.

    The same specs and results give the same bytes, under one version of matplotlib.

    Parameters
    ----------
    path
        File to write; replaced whole.
    specs, rows
        Specs, and their rows of `~tasb_pyserini.regressions.rows.report_rows`.
    results
        Spec → what its rows rest on; None where it was not run.
    work
        Folder of all runs, which figures are drawn from.
    pages
        Folder of the Markdown pages, which the summary links to.
    """
    by_spec: dict[str, list[Row]] = {}
    for row in rows:
        by_spec.setdefault(row.spec, []).append(row)
    base = os.path.relpath(pages.absolute(), path.absolute().parent)
    entries = [
        _entry(spec, by_spec[spec.name], results[spec.name], work, base)
        for spec in specs
    ]
    every = [row for own in by_spec.values() for row in own]
    groups = [
        (heading, [entry for entry in entries if belongs(entry.spec)])
        for heading, belongs in GROUPS
    ]
    style, program = _asset("summary.css"), _asset("summary.js")
    text = render(
        TEMPLATES / "summary.html.j2",
        groups=[(heading, own) for heading, own in groups if own],
        counts=_counts(every),
        meanings=VERDICTS,
        style=style,
        program=program,
        style_hash=source_hash(style),
        program_hash=source_hash(program),
    )
    with replace_file(path) as file:
        file.write(text)


def _entry(
    spec: Spec, rows: list[Row], result: Result | None, work: Path, base: str
) -> Entry:
    return Entry(
        spec=spec,
        link=quote(f"{Path(base, spec.name).as_posix()}.md"),
        conditions=list(_conditions(spec, rows)),
        counts=_counts(rows),
        sources=_sources(spec.targets),
        commands=list(_commands(spec)),
        figures=list(recall_figures(spec, rows, work / spec.name)),
        result=result if any(row.found is not None for row in rows) else None,
    )


def _conditions(spec: Spec, rows: list[Row]) -> Iterator[Condition]:
    for target in spec.targets:
        own = [row for row in rows if row.target == target.name]
        said = [row.why for row in own if row.verdict != PAPER_ONLY and row.why]
        yield Condition(
            name=target.name,
            rows=own,
            counts=_counts(own),
            reasons=list(dict.fromkeys(said)),
        )


def _counts(rows: Iterable[Row]) -> dict[str, int]:
    """Return verdict → how many, the gravest first."""
    counted = Counter(row.verdict for row in rows)
    return {verdict: counted[verdict] for verdict in VERDICTS if counted[verdict]}


def _sources(targets: Iterable[Target]) -> list[Sources]:
    """Bring targets together that have source, tolerance and reason in common."""
    alike: dict[tuple[object, ...], Sources] = {}
    for target in targets:
        why = (target.tolerance, target.reason, target.paper_only)
        key = (target.source, target.machine_dependent, *why)
        sources = alike.setdefault(key, Sources(names=[], target=target))
        sources.names.append(target.name)
    return list(alike.values())


def _commands(spec: Spec) -> Iterator[tuple[str, str]]:
    """Yield headings with commands, as typed in a shell."""
    if not spec.runnable:
        return
    yield "All of it", f"tasb regress run {spec.name}"
    yield "By hand, with stock Pyserini", typed_commands(spec)
    if any(stage.fast for stage in spec.stages):
        lines = script(spec, Path("regress-out"), None, fast=True)
        yield "By hand, with our faster commands", "\n".join(lines)


def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
