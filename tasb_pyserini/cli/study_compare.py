"""``tasb study compare``: another run's records beside those reported."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich import box
from rich.markup import escape
from rich.table import Table

from tasb_pyserini.cli.tables import print_table
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.regressions.data import data_folder
from tasb_pyserini.study.records import read_records
from tasb_pyserini.study.reproduced import Difference, Reproduced, reproduced
from tasb_pyserini.study.spec import Profile, Study


def compare(args: argparse.Namespace, study: Study, profile: Profile) -> int:
    """Print how far each cell of `args.other` is from the record.

    Returns
    -------
    int
        1 if a number is outside, or a record does not hold as things are; else 0.

    Raises
    ------
    TasbError
        If the two folders have no record in common.
    """
    data = data_folder()
    reported, left_out = read_records(study, profile, args.results, data)
    again, left_out_again = read_records(study, profile, args.other, data)
    left_out |= left_out_again
    for path, why in left_out.items():
        print(f"tasb study: {path}: {why}; not compared", file=sys.stderr)
    cells = list(reproduced(study, reported, again))
    if not cells:
        raise TasbError(
            f"{args.other}: no record of profile {profile.name} that {args.results} "
            f"has too{_not_compared(left_out)}; expected what 'tasb study run "
            f"{study.name} --profile {profile.name} --results {args.other}' writes"
        )
    outside = [found for cell in cells for found in cell.outside]
    if args.json:
        print(json.dumps(_values(cells, outside, left_out), ensure_ascii=False))
    else:
        _print_table(cells, args.other)
        for found in outside:
            print(_line(found))
        print(f"{_summary(cells, outside)}{_not_compared(left_out)}")
    return 1 if outside or left_out else 0


def _print_table(cells: Sequence[Reproduced], other: Path) -> None:
    print(f"{other} beside what is reported")
    table = Table(box=box.SIMPLE)
    table.add_column("cell", no_wrap=True)
    for name in ("seeds", "equal", "furthest", "deviation", "within"):
        table.add_column(name, justify="right", no_wrap=True)
    for cell in cells:
        furthest = max(cell.differences, key=lambda d: abs(d.again - d.reported))
        within = len(cell.differences) - len(cell.outside)
        table.add_row(
            escape(cell.cell),
            str(len(cell.seeds)),
            str(cell.equal),
            f"{furthest.again - furthest.reported:+.4f}",
            f"{furthest.deviation:.4f}",
            f"{within} of {len(cell.differences)}",
        )
    print_table(table)


def _line(found: Difference) -> str:
    return (
        f"outside: {found.cell}: {found.measure} on {found.test}: {found.again:.4f}, "
        f"reported {found.reported:.4f} ± {found.deviation:.4f}"
    )


def _summary(cells: Sequence[Reproduced], outside: Sequence[Difference]) -> str:
    records = sum(len(cell.seeds) for cell in cells)
    numbers = sum(len(cell.differences) for cell in cells)
    return (
        f"{records} records: {sum(cell.equal for cell in cells)} equal in every query; "
        f"{numbers - len(outside)} of {numbers} means within the reported deviation"
    )


def _not_compared(left_out: Mapping[Path, str]) -> str:
    return f"; {len(left_out)} not compared" if left_out else ""


def _values(
    cells: Sequence[Reproduced],
    outside: Sequence[Difference],
    left_out: Mapping[Path, str],
) -> dict[str, object]:
    return {
        "cells": [
            {
                "cell": cell.cell,
                "seeds": cell.seeds,
                "equal": cell.equal,
                "differences": [
                    {
                        "test": found.test,
                        "measure": found.measure,
                        "reported": found.reported,
                        "again": found.again,
                        "deviation": found.deviation,
                        "within": found.within,
                    }
                    for found in cell.differences
                ],
            }
            for cell in cells
        ],
        "outside": len(outside),
        "stale": len(left_out),
    }
