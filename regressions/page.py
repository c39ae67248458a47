"""The Markdown page of a spec, in the manner of Anserini's."""

from collections.abc import Iterator
from pathlib import Path

from tasb_pyserini.formats.markdown import table_row
from tasb_pyserini.formats.replace import replace_file
from tasb_pyserini.regressions.commands import typed
from tasb_pyserini.regressions.log import LOG, held_pages, log_of, read_page
from tasb_pyserini.regressions.result import Result
from tasb_pyserini.regressions.rows import Row, typed_commands
from tasb_pyserini.regressions.spec import Spec, Target
from tasb_pyserini.regressions.verdicts import NOT_RUN, PAPER_ONLY

INTRODUCTION = """\
# Regressions

A regression is a score that was published or measured once, with the commands that give
it again. `tasb regress run NAME` runs them and compares; `tasb regress report` then
writes these pages, and [index.html](index.html) with all of them in one file.

- PASS, FAIL: found, and within its tolerance or not.
- NOT RUN: nothing was run where these pages were made.
- PAPER ONLY: printed in the paper, but needs what nobody published; never passed.

"""


def write_page(
    folder: Path, spec: Spec, rows: list[Row], result: Result | None
) -> Path:
    """Write the page of a spec; the reproduction log that is there is kept.

    Parameters
    ----------
    folder
        Of the pages.
    spec, rows
        The spec, and its rows of `~tasb_pyserini.regressions.rows.report_rows`.
    result
        What they rest on; None where it was not run.
    """
    path = folder / f"{spec.name}.md"
    with held_pages(folder):
        kept = log_of(read_page(path)) if path.is_file() else ""
        with replace_file(path) as file:
            file.write("\n".join(page_lines(spec, rows, result)))
            file.write("\n".join(["", LOG, *(["", kept] if kept else []), ""]))
    return path


def write_contents(folder: Path, rows: list[Row]) -> Path:
    """Write the page that leads to all pages there are rows for."""
    path = folder / "README.md"
    names: dict[str, list[Row]] = {}
    for row in rows:
        names.setdefault(row.spec, []).append(row)
    with replace_file(path) as file:
        file.write(INTRODUCTION)
        file.write("| regression | title | scores |\n|:--|:--|:--|\n")
        for name, own in sorted(names.items()):
            cells = (f"[{name}]({name}.md)", own[0].title, _summary(own))
            file.write(f"{table_row(cells)}\n")
    return path


def page_lines(spec: Spec, rows: list[Row], result: Result | None) -> Iterator[str]:
    """Yield the page down to its log."""
    yield f"# {spec.title}"
    yield ""
    yield (
        f"Regression `{spec.name}`. This page is generated from "
        f"[`{spec.path.name}`](../../regressions/specs/{spec.path.name}) by "
        "`tasb regress report`; change the spec, not the page."
    )
    if spec.about:
        yield from ("", spec.about)
    if spec.encoder:
        yield from ("", f"Encoder: `{spec.encoder}`.")
    if spec.runnable:
        yield from _commands(spec)
    yield from ("", "## Scores", "")
    yield from _table(rows)
    yield from ("", "Sources:", "")
    yield from _sources(spec.targets)
    yield from _provenance(spec, rows, result)
    yield ""


def _commands(spec: Spec) -> Iterator[str]:
    yield from ("", "## Commands", "")
    yield f"All of it: `tasb regress run {spec.name}`. By hand:"
    yield from ("", "```bash", typed_commands(spec), "```")
    fast = [stage for stage in spec.stages if stage.fast]
    if fast:
        yield from ("", "With `--fast`, our commands take the place of these:", "")
        yield from ("```bash", *(typed(stage.fast) for stage in fast), "```")


def _table(rows: list[Row]) -> Iterator[str]:
    yield "| run | metric | expected | found | difference | tolerance | verdict |"
    yield "|:--|:--|--:|--:|--:|--:|:--|"
    for row in rows:
        why = f": {row.why}" if row.why and row.verdict != PAPER_ONLY else ""
        cells = (
            row.target,
            row.metric,
            _score(row.expected),
            _score(row.found),
            "" if row.difference is None else f"{row.difference:+.4f}",
            "" if row.verdict == PAPER_ONLY else f"{row.tolerance:g}",
            f"{row.verdict}{why}",
        )
        yield table_row(cells)


def _sources(targets: tuple[Target, ...]) -> Iterator[str]:
    for target in targets:
        if target.paper_only:
            yield f"+ {target.name}: {target.source}. Paper only: {target.paper_only}."
            continue
        machine = ". Depends on the machine" if target.machine_dependent else ""
        tolerance = f"tolerance {target.tolerance:g}: {target.reason}"
        yield f"+ {target.name}: {target.source}; {tolerance}{machine}."


def _provenance(spec: Spec, rows: list[Row], result: Result | None) -> Iterator[str]:
    yield ""
    if result is None or all(row.verdict in (NOT_RUN, PAPER_ONLY) for row in rows):
        yield "Not run for this page."
        return
    if all(row.found is None for row in rows):
        yield f"Run on {result.date[:10]}; no score stands, for the reasons above."
        return
    versions = ", ".join(f"{name} {value}" for name, value in result.versions.items())
    hardware = ", ".join(f"{name} {value}" for name, value in result.hardware.items())
    commit = f", commit {result.commit}" if result.commit else ""
    commands = "our faster commands" if result.fast else "the stock commands"
    yield (
        f"Found on {result.date[:10]}{commit}, by {commands}, "
        f"in {result.seconds:.0f} s ({versions}; {hardware})."
    )
    yield ""
    yield "| what | SHA-256 |"
    yield "|:--|:--|"
    yield f"| {spec.path.name} | `{result.sha256}` |"
    for file, digest in result.inputs.items():
        yield f"| {file} | `{digest}` |"
    for record in result.stages:
        yield f"| {record.writes} | `{record.sha256}` |"


def _score(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _summary(rows: list[Row]) -> str:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.verdict] = counts.get(row.verdict, 0) + 1
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
