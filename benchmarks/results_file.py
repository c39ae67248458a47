"""The one form of results that all benchmarks write and docs/performance.md is of.

A file ``results/<name>.json``, with the name of the script that wrote it; figures of
another machine beside it are ``results/<name>-<what>.json``, such as ``-gpu``::

    {"name": …, "command": …, "date": …, "machine": {…}, "versions": {…},
     "settings": {…}, "rows": [{column: value}], "promises": [{"what": …,
     "promised": …, "measured": …, "met": …, "why": …}], "figures": [path in docs]}

Rows in a row with the same columns are one table. Columns name their unit; a value is a
text, a number, true or false, or null where it was not measured.
"""

import os
import platform
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any, TypedDict

from tasb_pyserini.formats.json_file import write_object
from tasb_pyserini.regressions.machine import memory_gib, processor

RESULTS = Path(__file__).parent / "results"
Value = str | int | float | bool | None


class Promise(TypedDict):
    """What is promised, and what was measured; both with their unit, to be read.

    `met` is None where it was not measured; `why` says what keeps a promise from being
    met, or why it was not measured.
    """

    what: str
    promised: str
    measured: str
    met: bool | None
    why: str


def at_least(
    what: str, least: float, measured: float | None, unit: str = "times", why: str = ""
) -> Promise:
    """Return a promise that a figure reaches a bound; `measured` None: not run.

    Examples
    --------
    >>> at_least("one query, exact", 3, 3.41)["measured"]
    '3.41 times'
    """
    met = None if measured is None else measured >= least
    return {
        "what": what,
        "promised": f"≥ {least:,} {unit}".rstrip(),
        "measured": _beside(measured, least, unit),
        "met": met,
        "why": why,
    }


def at_most(
    what: str, most: float, measured: float | None, unit: str = "", why: str = ""
) -> Promise:
    """Return a promise that a figure stays within a bound; `measured` None: not run.

    Examples
    --------
    >>> at_most("added to a start", 1, 1.23456, "ms")["met"]
    False
    """
    met = None if measured is None else measured <= most
    return {
        "what": what,
        "promised": f"≤ {most:,} {unit}".rstrip(),
        "measured": _beside(measured, most, unit),
        "met": met,
        "why": why,
    }


def write_results(
    name: str,
    rows: Sequence[Mapping[str, Value]],
    promises: Sequence[Promise],
    *,
    settings: Mapping[str, Any],
    libraries: Sequence[str],
    figures: Sequence[str] = (),
    path: Path | None = None,
) -> None:
    """Write the results of a benchmark.

    Parameters
    ----------
    name
        Of the script, without ``.py``.
    rows
        Column → value.
    promises
        From `at_least` and `at_most`.
    settings
        What it was measured on: sizes, rounds, threads.
    libraries
        Distributions whose versions count, such as ``torch``; Python's and ours are
        always there. Those not installed are left out.
    figures
        Pictures to show, by their path in ``docs``.
    path
        Where to; without it ``results/<name>.json``.
    """
    path = path or RESULTS / f"{name}.json"
    results = {
        "name": name,
        "command": command(),
        "date": date.today().isoformat(),
        "machine": machine(),
        "versions": versions(libraries),
        "settings": dict(settings),
        "rows": [dict(row) for row in rows],
        "promises": list(promises),
        "figures": list(figures),
    }
    write_object(path, results, ensure_ascii=False)


def print_promises(promises: Sequence[Promise]) -> None:
    """Print a line a promise."""
    words = {True: "", False: ", not met", None: ""}
    for one in promises:
        met = words[one["met"]]
        print(f"{one['what']}: {one['measured']} (promised: {one['promised']}{met})")


def flat_rows(figures: Mapping[str, Any], above: str = "") -> list[dict[str, Value]]:
    """Return nested figures as rows of a name and a value.

    Examples
    --------
    >>> flat_rows({"queries": 2, "memory": {"faster": 5.5}})[1]
    {'figure': 'memory: faster', 'value': 5.5}
    """
    rows: list[dict[str, Value]] = []
    for name, value in figures.items():
        if isinstance(value, Mapping):
            rows += flat_rows(value, f"{above}{name}: ")
        else:
            rows.append({"figure": f"{above}{name}", "value": value})
    return rows


def command() -> str:
    """Return the command that runs now; folders of this machine become ``DIR``."""
    # Encoders too: tasb:int8:/models/student.
    words = [shlex.quote(re.sub(r"(^|:)/.*", r"\1DIR", word)) for word in sys.argv[1:]]
    return " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *words])


def machine() -> dict[str, Value]:
    """Return what the figures depend on; a GPU where torch is imported and sees one."""
    about: dict[str, Value] = {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor() or None,
        "cpus": len(os.sched_getaffinity(0)),
        "memory_gib": memory_gib(),
    }
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        about["gpu"] = torch.cuda.get_device_name()
        about["gpus"] = torch.cuda.device_count()
    return about


def versions(libraries: Sequence[str]) -> dict[str, str]:
    """Return the versions of Python, of this project and of installed libraries."""
    found = {"python": platform.python_version()}
    for name in ("tasb-pyserini", *libraries):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _beside(measured: float | None, bound: float, unit: str) -> str:
    """Return a figure with three digits, more where it would round across the bound."""
    if measured is None:
        return "NOT RUN"
    for digits in range(3, 17):
        rounded = float(f"{measured:.{digits}g}")
        if (rounded < bound, rounded > bound) == (measured < bound, measured > bound):
            break
    shown = f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,}"
    return f"{shown} {unit}".rstrip()
