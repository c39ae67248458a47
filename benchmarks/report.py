"""Write docs/performance.md from what the benchmarks wrote.

Text from each benchmark's own words at its head, figures from ``results/<name>.json``
and ``results/<name>-*.json``; a benchmark without one is NOT RUN.
"""

import argparse
import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from msmarco_stages.report import common_form

from tasb_pyserini.formats.replace import replace_file

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "performance.md"
NOT_RUN = "NOT RUN"
INTRODUCTION = """\
# Performance

Made by `python benchmarks/report.py` from `benchmarks/results/*.json`; `make bench`
runs all benchmarks, then this. Ours and what it is compared with run by turns on one
machine. A promise that is not met says so, and what was not measured says NOT RUN.
"""
MET = {True: "met", False: "**not met**", None: NOT_RUN}
Results = dict[str, Any]


def performance_page(folder: Path, written: Path) -> str:
    """Return the page of a folder of benchmarks and a folder of what they wrote."""
    scripts = [
        path
        for path in sorted(folder.glob("*.py"))
        if path.stem != "report" and is_benchmark(path)
    ]
    found = {path: list(read_results(written, path.stem)) for path in scripts}
    every = [results for several in found.values() for results in several]
    missing = [path.stem for path, several in found.items() if not several]
    parts = [INTRODUCTION, summary(every, missing), contents(scripts)]
    for path, several in found.items():
        parts.append(about(path))
        parts += [section(results) for results in several] or [f"{NOT_RUN}.\n"]
    return "\n".join(parts)


def is_benchmark(path: Path) -> bool:
    """Tell whether a script measures something and writes it."""
    return '"--json"' in path.read_text(encoding="utf-8")


def read_results(folder: Path, name: str) -> Iterator[Results]:
    """Yield what a benchmark wrote, here first, then on other machines."""
    for path in (folder / f"{name}.json", *sorted(folder.glob(f"{name}-*.json"))):
        if path.is_file():
            results: Results = json.loads(path.read_text(encoding="utf-8"))
            yield common_form(results) if name == "msmarco_costs" else results


def about(path: Path) -> str:
    """Return a benchmark's words at its head, as Markdown."""
    title, text = words(path)
    head = f"## {title}\n\n`benchmarks/{path.name}`\n"
    return f"{head}\n{text}\n" if text else head


def words(path: Path) -> tuple[str, str]:
    """Return a benchmark's title and what it says beneath, as Markdown."""
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stem
    title, _, text = said.replace("``", "`").partition("\n")
    return title.rstrip("."), text.strip()


def contents(scripts: Sequence[Path]) -> str:
    """Return a list of the benchmarks, each with a link to its section."""
    titles = [words(path)[0] for path in scripts]
    return "".join(f"- [{title}](#{anchor(title)})\n" for title in titles)


def anchor(title: str) -> str:
    """Return what GitHub makes of a heading.

    Examples
    --------
    >>> anchor("Memory of `tasb encode`, on two (sizes)")
    'memory-of-tasb-encode-on-two-sizes'
    """
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def summary(every: Sequence[Results], missing: Sequence[str]) -> str:
    """Return how many promises are met, which are not, and what was not run at all."""
    promises = [(results, one) for results in every for one in results["promises"]]
    counts = {
        word: sum(one["met"] is met for _, one in promises)
        for met, word in ((True, "met"), (False, "not met"), (None, NOT_RUN))
    }
    lines = [f"Promises: {', '.join(f'{n} {word}' for word, n in counts.items())}."]
    if missing:
        lines += ["", f"Whole benchmarks {NOT_RUN}: {', '.join(missing)}."]
    failed = [
        {"benchmark": results["name"], **one}
        for results, one in promises
        if one["met"] is False
    ]
    if failed:
        columns = ("benchmark", "what", "promised", "measured", "why")
        rows = [{name: one[name] for name in columns} for one in failed]
        lines += ["", "Not met:", "", table(rows).rstrip()]
    return "\n".join(lines) + "\n"


def section(results: Results) -> str:
    """Return where figures are from, the promises, and the figures."""
    lines = [f"`{results['command']}`", ""]
    origin = [results["date"], *described(results["machine"])]
    origin += described(results["versions"])
    lines.append("; ".join(origin) + ".")
    if results["settings"]:
        settings = (f"{spaced(k)} {cell(v)}" for k, v in results["settings"].items())
        lines.append(f"Settings: {', '.join(settings)}.")
    blocks = ["\n".join(lines) + "\n"]
    if results["promises"]:
        blocks.append(table([promised(one) for one in results["promises"]]))
    for _, rows in groupby(results["rows"], key=tuple):
        blocks.append(table(list(rows)))
    blocks += [f"![{results['name']}]({path})\n" for path in results.get("figures", [])]
    return "\n".join(blocks)


def promised(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of a table of promises."""
    names = ("what", "promised", "measured")
    row = {name: one[name] for name in names}
    return row | {"": MET[one["met"]], "why": one["why"]}


def described(about: Mapping[str, Any]) -> list[str]:
    """Return a machine's parts or libraries' versions in one text; none if none."""
    named = ("system", "processor", "gpu")
    shown = [
        f"{value}" if key in named else f"{spaced(key)} {value}"
        for key, value in about.items()
        if value is not None
    ]
    return [", ".join(shown)] if shown else []


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows with the same columns as Markdown; columns without values go."""
    columns = [
        name for name in rows[0] if any(row[name] not in ("", None) for row in rows)
    ]
    numbers = {
        name: not any(isinstance(row[name], str | bool) for row in rows)
        for name in columns
    }
    rule = ["---:" if numbers[name] else "---" for name in columns]
    lines = [map(spaced, columns), rule]
    lines += [
        [cell(spaced(row[name]) if name == "figure" else row[name]) for name in columns]
        for row in rows
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def cell(value: Any) -> str:
    """Return a value for people: three digits that count, thousands apart.

    Examples
    --------
    >>> cell(1234.5), cell(0.98765), cell(8_841_823), cell(None)
    ('1,234', '0.988', '8,841,823', 'NOT RUN')
    """
    if value is None:
        return NOT_RUN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{spaced(k)} {cell(v)}" for k, v in value.items())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(map(cell, value))
    return re.sub(r"\s+", " ", f"{value}").replace("|", "\\|")


def spaced(name: str) -> str:
    """Return a key of JSON as words."""
    return name.replace("_", " ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--benchmarks", type=Path, default=HERE, help="their folder")
    parser.add_argument("--results", type=Path, default=HERE / "results")
    parser.add_argument("--output", type=Path, default=PAGE, help="the page")
    args = parser.parse_args()
    with replace_file(args.output) as page:
        page.write(performance_page(args.benchmarks, args.results))


if __name__ == "__main__":
    main()
