"""One row a score, with all that a table of regressions shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tasb_pyserini.regressions.dry_run import script
from tasb_pyserini.regressions.spec import Spec
from tasb_pyserini.regressions.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A score of a spec, and how it stands.

    Parameters
    ----------
    spec, title, tags
        Of the spec.
    target
        Which run of it.
    metric
        As ir_measures prints it.
    expected, found
        Scores; None where there is none.
    difference
        Found less expected, at four digits.
    tolerance, reason
        What passes, and why.
    machine_dependent
        Whether another machine gives other last digits.
    verdict, why
        See `~tasb_pyserini.regressions.verdicts.Verdict`.
    source
        Who says what is expected.
    commands
        The stock commands of the whole spec, as typed.
    date
        When it was run; empty if it was not.
    """

    spec: str
    title: str
    tags: tuple[str, ...]
    target: str
    metric: str
    expected: float | None
    found: float | None
    difference: float | None
    tolerance: float
    reason: str
    machine_dependent: bool
    verdict: str
    why: str
    source: str
    commands: str
    date: str


def report_rows(specs: Iterable[Spec], standings: Mapping[str, Standing]) -> list[Row]:
    """Return the rows of specs.

    Parameters
    ----------
    specs
        The specs.
    standings
        From `.standing.all_standing`.
    """
    rows: list[Row] = []
    for spec in specs:
        verdicts, result = standings[spec.name]
        targets = {target.name: target for target in spec.targets}
        commands = typed_commands(spec)
        for verdict in verdicts:
            target = targets[verdict.target]
            rows.append(
                Row(
                    spec=spec.name,
                    title=spec.title,
                    tags=spec.tags,
                    target=target.name,
                    metric=verdict.metric,
                    expected=verdict.expected,
                    found=verdict.found,
                    difference=verdict.difference,
                    tolerance=verdict.tolerance,
                    reason=target.reason,
                    machine_dependent=target.machine_dependent,
                    verdict=verdict.verdict,
                    why=verdict.why,
                    source=target.source,
                    commands=commands,
                    date="" if result is None else result.date,
                )
            )
    return rows


def typed_commands(spec: Spec) -> str:
    """Return the stock commands of a spec, on any machine, with no path of this one."""
    return "\n".join(script(spec, Path("regress-out"), None))
