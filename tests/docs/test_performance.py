"""docs/performance.md is what benchmarks/report.py makes of the figures in the tree."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.docs.pages import ROOT

SCRIPT = '''"""Ours beside theirs.

Both read ``one`` file.
"""

parser.add_argument("--json")
'''
RESULTS: dict[str, Any] = {
    "name": "reading",
    "command": "python benchmarks/reading.py --rounds 3",
    "date": "2026-01-31",
    "machine": {"system": "Linux x86_64", "processor": "Some CPU", "cpus": 2},
    "versions": {"python": "3.11.7", "torch": "2.13.0"},
    "settings": {"rounds": 3},
    "rows": [
        {"way": "ours", "ms a query": 3.14159, "exact": True},
        {"way": "theirs | old", "ms a query": 1234.5, "exact": None},
        {"kind": "flat", "passages": 8_841_823},
    ],
    "promises": [
        {
            "what": "one query",
            "promised": "≥ 3 times",
            "measured": "3.4 times",
            "met": True,
            "why": "",
        },
        {
            "what": "a batch",
            "promised": "≥ 12 times",
            "measured": "9 times",
            "met": False,
            "why": "int8 needs AVX-512",
        },
        {
            "what": "on a GPU",
            "promised": "≥ 0.7",
            "measured": "NOT RUN",
            "met": None,
            "why": "",
        },
    ],
}


def report(output: Path, *arguments: str) -> str:
    words = [sys.executable, "benchmarks/report.py", "--output", str(output)]
    subprocess.run([*words, *arguments], cwd=ROOT, check=True)
    return output.read_text(encoding="utf-8")


def made_up(folder: Path, **results: Any) -> list[str]:
    (folder / "results").mkdir()
    (folder / "reading.py").write_text(SCRIPT)
    (folder / "helper.py").write_text('"""No benchmark."""\n')
    for name, values in results.items():
        path = folder / "results" / f"{name.replace('_', '-')}.json"
        path.write_text(json.dumps(values))
    return ["--benchmarks", str(folder), "--results", str(folder / "results")]


def test_page_is_that_of_the_figures_in_the_tree(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert page == report(tmp_path / "page.md"), "run `python benchmarks/report.py`"


def test_figures_promises_and_where_they_are_from(tmp_path: Path) -> None:
    page = report(tmp_path / "page.md", *made_up(tmp_path, reading=RESULTS))
    assert "\n- [Ours beside theirs](#ours-beside-theirs)\n" in page
    assert "\n## Ours beside theirs\n" in page
    assert "Both read `one` file." in page
    assert "`python benchmarks/reading.py --rounds 3`" in page
    assert (
        "2026-01-31; Linux x86_64, Some CPU, cpus 2; python 3.11.7, torch 2.13.0.\n"
        "Settings: rounds 3.\n"
    ) in page
    assert (
        "| what | promised | measured |  | why |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| one query | ≥ 3 times | 3.4 times | met |  |\n"
        "| a batch | ≥ 12 times | 9 times | **not met** | int8 needs AVX-512 |\n"
        "| on a GPU | ≥ 0.7 | NOT RUN | NOT RUN |  |\n"
    ) in page
    assert (
        "| way | ms a query | exact |\n"
        "| --- | ---: | --- |\n"
        "| ours | 3.14 | yes |\n"
        "| theirs \\| old | 1,234 | NOT RUN |\n"
        "\n"
        "| kind | passages |\n"
        "| --- | ---: |\n"
        "| flat | 8,841,823 |\n"
    ) in page


def test_what_is_not_met_is_said_at_the_top(tmp_path: Path) -> None:
    page = report(tmp_path / "page.md", *made_up(tmp_path, reading=RESULTS))
    head, _, _ = page.partition("## ")
    assert "Promises: 1 met, 1 not met, 1 NOT RUN." in head
    assert "| reading | a batch | ≥ 12 times | 9 times | int8 needs AVX-512 |" in head
    assert "one query" not in head


def test_benchmark_without_figures_is_not_run(tmp_path: Path) -> None:
    page = report(tmp_path / "page.md", *made_up(tmp_path))
    assert page.endswith("Both read `one` file.\n\nNOT RUN.\n")
    head, _, _ = page.partition("## ")
    assert "Whole benchmarks NOT RUN: reading." in head
    assert "No benchmark" not in page


def test_figures_of_another_machine_come_second(tmp_path: Path) -> None:
    gpu = RESULTS | {"machine": {"gpu": "Some GPU"}}
    arguments = made_up(tmp_path, reading_gpu=gpu, reading=RESULTS)
    page = report(tmp_path / "page.md", *arguments)
    assert 0 < page.index("Some CPU") < page.index("Some GPU")
