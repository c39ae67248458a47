"""The rows measured so far: kept in a file, merged, shown as a table."""

import json
import sys
from pathlib import Path
from typing import Any

from msmarco_stages.plan import STAGES

NOT_RUN, ON_CPU, ON_ONE = "NOT RUN", "CPU only", "uses one"
DEVICES = {0: "cpu", 1: "1 GPU", 8: "8 GPUs"}
Row = dict[str, Any]


def read(path: Path, model: Row) -> Row:
    """Return the report so far, an empty one where there is none."""
    if not path.is_file():
        return {"data": "made-up", "model": model, "rows": []}
    report: Row = json.loads(path.read_text(encoding="utf-8"))
    if report["model"] != model:
        raise SystemExit(
            f"msmarco_costs: {path}: figures of {report['model']}, not of {model}; "
            "expected the same model, or another --json"
        )
    return report


def write(path: Path, report: Row) -> None:
    """Write the report; a file that was there stays whole until then."""
    report["scaled_seconds"] = by_device(report["rows"])
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}")
    temporary.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)


def common_form(report: Row) -> Row:
    """Return a report in the form that docs/performance.md is made from."""
    names = ["all of it", "measured", "CPU", "CPU, scaled", "memory", "disk, scaled"]
    names += ["FLOP", "1 GPU, scaled", "8 GPUs, scaled"]
    rows, last = report["rows"], max(report["rows"], key=lambda row: row["date"])
    table = []
    for stage, devices in by_device(rows).items():
        some = {row["gpus"]: row for row in rows if row["stage"] == stage}
        table.append(
            {"stage": stage, **dict(zip(names, cells(some, devices), strict=True))}
        )
    return {
        "name": "msmarco_costs",
        "command": "python benchmarks/msmarco_costs.py --scratch DIR",
        "date": last["date"],
        "machine": {"cpus": last["cpus"], "gpu": last["card"]},
        "versions": last["versions"],
        "settings": {"data": report["data"], **report["model"]},
        "rows": table,
        "promises": [],
    }


def merge(old: list[Row], new: list[Row], stage: str) -> list[Row]:
    """Return the rows with new ones in the place of those of the same kind."""
    new = [{"name": stage, **row} for row in new]
    kinds = {(row["stage"], row["gpus"]) for row in new}
    rows = [row for row in old if (row["stage"], row["gpus"]) not in kinds] + new
    order = list(STAGES)
    return sorted(rows, key=lambda row: order.index(row["name"]))


def by_device(rows: list[Row]) -> dict[str, dict[str, Any]]:
    """Return each stage's scaled seconds on each kind of device, or why not."""
    table: dict[str, dict[str, Any]] = {}
    for row in rows:
        most = STAGES[row["name"]].most_gpus
        stage = table.setdefault(row["stage"], {"cpu": NOT_RUN})
        for gpus, device in ((1, "1 GPU"), (8, "8 GPUs")):
            absent = NOT_RUN if most >= gpus else ON_ONE if most else ON_CPU
            stage.setdefault(device, absent)
        if row["scaled_seconds"] is not None:
            stage[DEVICES[row["gpus"]]] = row["scaled_seconds"]
    return table


def print_table(rows: list[Row]) -> None:
    """Print a row a stage."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title="MS MARCO, on made-up data", title_justify="left")
    for name in ("stage", "all of it", "measured"):
        table.add_column(name)
    for name in ("CPU", "CPU, scaled", "memory", "disk, scaled", "FLOP"):
        table.add_column(name, justify="right")
    for name in ("1 GPU", "8 GPUs"):
        table.add_column(f"{name}, scaled", justify="right")
    for stage, devices in by_device(rows).items():
        some = {row["gpus"]: row for row in rows if row["stage"] == stage}
        table.add_row(stage, *cells(some, devices))
    Console(width=None if sys.stdout.isatty() else 170).print(table)
    for row in rows:
        if row["note"]:
            print(f"{row['stage']}, {DEVICES[row['gpus']]}: {row['note']}.")


def cells(rows: dict[int, Row], scaled: Row) -> list[str]:
    """Return the cells of a stage from its rows by number of GPUs."""
    row = rows[min(rows)]
    memory = size(row["peak_mb"])
    if row["scaled_peak_mb"] is not None:
        memory = f"{size(row['scaled_peak_mb'])}, scaled"
    disk, flop = row["scaled_disk_bytes"], row["flop"]
    return [
        row["full"],
        " / ".join(rows[gpus]["measured"] for gpus in sorted(rows)),
        duration(rows[0]["seconds"] if 0 in rows else None),
        duration(scaled["cpu"]),
        memory,
        size(disk, 1),
        "" if flop is None else f"{flop:.1e}",
        duration(scaled["1 GPU"]),
        duration(scaled["8 GPUs"]),
    ]


def duration(seconds: float | str | None) -> str:
    """Return seconds in a unit that suits them; words as they are."""
    if seconds is None or isinstance(seconds, str):
        return seconds or NOT_RUN
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.1f} {unit}"
    return f"{seconds:.2f} s"


def size(amount: float | None, unit: float = 2**20) -> str:
    """Return an amount of so many bytes each in MB or GB, of 10^6 and 10^9 bytes."""
    if amount is None:
        return ""
    millions = amount * unit / 1e6
    return f"{millions / 1e3:,.1f} GB" if millions >= 1e3 else f"{millions:,.1f} MB"
