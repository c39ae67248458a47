"""``tasb study compare``: another run's records beside those reported."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.study.records import read_records
from tasb_pyserini.study.reproduced import Difference, Reproduced, reproduced
from tasb_pyserini.study.spec import Profile, Study


def compare(args: argparse.Namespace, study: Study, profile: Profile) -> int:
    """Print how far each cell of `args.other` is from the record; 1 if one is outside.

    Raises
    ------
    TasbError
        If the two folders have no record in common.
    """
    reported, _ = read_records(study, profile, args.results)
    again, _ = read_records(study, profile, args.other)
    cells = list(reproduced(study, reported, again))
    if not cells:
        raise TasbError(
            f"{args.other}: no record of profile {profile.name} that {args.results} "
            f"has too; expected what 'tasb study run {study.name} --profile "
            f"{profile.name} --results {args.other}' writes"
        )
    outside = [found for cell in cells for found in cell.outside]
    if args.json:
        print(json.dumps(_values(cells, outside), ensure_ascii=False))
    else:
        _print_table(cells, args.other)
        for found in outside:
            print(_line(found))
        print(_summary(cells, outside))
    return 1 if outside else 0


def _print_table(cells: Sequence[Reproduced], other: Path) -> None:
    title = f"{other} beside what is reported"
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    table.add_column("cell", overflow="fold")
    for name in ("seeds", "equal", "furthest", "deviation", "within"):
        table.add_column(name, justify="right", no_wrap=True)
    for cell in cells:
        furthest = max(cell.differences, key=lambda d: abs(d.again - d.reported))
        within = len(cell.differences) - len(cell.outside)
        table.add_row(
            cell.cell,
            str(len(cell.seeds)),
            str(cell.equal),
            f"{furthest.again - furthest.reported:+.4f}",
            f"{furthest.deviation:.4f}",
            f"{within} of {len(cell.differences)}",
        )
    Console().print(table)


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


def _values(
    cells: Sequence[Reproduced], outside: Sequence[Difference]
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
    }
